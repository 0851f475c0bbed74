/** What a list of clients is narrowed by; it stands in the address of the page, so that it can be sent. */

import type { ClientFilter, ClientRow } from '../../../vault/api/schemas/clients.ts';

export interface Filter {
  readonly class: 'client' | 'visitor' | 'scanner' | 'all';
  readonly search: string;
  readonly readiness: string;
  readonly version: string;
  readonly tag: string;
  readonly lacking: string;
  /** Days without a handshake. */
  readonly silent: string;
}

const classes = ['client', 'visitor', 'scanner', 'all'] as const;

export function filterFrom(params: URLSearchParams): Filter {
  const get = (name: string): string => params.get(name) ?? '';
  return {
    class: classes.find((known) => known === get('class')) ?? 'client',
    search: get('search'),
    readiness: get('readiness'),
    version: get('version'),
    tag: get('tag'),
    lacking: get('lacking'),
    silent: /^\d{1,5}$/.test(get('silent')) ? get('silent') : '',
  };
}

/** The same for the vault, which makes the file to save. */
export function queryOf(filter: Filter): Record<string, unknown> {
  const { silent, ...rest } = filter;
  const given = Object.entries(rest).filter(([, value]) => value !== '');
  return {
    ...Object.fromEntries(given),
    ...(silent === '' ? {} : { silentDays: Number(silent) }),
  } satisfies Record<string, unknown> as ClientFilter & Record<string, unknown>;
}

const dayMs = 86_400_000;

/** The rows that fit; the class was chosen by the vault already. */
export function narrow(rows: readonly ClientRow[], filter: Filter, nowMs: number): ClientRow[] {
  const { readiness, version, tag, lacking, silent } = filter;
  const search = filter.search.trim().toLowerCase();
  const silentSince = silent === '' ? undefined : nowMs - Number(silent) * dayMs;
  return rows.filter(
    (row) =>
      (readiness === '' || row.readiness === readiness) &&
      (version === '' || row.lastVersion === version) &&
      (tag === '' || row.tags.includes(tag)) &&
      (lacking === '' || row.lacking.some((one) => one === lacking)) &&
      (silentSince === undefined ||
        row.lastSeenAt === null ||
        Date.parse(row.lastSeenAt) < silentSince) &&
      (search === '' || isFound(row, search)),
  );
}

function isFound(row: ClientRow, search: string): boolean {
  return (
    row.name.toLowerCase().includes(search) ||
    (row.address?.toLowerCase().includes(search) ?? false) ||
    (row.fingerprint?.includes(search) ?? false) ||
    row.tags.some((tag) => tag.toLowerCase().includes(search))
  );
}
