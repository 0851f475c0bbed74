/** The tables of ratchet and notices as the database holds them. */

import type { Generated } from 'kysely';

/** The highest version that a client has proved. */
export interface RatchetTable {
  readonly client_kind: 'certificate' | 'login';
  readonly client: string;
  readonly version: number;
  readonly proved_ms: number;
  /** Where from. */
  readonly address: string;
}

/** An entry of the ratchet that an owner took back, and why; kept. */
export interface RatchetReleasesTable {
  readonly id: Generated<number>;
  readonly client_kind: 'certificate' | 'login';
  readonly client: string;
  readonly version: number;
  readonly proved_ms: number;
  readonly released_ms: number;
  readonly reason: string;
}

/** What the owner of a client is to be told: one row for each client and topic. */
export interface NoticesTable {
  /** Empty: clients that nobody knows by name. */
  readonly client: string;
  /** A capability that is being retired, or `ratchet`. */
  readonly topic: string;
  readonly phase: string;
  readonly first_ms: number;
  readonly last_ms: number;
  readonly count: number;
  readonly address: string;
  readonly enforce_ms: number | null;
  readonly link: string | null;
}

/** When an owner was told last, so that a restart tells nobody twice. */
export interface NoticeDeliveriesTable {
  readonly owner: string;
  readonly channel: 'webhook' | 'email';
  readonly urgency: 'digest' | 'alarm';
  /** The last success; 0 before it. What was seen up to then has been told. */
  readonly sent_ms: number;
  /** Failures since then. */
  readonly attempts: number;
  readonly next_ms: number;
  readonly problem: string | null;
}
