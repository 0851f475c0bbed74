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
import {
  memo,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
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
/** Rows beyond each edge that are there already. */
const overscan = 6;

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
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
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
  const isAll = useMemo(
    () => rows.length > 0 && rows.every((row) => selection?.has(rowId(row)) === true),
    [rows, rowId, selection],
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="data-table" ref={setScroller} tabIndex={0} aria-label={label}>
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
        <Body
          scroller={scroller}
          rows={sorted}
          columns={columns}
          rowName={rowName}
          selection={selection}
          onToggle={toggle}
        />
      </table>
    </section>
  );
}

/** Rows that the table has sorted; `original` is what they are about. */
interface SortedRow<T> {
  readonly id: string;
  readonly original: T;
}

/** Apart from the head, so that scrolling draws nothing else. */
function Body<T>({
  scroller,
  rows,
  columns,
  rowName,
  selection,
  onToggle,
}: {
  /** Null until it is there. */
  readonly scroller: HTMLElement | null;
  readonly rows: readonly SortedRow<T>[];
  readonly columns: readonly DataColumn<T>[];
  readonly rowName: (row: T) => string;
  readonly selection: ReadonlySet<string> | undefined;
  readonly onToggle: (id: string) => void;
}) {
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller,
    estimateSize: () => rowHeightPx,
    overscan,
  });
  const shown = virtualizer.getVirtualItems();
  const before = shown[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (shown.at(-1)?.end ?? 0);
  const width = columns.length + (selection === undefined ? 0 : 1);
  const slots = Math.ceil((virtualizer.scrollRect?.height ?? 0) / rowHeightPx) + 2 * overscan + 2;
  return (
    <tbody>
      <Spacer height={before} width={width} />
      {shown.map(({ index }) => {
        const row = rows[index];
        if (row === undefined) return null;
        return (
          <BodyRow
            // A row that leaves at one end is used again at the other: filling one is half the work of
            // making one, and a fast scroll replaces all of them in a frame.
            key={index % slots}
            id={row.id}
            index={index}
            row={row.original}
            columns={columns}
            name={rowName(row.original)}
            isSelected={selection?.has(row.id)}
            onToggle={onToggle}
          />
        );
      })}
      <Spacer height={after} width={width} />
    </tbody>
  );
}

/** Stands for the rows out of sight, at each end; always there, so that the rows between keep their place. */
function Spacer({ height, width }: { readonly height: number; readonly width: number }) {
  return (
    <tr aria-hidden hidden={height === 0}>
      <td colSpan={width} style={{ height: `${height}px` }} />
    </tr>
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
  const element = useRef<HTMLTableRowElement>(null);
  const shownId = useRef(id);
  useLayoutEffect(() => {
    if (shownId.current === id) return;
    shownId.current = id;
    // The focus was in a row that has gone out of sight: it stays in the table, not in another row.
    if (element.current?.contains(document.activeElement)) {
      element.current.closest('section')?.focus({ preventScroll: true });
    }
  }, [id]);
  return (
    <tr ref={element} aria-rowindex={index + 2} data-selected={isSelected === true}>
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
