/** Clients, one-off visitors and scanners told apart. */

export type ClientClass = 'client' | 'visitor' | 'scanner';

/** What the ledger knows of one client, or of one address with one fingerprint, in the period asked for. */
export interface Traces {
  /** A certificate or a login proved it, on these connections or before at this place. */
  readonly identified: boolean;
  /** Days (UTC) on which a hello was read. */
  readonly days: number;
  /** Connections that moved data after their handshake. */
  readonly transfers: number;
  /** Of its address: fingerprints that never moved data, this one included. */
  readonly idleFingerprints: number;
  /** Of its address: connections that did not speak TLS. */
  readonly notTls: number;
}

/** A program has two or three (with and without resumption); a scanner tries dozens of hellos. */
const scannerFingerprints = 8;

/**
 * The one rule, first match wins:
 * 1. who was identified is a client, and so is who moved data after a handshake;
 * 2. an address that tried eight or more fingerprints without ever moving data, or that spoke something
 *    else than TLS, belongs to a scanner;
 * 3. who came back on another day is a client;
 * 4. the rest are visitors: seen once, perhaps never again.
 * Connections that were closed without a byte (health checks) never make a client.
 */
export function classify(traces: Traces): ClientClass {
  if (traces.identified || traces.transfers > 0) return 'client';
  if (traces.idleFingerprints >= scannerFingerprints || traces.notTls > 0) return 'scanner';
  return traces.days >= 2 ? 'client' : 'visitor';
}
