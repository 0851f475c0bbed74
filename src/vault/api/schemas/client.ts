/** One client: all that the vault knows of it without a key. */

import { z } from 'zod';
import { clientId, clientRow } from './clients.ts';
import {
  capability,
  count,
  day,
  days,
  language,
  moment,
  momentInput,
  phase,
  reason,
  version,
} from './common.ts';

export const clientParams = z.strictObject({ id: clientId });
export const noteParams = z.strictObject({ id: clientId, note: z.string().regex(/^\d{1,15}$/) });

export const outcomes = z.object({
  accepted: count,
  warned: count,
  brownout: count,
  refused: count,
  failed: count,
  empty: count,
  notTls: count,
});

/** What both sides would agree on, or the alert that parts them. */
export const negotiation = z.object({
  agreed: z.boolean(),
  version: version.nullable(),
  cipherSuite: z.string().nullable(),
  group: z.string().nullable(),
  postQuantum: z.boolean().nullable(),
  signatureScheme: z.string().nullable(),
  helloRetryRequest: z.boolean(),
  alert: z.string().nullable(),
  /** Step by step, in the language asked for. */
  why: z.array(z.string()),
});
export type ApiNegotiation = z.infer<typeof negotiation>;

export const offerDocument = z.object({
  form: z.enum(['tls', 'sslv2']),
  versions: z.array(version),
  cipherSuites: z.array(
    z.object({
      name: z.string(),
      /** `recommended`, `secure`, `weak`, …: the class of the cipher suite table. */
      strength: z.string().nullable(),
    }),
  ),
  groups: z.array(z.object({ name: z.string(), postQuantum: z.boolean() })),
  keyShares: z.array(z.string()),
  signatureSchemes: z.array(z.string()),
  serverName: z.string().nullable(),
  alpn: z.array(z.string()),
  extensions: z.array(z.string()),
  resumption: z.boolean(),
  grease: z.boolean(),
});
export type OfferDocument = z.infer<typeof offerDocument>;

/** One fingerprint of a client. */
export const clientHello = z.object({
  fingerprint: z.string(),
  address: z.string(),
  firstSeenAt: moment,
  lastSeenAt: moment,
  connections: count,
  backups: count,
  bestNegotiated: version.nullable(),
  /** Null where it was not kept. */
  offer: offerDocument.nullable(),
  /** Programs that send just this hello: a guess. */
  looksLike: z.array(z.object({ id: z.string(), name: z.string() })),
  /** Under the plan of today, as the door would decide now. */
  today: negotiation.nullable(),
  /** When all of the plan has come. */
  finally: negotiation.nullable(),
});
export type ClientHello = z.infer<typeof clientHello>;

export const note = z.object({ id: z.string(), text: z.string(), by: z.string(), at: moment });
export type Note = z.infer<typeof note>;

export const clientExemption = z.object({
  id: z.string(),
  client: z.string(),
  capability,
  reason: z.string(),
  until: moment,
  active: z.boolean(),
});

export const clientDetail = z.object({
  at: moment,
  days,
  row: clientRow,
  addresses: z.array(z.string()),
  serverName: z.string().nullable(),
  alpn: z.string().nullable(),
  signatureScheme: z.string().nullable(),
  seenOnDays: count,
  outcomes,
  /** How often for each reason code, such as `enforce/tls1.0`. */
  reasons: z.array(z.object({ reason: z.string(), count })),
  /** Refused before it could prove its name: its own by address and fingerprint. */
  connectionsBySighting: count,
  bytesIn: count,
  bytesOut: count,
  hellos: z.array(clientHello),
  obstacles: z.array(
    z.object({
      fingerprint: z.string(),
      lastSeenAt: moment,
      capabilities: z.array(capability),
      alert: z.string(),
      why: z.string().nullable(),
      needs: z.string(),
    }),
  ),
  /** Where each retirement stands for this client. */
  standings: z.array(
    z.object({
      capability,
      phase,
      exemptUntil: moment.nullable(),
      warnAt: moment.nullable(),
      enforceAt: moment.nullable(),
    }),
  ),
  exemptions: z.array(clientExemption),
  notes: z.array(note),
  /** The best that it has proved: less is refused. */
  ratchet: z.array(z.object({ version, provedAt: moment, address: z.string() })),
  ratchetReleases: z.array(
    z.object({ version, provedAt: moment, releasedAt: moment, reason: z.string() }),
  ),
  certificates: z.array(
    z.object({
      serial: z.string(),
      fingerprint: z.string(),
      state: z.enum(['active', 'replaced', 'revoked']),
      createdAt: moment,
      expiresAt: moment,
      lastSeenAt: moment.nullable(),
    }),
  ),
  appendOnly: z.boolean().nullable(),
  facts: z
    .object({
      day,
      status: z.enum(['ready', 'not-ready', 'unknown']),
      system: z.string().nullable(),
    })
    .nullable(),
  drills: z.array(
    z.object({
      at: moment,
      /** `check`: all data of its repository was read and verified. */
      kind: z.enum(['restore', 'check']),
      ok: z.boolean(),
      snapshot: z.string().nullable(),
      /** Entries that were restored; 0 for a check. */
      files: count,
      bytes: count,
      errors: count,
      /** Of the failure, as docs/errors.md has them. */
      code: z.string().nullable(),
    }),
  ),
  usedBytes: count.nullable(),
  quotaBytes: count.nullable(),
});
export type ClientDetail = z.infer<typeof clientDetail>;

