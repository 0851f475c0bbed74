/** All clients in one table, narrowed and sorted in the browser, so that it answers at once. */

import type { SortingState } from '@tanstack/react-table';
import { Download, Tag } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { ClientRow } from '../../vault/api/schemas/clients.ts';
import { capability as capabilities } from '../../vault/api/schemas/common.ts';
import { addressOf } from '../api.ts';
import { useVault } from '../hooks/queries.ts';
import { useMay } from '../hooks/session.tsx';
import { useSay } from '../hooks/settings.ts';
import { useNow } from '../hooks/use-now.ts';
import { DataTable } from '../ui/data-table.tsx';
import { SelectField, TextField } from '../ui/fields.tsx';
import { useFormat } from '../ui/format.ts';
import { PageHead } from '../ui/parts.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { capabilityName, versionName } from '../ui/words.tsx';
import { clientColumns } from './clients/columns.tsx';
import { type Filter, filterFrom, narrow, queryOf } from './clients/filter.ts';
import { TagDialog } from './clients/tag-dialog.tsx';

const silences = [1, 7, 30, 90];
const none: readonly never[] = [];
const idOf = ({ id }: ClientRow): string => id;
const nameOf = ({ name }: ClientRow): string => name;

export function Clients() {
  const say = useSay();
  const format = useFormat();
  const may = useMay();
  const nowMs = useNow();
  const [params, setParams] = useSearchParams();
  const filter = useMemo(() => filterFrom(params), [params]);
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const [isTagging, setTagging] = useState(false);
  const sorting = useMemo(() => sortingFrom(params), [params]);
  const query = useVault(
    'listClients',
    { query: { class: filter.class } },
    { keepsPrevious: true },
  );
  const rows = query.data?.rows ?? (none as readonly ClientRow[]);
  const deferred = useDeferredValue(filter);
  // Only who is silent depends on the time: else every tick would sort all rows again.
  const atMs = deferred.silent === '' ? 0 : nowMs;
  const shown = useMemo(() => narrow(rows, deferred, atMs), [rows, deferred, atMs]);
  const columns = useMemo(() => clientColumns(say, format), [say, format]);
  const chosen = useMemo(() => shown.filter(({ id }) => selection.has(id)), [shown, selection]);

  const change = (part: Partial<Filter> | { sort: string; order: string }): void => {
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(part)) {
          if (value === '' || (name === 'class' && value === 'client')) next.delete(name);
          else next.set(name, value);
        }
        return next;
      },
      { replace: true, preventScrollReset: true },
    );
  };

  return (
    <div className="page">
      <PageHead
        title={say('nav.clients')}
        lead={
          query.data !== undefined &&
          say('clients.lead', { shown: shown.length, count: query.data.rows.length })
        }
      >
        {may('operator') && (
          <button
            type="button"
            className="button"
            disabled={chosen.length === 0}
            onClick={() => setTagging(true)}
          >
            <Tag size={15} aria-hidden />
            {say('clients.tag', { count: chosen.length })}
          </button>
        )}
        <a
          className="button"
          href={addressOf('exportClients', { query: queryOf(filter) })}
          download="clients.csv"
        >
          <Download size={15} aria-hidden />
          {say('clients.csv')}
        </a>
      </PageHead>
      <FilterForm
        filter={filter}
        rows={rows}
        tags={query.data?.tags.map(({ tag }) => tag) ?? none}
        onChange={change}
      />
      <Loaded query={query} lines={12}>
        {() =>
          shown.length === 0 ? (
            <Empty title={say('clients.none')}>
              <p>{say(rows.length === 0 ? 'clients.noneYet' : 'clients.noneFit')}</p>
              {rows.length > 0 && (
                <button type="button" className="button" onClick={() => setParams({})}>
                  {say('clients.clear')}
                </button>
              )}
            </Empty>
          ) : (
            <DataTable
              label={say('nav.clients')}
              rows={shown}
              columns={columns}
              rowId={idOf}
              rowName={nameOf}
              sorting={sorting}
              onSortingChange={([first]) => {
                if (first !== undefined) {
                  change({ sort: first.id, order: first.desc ? 'desc' : 'asc' });
                }
              }}
              {...(may('operator') ? { selection, onSelectionChange: setSelection } : {})}
            />
          )
        }
      </Loaded>
      {isTagging && (
        <TagDialog
          rows={chosen}
          tags={query.data?.tags.map(({ tag }) => tag) ?? none}
          onClose={() => setTagging(false)}
        />
      )}
    </div>
  );
}

function FilterForm({
  filter,
  rows,
  tags,
  onChange,
}: {
  readonly filter: Filter;
  readonly rows: readonly ClientRow[];
  readonly tags: readonly string[];
  readonly onChange: (part: Partial<Filter>) => void;
}) {
  const say = useSay();
  const versions = useMemo(
    () => [...new Set(rows.flatMap(({ lastVersion }) => lastVersion ?? []))].sort(),
    [rows],
  );
  const any = { value: '', label: say('common.all') };
  const set =
    (name: keyof Filter) =>
    (event: { readonly target: { readonly value: string } }): void =>
      onChange({ [name]: event.target.value });
  return (
    <search className="filters">
      <TextField
        label={say('clients.search')}
        type="search"
        value={filter.search}
        onChange={set('search')}
        maxLength={200}
      />
      <SelectField
        label={say('client.readiness')}
        value={filter.readiness}
        onChange={set('readiness')}
        options={[
          any,
          ...(['ready', 'not-ready', 'unknown'] as const).map((value) => ({
            value,
            label: say(`readiness.${value}`),
          })),
        ]}
      />
      <SelectField
        label={say('client.version')}
        value={filter.version}
        onChange={set('version')}
        options={[any, ...versions.map((value) => ({ value, label: versionName(value) }))]}
      />
      <SelectField
        label={say('client.lacking')}
        value={filter.lacking}
        onChange={set('lacking')}
        options={[
          any,
          ...capabilities.options.map((value) => ({ value, label: capabilityName(say, value) })),
        ]}
      />
      <SelectField
        label={say('clients.tagFilter')}
        value={filter.tag}
        onChange={set('tag')}
        options={[any, ...tags.map((value) => ({ value, label: value }))]}
      />
      <SelectField
        label={say('clients.silence')}
        value={filter.silent}
        onChange={set('silent')}
        options={[
          any,
          ...silences.map((days) => ({
            value: String(days),
            label: say('clients.silentFor', { count: days }),
          })),
        ]}
      />
      <SelectField
        label={say('clients.class')}
        value={filter.class}
        onChange={set('class')}
        options={(['client', 'visitor', 'scanner', 'all'] as const).map((value) => ({
          value,
          label: say(`class.${value}`),
        }))}
      />
    </search>
  );
}

function sortingFrom(params: URLSearchParams): SortingState {
  const id = params.get('sort') ?? 'name';
  return [{ id, desc: params.get('order') === 'desc' }];
}
