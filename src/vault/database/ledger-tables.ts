/** The ledger's tables as the database holds them; src/vault/ledger/row.ts is the same as objects. */

/** One row for each client, fingerprint and day (UTC), apart for each listener. */
export interface LedgerTable {
  /** `2026-11-24`, UTC. */
  readonly day: string;
  /** `preview` rows are trials against the future, never failures. */
  readonly listener: 'main' | 'preview';
  readonly client_kind: 'certificate' | 'login' | 'address' | 'network';
  /** A name, an address, or a network that stands for many addresses (CIDR). */
  readonly client: string;
  /** JA4; empty when no hello was read; `*` stands for many. */
  readonly fingerprint: string;
  /** Where it was seen last. */
  readonly address: string;
  readonly first_seen_ms: number;
  readonly last_seen_ms: number;
  readonly accepted: number;
  readonly warned: number;
  readonly brownout: number;
  readonly refused: number;
  readonly failed: number;
  readonly empty: number;
  readonly not_tls: number;
  /** Connections that moved data after a handshake. */
  readonly transfers: number;
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly backups: number;
  /** JSON: how often for each reason, bounded. */
  readonly reasons: string;
  /** JSON: how often for each `version/suite/group` (hexadecimal), bounded. */
  readonly agreements: string;
  readonly best_offered: number | null;
  readonly best_negotiated: number | null;
  /** What the latest handshake agreed on. */
  readonly last_version: number | null;
  readonly cipher_suite: number | null;
  readonly key_group: number | null;
  readonly signature_scheme: number | null;
  readonly server_name: string | null;
  readonly alpn: string | null;
  /** SHA-256 of the offer's JSON, in the table `offers`. */
  readonly offer: string | null;
  readonly offer_rank: number | null;
  readonly last_backup_ms: number | null;
}

export interface OffersTable {
  /** Of `json`, lower-case hex. */
  readonly sha256: string;
  /** As offerToJson writes it, without the server's name. */
  readonly json: string;
}

/** A name that certificate or login proved at an address with a fingerprint. */
export interface SightingsTable {
  readonly address: string;
  readonly fingerprint: string;
  readonly client_kind: 'certificate' | 'login';
  readonly client: string;
  readonly last_seen_ms: number;
}
