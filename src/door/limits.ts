/** What one client, and all of them together, may take from the door before TLS has begun. */

import { defaultHelloLimitBytes } from '../tls/hello-reader.ts';

export interface DoorLimits {
  /** A hello that is longer is refused before it is complete. */
  readonly helloBytes: number;
  /** From the accepted connection to the complete hello, however it drips in. */
  readonly helloMs: number;
  /** Connections whose hello is not complete; the oldest of them makes room for a new one. */
  readonly maxHalfOpen: number;
  /** Of one address; one more is closed at once. */
  readonly maxHalfOpenPerAddress: number;
  /** From the complete hello to the end of the handshake. */
  readonly handshakeMs: number;
  /** Read and discarded behind a refusal, so that the close does not become a reset. */
  readonly drainBytes: number;
  readonly drainMs: number;
  /** To reach the server behind the door. */
  readonly connectMs: number;
}

export const defaultLimits: DoorLimits = {
  helloBytes: defaultHelloLimitBytes,
  helloMs: 10_000,
  // At about 10 KiB each: a slow flood holds no more than 160 MiB.
  maxHalfOpen: 16_384,
  // Hundreds of machines behind one address translation may start at the same minute.
  maxHalfOpenPerAddress: 1024,
  handshakeMs: 30_000,
  drainBytes: 64 * 1024,
  drainMs: 2000,
  connectMs: 10_000,
};
