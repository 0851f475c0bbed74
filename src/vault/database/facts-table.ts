/** The table of machines' facts as the database holds it. */

export interface ClientFactsTable {
  /** Name of the enrolled client whose certificate sent them. */
  readonly client: string;
  /** `2026-11-24`, UTC: when they were received last, changed or not. */
  readonly day: string;
  readonly received_ms: number;
  /** Of `json`, lower-case hex. */
  readonly sha256: string;
  /** A facts document, docs/schemas/facts.schema.json. */
  readonly json: string;
}
