/**
 * A table for many rows: sorted and selected by TanStack Table, and only the rows in sight are in the
 * document, so that ten thousand scroll as twenty do.
 */

import {
  type CellData,
  type ColumnDef,
  createSortedRowModel,
  type RowData,
  rowSelectionFeature,
  rowSortingFeature,
  type SortingState,
  sortFn_basic,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { memo, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { useSay } from '../hooks/settings.ts';

const features = tableFeatures({
  rowSortingFeature,
  rowSelectionFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { basic: sortFn_basic },
});

export interface DataColumn<T> {
  readonly id: string;
  readonly title: string;
  /** What is compared when the column sorts; missing values stand last. */
  readonly value: (row: T) => string | number | undefined;
  readonly cell: (row: T) => ReactNode;
  readonly widthPx: number;
  /** Left out where there is less room than this; 0 for columns that are always there. */
  readonly fromPx?: 600 | 900 | 1200 | 1600;
  readonly isNumber?: boolean;
  /** The first click sorts downwards: ages, counts. */
  readonly descendsFirst?: boolean;
}

const rowHeightPx = 40;

export function DataTable<T extends RowData>({
  label,
  rows,
  columns,
  rowId,
  sorting,
  onSortingChange,
  selection,
  onSelectionChange,
  rowName,
}: {
  readonly label: string;
  readonly rows: readonly T[];
  readonly columns: readonly DataColumn<T>[];
  readonly rowId: (row: T) => string;
  readonly rowName: (row: T) => string;
  readonly sorting: SortingState;
  readonly onSortingChange: (sorting: SortingState) => void;
  /** Ids of the selected rows; left out where rows cannot be selected. */
  readonly selection?: ReadonlySet<string> | undefined;
  readonly onSelectionChange?: (selection: ReadonlySet<string>) => void;
}) {
  const say = useSay();
  const scroller = useRef<HTMLDivElement>(null);
  const defs = useDefs(columns);
  const table = useTable({
    features,
    columns: defs,
    data: rows as T[],
    getRowId: rowId,
    state: { sorting },
    onSortingChange: (update) =>
      onSortingChange(typeof update === 'function' ? update(sorting) : update),
    enableSortingRemoval: false,
  });
  const latest = useRef({ selection, onSelectionChange });
  useEffect(() => {
    latest.current = { selection, onSelectionChange };
  });
  const toggle = useCallback((id: string): void => {
    const next = new Set(latest.current.selection);
    if (!next.delete(id)) next.add(id);
    latest.current.onSelectionChange?.(next);
  }, []);
  const sorted = table.getRowModel().rows;
  const virtualizer = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeightPx,
    overscan: 8,
  });
  const shown = virtualizer.getVirtualItems();
  const before = shown[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (shown.at(-1)?.end ?? 0);
  const isAll = rows.length > 0 && rows.every((row) => selection?.has(rowId(row)) === true);
  const width = columns.length + (selection === undefined ? 0 : 1);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="data-table" ref={scroller} tabIndex={0} aria-label={label}>
      <table aria-rowcount={rows.length + 1}>
        <caption className="only-read">{label}</caption>
        <colgroup>
          {selection !== undefined && <col style={{ width: '38px' }} />}
          {columns.map(({ id, widthPx, fromPx }) => (
            <col key={id} className={fromClass(fromPx)} style={{ width: `${widthPx}px` }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {selection !== undefined && (
              <th scope="col">
                <input
                  type="checkbox"
                  aria-label={say('table.selectAll')}
                  checked={isAll}
                  onChange={() => onSelectionChange?.(new Set(isAll ? [] : rows.map(rowId)))}
                />
              </th>
            )}
            {columns.map((column) => (
              <SortHeader
                key={column.id}
                column={column}
                direction={directionOf(sorting, column.id)}
                onSort={() => {
                  const now = directionOf(sorting, column.id);
                  const isFirst = now === undefined;
                  onSortingChange([
                    {
                      id: column.id,
                      desc: isFirst ? column.descendsFirst === true : now === 'ascending',
                    },
                  ]);
                }}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && (
            <tr aria-hidden>
              <td colSpan={width} style={{ height: `${before}px` }} />
            </tr>
          )}
          {shown.map(({ index }) => {
            const row = sorted[index];
            if (row === undefined) return null;
            return (
              <BodyRow
                key={row.id}
                id={row.id}
                index={index}
                row={row.original}
                columns={columns}
                name={rowName(row.original)}
                isSelected={selection?.has(row.id)}
                onToggle={toggle}
              />
            );
          })}
          {after > 0 && (
            <tr aria-hidden>
              <td colSpan={width} style={{ height: `${after}px` }} />
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}

interface BodyRowProps<T> {
  readonly id: string;
  readonly index: number;
  readonly row: T;
  readonly columns: readonly DataColumn<T>[];
  readonly name: string;
  /** Undefined where rows cannot be selected. */
  readonly isSelected: boolean | undefined;
  readonly onToggle: (id: string) => void;
}

/** Scrolling draws the rows that come into sight, and those that stay not again. */
const BodyRow = memo(function BodyRow<T>(props: BodyRowProps<T>) {
  const { id, index, row, columns, name, isSelected, onToggle } = props;
  const say = useSay();
  return (
    <tr aria-rowindex={index + 2} data-selected={isSelected === true}>
      {isSelected !== undefined && (
        <td>
          <input
            type="checkbox"
            aria-label={say('table.select', { name })}
            checked={isSelected}
            onChange={() => onToggle(id)}
          />
        </td>
      )}
      {columns.map(({ id: column, cell, isNumber, fromPx }) => (
        <td key={column} className={`${isNumber ? 'number ' : ''}${fromClass(fromPx)}`}>
          {cell(row)}
        </td>
      ))}
    </tr>
  );
  // memo() forgets that the component is generic.
}) as <T>(props: BodyRowProps<T>) => ReactNode;

function SortHeader<T>({
  column,
  direction,
  onSort,
}: {
  readonly column: DataColumn<T>;
  readonly direction: 'ascending' | 'descending' | undefined;
  readonly onSort: () => void;
}) {
  const { title, isNumber, fromPx } = column;
  const Icon = direction === 'descending' ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={direction ?? 'none'}
      className={`${isNumber ? 'number ' : ''}${fromClass(fromPx)}`}
    >
      <button type="button" onClick={onSort}>
        {title}
        {direction !== undefined && <Icon size={13} aria-hidden />}
      </button>
    </th>
  );
}

function useDefs<T extends RowData>(columns: readonly DataColumn<T>[]) {
  // The value functions are all that sorting needs; cells are drawn from the columns themselves.
  const [cache] = useState(() => new WeakMap<object, ColumnDef<typeof features, T, CellData>[]>());
  let defs = cache.get(columns);
  if (defs === undefined) {
    defs = columns.map(({ id, value }) => ({
      id,
      accessorFn: (row: T) => value(row) as CellData,
      sortFn: 'basic' as const,
      sortUndefined: 'last' as const,
    }));
    cache.set(columns, defs);
  }
  return defs;
}

function directionOf(sorting: SortingState, id: string): 'ascending' | 'descending' | undefined {
  const found = sorting.find((entry) => entry.id === id);
  if (found === undefined) return undefined;
  return found.desc ? 'descending' : 'ascending';
}

function fromClass(fromPx: number | undefined): string {
  return fromPx === undefined ? '' : `from-${fromPx}`;
}