export const clientDetailQuery = z.strictObject({
  days: days.optional(),
  lang: language.default('en'),
});

/** A snapshot that arrived. The vault has no key: what is in it, it cannot say. */
export const backupRow = z.object({
  id: z.string(),
  /** The name of the snapshot's file: the ID that restic and Sealift show. */
  snapshot: z.string(),
  /** `web01`, `web01/home`. */
  repository: z.string(),
  /** The first upload of this backup; null where it was not seen. */
  startedAt: moment.nullable(),
  arrivedAt: moment,
  durationMs: count.nullable(),
  /** Bytes that this backup added, as they are stored. */
  addedBytes: count.nullable(),
  addedFiles: count.nullable(),
  address: z.string(),
  version: version.nullable(),
  cipherSuite: z.string().nullable(),
  group: z.string().nullable(),
});
export type BackupRow = z.infer<typeof backupRow>;

export const backupQuery = z.strictObject({
  limit: z.number().int().min(1).max(1000).default(100),
  /** The `next` of the page before. */
  before: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
});
export type BackupQuery = z.input<typeof backupQuery>;

export const backupPage = z.object({
  rows: z.array(backupRow),
  total: count,
  next: z.string().nullable(),
});
export type BackupPage = z.infer<typeof backupPage>;

/** One day with one fingerprint. */
export const handshakeRow = z.object({
  day,
  fingerprint: z.string(),
  address: z.string(),
  serverName: z.string().nullable(),
  firstSeenAt: moment,
  lastSeenAt: moment,
  outcomes,
  bestOffered: version.nullable(),
  bestNegotiated: version.nullable(),
  agreements: z.array(
    z.object({
      version,
      cipherSuite: z.string().nullable(),
      group: z.string().nullable(),
      connections: count,
    }),
  ),
  bytesIn: count,
  bytesOut: count,
  backups: count,
});
export type HandshakeRow = z.infer<typeof handshakeRow>;

export const handshakeQuery = z.strictObject({ days: days.optional() });
/** The latest day first. */
export const handshakes = z.object({ at: moment, days, rows: z.array(handshakeRow) });
export type Handshakes = z.infer<typeof handshakes>;

export const negotiateRequest = z.strictObject({
  /** A baseline's name, or a policy or plan as YAML. */
  policy: z
    .string()
    .min(1)
    .max(256 * 1024),
  /** For a plan: as of then; now when left out. */
  at: momentInput.optional(),
});
export type NegotiateRequest = z.infer<typeof negotiateRequest>;

export const negotiateAnswer = z.object({
  policy: z.string(),
  results: z.array(
    z.object({ fingerprint: z.string(), lastSeenAt: moment, result: negotiation.nullable() }),
  ),
});
export type NegotiateAnswer = z.infer<typeof negotiateAnswer>;

export const addNote = z.strictObject({ text: z.string().trim().min(1).max(4000) });
export type AddNote = z.infer<typeof addNote>;

export const releaseRatchet = z.strictObject({ reason });
export type ReleaseRatchet = z.infer<typeof releaseRatchet>;
