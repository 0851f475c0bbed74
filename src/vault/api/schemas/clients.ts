/** The clients that the ledger knows, as rows. */

import { z } from 'zod';
import { capability, count, days, lookedUpName, moment, version } from './common.ts';

export const clientKind = z.enum(['certificate', 'login', 'address', 'network']);
export type ApiClientKind = z.infer<typeof clientKind>;
/** A visitor came once; a scanner tried many hellos. Only clients are ready or not. */
export const clientClass = z.enum(['client', 'visitor', 'scanner']);
export const readinessState = z.enum(['ready', 'not-ready', 'unknown']);
export type ReadinessState = z.infer<typeof readinessState>;

/** `certificate:web01`, `login:backup`, `address:192.0.2.7|t13d…`; encode it in a path. */
export const clientId = z.string().min(1).max(600);

export const clientRow = z.object({
  id: clientId,
  kind: clientKind,
  name: z.string(),
  class: clientClass,
  /** The vault has a good certificate or login of this name. */
  enrolled: z.boolean(),
  tags: z.array(z.string()),
  readiness: readinessState,
  /** What is retired and it cannot do without. */
  lacking: z.array(capability),
  /** The first date on which it is refused for good. */
  enforceAt: moment.nullable(),
  /** The wave of the plan that it is in. */
  wave: z.string().nullable(),
  exemptUntil: moment.nullable(),
  bestOffered: version.nullable(),
  bestNegotiated: version.nullable(),
  lastVersion: version.nullable(),
  cipherSuite: z.string().nullable(),
  group: z.string().nullable(),
  postQuantum: z.boolean().nullable(),
  /** JA4 of the latest. */
  fingerprint: z.string().nullable(),
  address: z.string().nullable(),
  /** Null for one that is enrolled and was never seen. */
  firstSeenAt: moment.nullable(),
  lastSeenAt: moment.nullable(),
  connections: count,
  refused: count,
  backups: count,
  lastBackupAt: moment.nullable(),
  lastDrillAt: moment.nullable(),
  usedBytes: count.nullable(),
});
export type ClientRow = z.infer<typeof clientRow>;

export const clientSortKeys = [
  ...(['name', 'kind', 'readiness', 'enforceAt', 'bestOffered', 'lastVersion', 'group'] as const),
  ...(['lastSeenAt', 'lastBackupAt', 'lastDrillAt', 'connections', 'refused'] as const),
  ...(['backups', 'usedBytes'] as const),
] as const;

export const clientFilter = z.strictObject({
  days: days.optional(),
  class: z.enum(['client', 'visitor', 'scanner', 'all']).default('client'),
  /** Of the name, address, fingerprint or a tag. */
  search: z.string().max(200).optional(),
  readiness: readinessState.optional(),
  /** Of the latest handshake. */
  version: version.optional(),
  group: z.string().max(60).optional(),
  lacking: capability.optional(),
  tag: z.string().max(100).optional(),
  /** Not seen for so many days, or never. */
  silentDays: z.number().int().min(0).max(36_500).optional(),
  /** No backup for so many days, or never. */
  backupDays: z.number().int().min(0).max(36_500).optional(),
  sort: z.enum(clientSortKeys).default('name'),
  order: z.enum(['asc', 'desc']).default('asc'),
});
export type ClientFilter = z.input<typeof clientFilter>;

/** Everything at once when `limit` is left out: 10,000 rows are some MB, which come compressed. */
export const clientListQuery = clientFilter.extend({
  offset: z.number().int().min(0).max(1_000_000).default(0),
  limit: z.number().int().min(1).max(50_000).default(50_000),
});
export type ClientListQuery = z.input<typeof clientListQuery>;

export const clientList = z.object({
  /** When this was put together. */
  at: moment,
  days,
  rows: z.array(clientRow),
  /** That fit the filter, of all pages. */
  total: count,
  /** Without the filter, by class. */
  classes: z.object({ client: count, visitor: count, scanner: count }),
  /** Every tag that is in use, for a filter. */
  tags: z.array(z.object({ tag: z.string(), clients: count })),
});
export type ClientList = z.infer<typeof clientList>;

export const tagName = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N} ._:/+-]{0,63}$/u);

/** Names of certificates and logins: a wave of the plan names tags, and a tag names clients. */
export const changeTags = z.strictObject({
  clients: z.array(lookedUpName).min(1).max(10_000),
  add: z.array(tagName).max(20).default([]),
  remove: z.array(z.string().min(1).max(100)).max(20).default([]),
});
export type ChangeTags = z.input<typeof changeTags>;

export const changedTags = z.object({
  /** Clients that have other tags than before. */
  changed: count,
  /** Tags that vault.yaml gives and that only it can take away. */
  fixed: z.array(z.string()),
});
export type ChangedTags = z.infer<typeof changedTags>;
