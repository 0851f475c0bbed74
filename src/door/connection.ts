/** What the door knows of a connection when it is over: one record, for the ledger and the metrics. */

import type { AlertName } from '../tls/alerts.ts';
import type { Offer } from '../tls/offer.ts';
import type { Verdict } from '../tls/retirement/verdict.ts';

/** Who was on the other side, once certificate or login proved it. */
export interface ClientIdentity {
  readonly kind: 'certificate' | 'login';
  readonly name: string;
}

/** What TLS agreed on in the end: read of the handshake, not predicted. Codes as in src/tls. */
export interface Negotiated {
  readonly version: number;
  readonly cipherSuite: number | undefined;
  readonly group: number | undefined;
  readonly signatureScheme: number | undefined;
  readonly alpn: string | undefined;
  readonly resumed: boolean;
}

export type Outcome =
  | 'accepted'
  | 'warned'
  /** Refused in a brownout, by alert or inside TLS. */
  | 'brownout'
  | 'refused'
  /** The handshake began and failed: `reason` says why. */
  | 'failed'
  /** Opened and closed without a byte: a health check, not a failure. */
  | 'empty'
  /** Not a ClientHello: `reason` is the fault's kind. */
  | 'not-tls';

export interface ConnectionRecord {
  readonly listener: 'main' | 'preview';
  readonly startedMs: number;
  readonly endedMs: number;
  /** Without port; IPv4-mapped addresses as IPv4. */
  readonly address: string;
  readonly client: ClientIdentity | undefined;
  /** Somebody signed in to the console over it: no client of the service behind the door. */
  readonly ofConsole?: boolean;
  /** JA4, undefined when no hello was read. */
  readonly fingerprint: string | undefined;
  readonly offer: Offer | undefined;
  readonly verdict: Verdict | undefined;
  readonly outcome: Outcome;
  /** A code for the ledger, such as `retired/tls1.0`, `ratchet`, `handshake/unknown_ca`. */
  readonly reason: string | undefined;
  /** Sent to the client, or by it. */
  readonly alert: AlertName | undefined;
  readonly negotiated: Negotiated | undefined;
  /** From the complete hello to the end of the handshake; undefined without one. */
  readonly handshakeMs: number | undefined;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** Told as soon as something is known, and once more at the end. */
export interface ConnectionObserver {
  /** The verdict is there; a refusal is final with it. */
  onVerdict?(record: ConnectionRecord): void;
  /** Certificate or login proved who it is. */
  onIdentity?(record: ConnectionRecord): void;
  /** The connection is over. */
  onEnd(record: ConnectionRecord): void;
}
