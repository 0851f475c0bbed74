/**
 * A table for many rows: sorted and selected by TanStack Table, and only the rows in sight are in the
 * document, so that ten thousand scroll as twenty do.
 *
 * Roles, not the elements of a table: with those, even as blocks and grids, the longest frame of a fast
 * scroll takes twice as long in Chromium (test/console/speed.test.ts: 120 to 160 ms instead of 56 to 78).
 */

// biome-ignore-all lint/a11y/useSemanticElements: the elements of a table take twice the time of a frame, see above
// biome-ignore-all lint/a11y/useFocusableInteractive: what can be used has the focus, not the cell around it

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
  type CSSProperties,
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
  /** Left out where the table has less room than this. */
  readonly fromPx?: Exclude<(typeof roomsPx)[number], 0>;
  readonly isNumber?: boolean;
  /** Its text may be wider than any column and is cut; each cell that cuts costs time in every frame. */
  readonly isCut?: boolean;
  /** The first click sorts downwards: ages, counts. */
  readonly descendsFirst?: boolean;
}

/** Widths of the table from which on it has more columns; parts.css asks for the same. */
const roomsPx = [0, 695, 935, 1265, 1615] as const;
const rowHeightPx = 40;
const checkboxPx = 38;
/** Rows beyond each edge that are there already. */
const overscan = 4;

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
  const isSelectable = selection !== undefined;
  const tracks = useMemo(() => tracksOf(columns, isSelectable), [columns, isSelectable]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="data-table" ref={setScroller} tabIndex={0} aria-label={label}>
      <div role="table" aria-label={label} aria-rowcount={rows.length + 1} style={tracks}>
        <div role="rowgroup" className="head">
          <div role="row" aria-rowindex={1}>
            {isSelectable && (
              <div role="columnheader">
                <input
                  type="checkbox"
                  aria-label={say('table.selectAll')}
                  checked={isAll}
                  onChange={() => onSelectionChange?.(new Set(isAll ? [] : rows.map(rowId)))}
                />
              </div>
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
          </div>
        </div>
        <Body
          scroller={scroller}
          rows={sorted}
          columns={columns}
          rowName={rowName}
          selection={selection}
          onToggle={toggle}
        />
      </div>
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
  const slots = Math.ceil((virtualizer.scrollRect?.height ?? 0) / rowHeightPx) + 2 * overscan + 2;
  return (
    <div role="rowgroup" style={{ height: virtualizer.getTotalSize() }}>
      {shown.map(({ index, start }) => {
        const row = rows[index];
        if (row === undefined) return null;
        return (
          <BodyRow
            // A row that leaves at one end is used again at the other: filling one is half the work of
            // making one, and a fast scroll replaces all of them in a frame.
            key={index % slots}
            id={row.id}
            index={index}
            topPx={start}
            row={row.original}
            columns={columns}
            name={rowName(row.original)}
            isSelected={selection?.has(row.id)}
            onToggle={onToggle}
          />
        );
      })}
    </div>
  );
}

interface BodyRowProps<T> {
  readonly id: string;
  readonly index: number;
  readonly topPx: number;
  readonly row: T;
  readonly columns: readonly DataColumn<T>[];
  readonly name: string;
  /** Undefined where rows cannot be selected. */
  readonly isSelected: boolean | undefined;
  readonly onToggle: (id: string) => void;
}

/** Scrolling draws the rows that come into sight, and those that stay not again. */
const BodyRow = memo(function BodyRow<T>(props: BodyRowProps<T>) {
  const { id, index, topPx, row, columns, name, isSelected, onToggle } = props;
  const say = useSay();
  const element = useRef<HTMLDivElement>(null);
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
    <div
      role="row"
      ref={element}
      aria-rowindex={index + 2}
      data-selected={isSelected === true}
      style={{ transform: `translateY(${topPx}px)` }}
    >
      {isSelected !== undefined && (
        <div role="cell">
          <input
            type="checkbox"
            aria-label={say('table.select', { name })}
            checked={isSelected}
            onChange={() => onToggle(id)}
          />
        </div>
      )}
      {columns.map((column) => (
        <div role="cell" key={column.id} className={classOf(column)}>
          {column.cell(row)}
        </div>
      ))}
    </div>
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
  const Icon = direction === 'descending' ? ArrowDown : ArrowUp;
  return (
    <div role="columnheader" aria-sort={direction ?? 'none'} className={classOf(column)}>
      <button type="button" onClick={onSort}>
        {column.title}
        {direction !== undefined && <Icon size={13} aria-hidden />}
      </button>
    </div>
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

/**
 * The tracks of all rows, for each width of the table that shows other columns. As columns of a grid that
 * no content widens, they let the browser lay out each row alone; in a table it would lay out all of them.
 */
function tracksOf<T>(columns: readonly DataColumn<T>[], isSelectable: boolean): CSSProperties {
  const properties = roomsPx.flatMap((roomPx) => {
    const shown = columns.filter(({ fromPx = 0 }) => fromPx <= roomPx);
    const first = isSelectable ? [`${checkboxPx}px`] : [];
    const tracks = shown.map(({ widthPx }) => `minmax(${widthPx}px, ${widthPx}fr)`);
    const widthPx = shown.reduce((sum, column) => sum + column.widthPx, first.length * checkboxPx);
    return [
      [`--columns-${roomPx}`, [...first, ...tracks].join(' ')],
      [`--width-${roomPx}`, `${widthPx}px`],
    ];
  });
  return Object.fromEntries(properties) as CSSProperties;
}

function classOf<T>({ fromPx, isNumber, isCut }: DataColumn<T>): string {
  const names = [isNumber && 'number', isCut && 'cut', fromPx !== undefined && `from-${fromPx}`];
  return names.filter(Boolean).join(' ');
}
