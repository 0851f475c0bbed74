/** The tables of the console and its API as the database holds them. */

import type { Generated } from 'kysely';

export interface ConsoleUsersTable {
  readonly name: string;
  readonly role: 'viewer' | 'operator' | 'owner';
  readonly password_hash: string;
  /** The enrolled client whose certificate signs the user in. */
  readonly certificate_client: string | null;
  /** 1: the password was made by the vault and shown to somebody else. */
  readonly must_change: number;
  readonly created_ms: number;
  readonly last_sign_in_ms: number | null;
}

export interface ConsoleSessionsTable {
  /** SHA-256 of the cookie's secret, lower-case hex. */
  readonly secret_hash: string;
  readonly user: string;
  readonly method: 'password' | 'certificate';
  readonly created_ms: number;
  readonly seen_ms: number;
}

export interface ApiTokensTable {
  readonly id: string;
  readonly secret_hash: string;
  readonly name: string;
  readonly user: string;
  readonly role: ConsoleUsersTable['role'];
  readonly created_ms: number;
  readonly expires_ms: number;
  readonly last_used_ms: number | null;
}

/** A trigger refuses updates and deletions. */
export interface AuditTable {
  readonly id: Generated<number>;
  readonly at_ms: number;
  readonly by: string | null;
  readonly role: string | null;
  readonly via: string;
  readonly address: string | null;
  readonly action: string;
  readonly target: string;
  /** JSON, as `after`. */
  readonly before: string;
  readonly after: string;
  readonly reason: string | null;
}

export interface ClientTagsTable {
  readonly client: string;
  readonly tag: string;
}

export interface ClientNotesTable {
  readonly id: Generated<number>;
  /** The API's client ID, since a certificate and a login may have one name. */
  readonly client: string;
  readonly text: string;
  readonly by: string;
  readonly at_ms: number;
}

/** A snapshot that arrived. */
export interface BackupsTable {
  readonly id: Generated<number>;
  readonly client_kind: 'certificate' | 'login';
  readonly client: string;
  readonly repository: string;
  readonly snapshot: string;
  /** Null where the vault did not see the beginning. */
  readonly started_ms: number | null;
  readonly arrived_ms: number;
  readonly added_bytes: number | null;
  readonly added_files: number | null;
  readonly address: string;
  readonly version: number | null;
  readonly cipher_suite: number | null;
  readonly key_group: number | null;
}

/** Restores that an enrolled machine tried and reported. */
export interface DrillsTable {
  readonly id: Generated<number>;
  readonly client: string;
  readonly at_ms: number;
  readonly ok: number;
  readonly kind: 'restore' | 'check';
  readonly snapshot: string | null;
  readonly files: number;
  readonly bytes: number;
  readonly errors: number;
  /** Of the failure; null when all was well. */
  readonly code: string | null;
}

export interface StorageDaysTable {
  readonly day: string;
  readonly repository: string;
  readonly bytes: number;
  readonly files: number;
  readonly measured_ms: number;
}

export interface QuotasTable {
  readonly owner: string;
  readonly bytes: number;
}

export interface ScrubsTable {
  readonly id: Generated<number>;
  readonly started_ms: number;
  readonly ended_ms: number | null;
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  readonly by: string | null;
  readonly repositories: number;
  readonly files: number;
  readonly bytes: number;
  readonly damaged_count: number;
  /** JSON, the first hundred. */
  readonly damaged: string;
}

export interface PlanRevisionsTable {
  readonly id: Generated<number>;
  /** SHA-256 of the text, shortened. */
  readonly revision: string;
  readonly name: string;
  readonly yaml: string;
  readonly at_ms: number;
  readonly by: string | null;
  readonly source: 'api' | 'file';
  readonly reason: string;
}

export interface ConsoleTables {
  readonly console_users: ConsoleUsersTable;
  readonly console_sessions: ConsoleSessionsTable;
  readonly api_tokens: ApiTokensTable;
  readonly audit: AuditTable;
  readonly client_tags: ClientTagsTable;
  readonly client_notes: ClientNotesTable;
  readonly backups: BackupsTable;
  readonly drills: DrillsTable;
  readonly storage_days: StorageDaysTable;
  readonly quotas: QuotasTable;
  readonly scrubs: ScrubsTable;
  readonly plan_revisions: PlanRevisionsTable;
}
