/**
 * `GET /events`: server-sent events. Each has an `id` (send it back as `Last-Event-ID`), the topic as
 * its `event`, and one of these documents as `data`. When the id is too old to go on from, the first
 * event is `reset`: everything has to be read again.
 */

import { z } from 'zod';
import { capability, count, moment, version } from './common.ts';

const about = { at: moment };
const who = { id: z.string(), name: z.string(), address: z.string() };

export const eventData = {
  hello: z.object({ ...about, resumed: z.boolean() }),
  reset: z.object({ ...about }),
  /** A client proved who it is; at most one a minute for each. */
  'client-seen': z.object({ ...about, ...who, version: version.nullable() }),
  'backup-arrived': z.object({
    ...about,
    ...who,
    snapshot: z.string(),
    repository: z.string(),
    addedBytes: count.nullable(),
    durationMs: count.nullable(),
  }),
  /** At most one in ten seconds for each client; `count` are those since the last. */
  refusal: z.object({
    ...about,
    /** Null where no name is known at that address. */
    id: z.string().nullable(),
    name: z.string().nullable(),
    address: z.string(),
    fingerprint: z.string().nullable(),
    cause: z.string(),
    capabilities: z.array(capability),
    alert: z.string().nullable(),
    count,
  }),
  'policy-changed': z.object({
    ...about,
    name: z.string(),
    revision: z.string(),
    by: z.string().nullable(),
  }),
  'invite-used': z.object({ ...about, name: z.string() }),
  'clients-changed': z.object({
    ...about,
    what: z.enum(['tags', 'notes', 'ratchet', 'facts', 'revoked']),
    clients: z.array(z.string()),
  }),
  'accounts-changed': z.object({
    ...about,
    what: z.enum(['users', 'logins', 'invites', 'tokens']),
  }),
  'storage-measured': z.object({ ...about, usedBytes: count, freeBytes: count }),
  'scrub-changed': z.object({
    ...about,
    id: z.string(),
    state: z.string(),
    files: count,
    damaged: count,
  }),
  'drill-done': z.object({ ...about, ...who, ok: z.boolean() }),
} as const;

export type EventTopic = keyof typeof eventData;
export const eventTopics = Object.keys(eventData) as EventTopic[];
export type EventData<T extends EventTopic> = z.infer<(typeof eventData)[T]>;
export type ApiEvent = {
  readonly [T in EventTopic]: { readonly topic: T; readonly data: EventData<T> };
}[EventTopic];
