/**
 * Keys of session tickets, shared by every context, process and restart, so that clients can resume
 * wherever they come back. Whoever has a key can read the sessions of its tickets (in TLS 1.2 all their
 * data), so keys are random, are replaced, and the one before is gone for good: Node takes one key at a
 * time, and a client with an older ticket makes a full handshake.
 */

import { randomBytes } from 'node:crypto';
import type { Clock } from '../base/time.ts';

/** 16 bytes of name, 16 for AES, 16 for HMAC: `ticketKeys` of Node. */
const keySize = 48;
const timeSize = 8;

/** RFC 9325 §3.4 asks for regular replacement; this is well below the week that it allows. */
export const defaultRotateMs = 12 * 60 * 60_000;

/** Where the processes of one door meet; see {@link fileTicketStore}. */
export interface TicketStore {
  /** Undefined when there is nothing yet. */
  load(): Promise<Uint8Array | undefined>;
  /** Replaces the whole; another process may do so at the same time, and one of them stays. */
  save(bytes: Uint8Array): Promise<void>;
}

export interface TicketKeysOptions {
  readonly store: TicketStore;
  readonly clock: Clock;
  readonly rotateMs?: number;
}

export class TicketKeys {
  readonly #store: TicketStore;
  readonly #clock: Clock;
  readonly #rotateMs: number;
  #key: Buffer = Buffer.alloc(0);

  private constructor({ store, clock, rotateMs = defaultRotateMs }: TicketKeysOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#rotateMs = rotateMs;
  }

  /** @throws what the store throws */
  static async open(options: TicketKeysOptions): Promise<TicketKeys> {
    const keys = new TicketKeys(options);
    await keys.refresh();
    return keys;
  }

  /** For `secureContextOptions`: 48 bytes. */
  get current(): Buffer {
    return this.#key;
  }

  /**
   * Takes up what another process has stored; replaces a key that is due. Called from time to time.
   * @returns true if the key is another one now, so that the contexts must be made anew
   */
  async refresh(): Promise<boolean> {
    let stored = this.#parse(await this.#store.load());
    if (stored === undefined) {
      await this.#store.save(this.#makeStored());
      // Read back: of two processes that did this at the same time, both take the one that stayed.
      stored = this.#parse(await this.#store.load());
      if (stored === undefined) throw new Error('the store of ticket keys lost the key');
    }
    const isNew = !stored.equals(this.#key);
    this.#key = stored;
    return isNew;
  }

  #makeStored(): Uint8Array {
    const bytes = Buffer.alloc(timeSize + keySize);
    bytes.writeBigUInt64BE(BigInt(Math.trunc(this.#clock.now())));
    randomBytes(keySize).copy(bytes, timeSize);
    return bytes;
  }

  /** Undefined for a key that is damaged, due, or from a clock that was ahead. */
  #parse(bytes: Uint8Array | undefined): Buffer | undefined {
    if (bytes?.byteLength !== timeSize + keySize) return undefined;
    const buffer = Buffer.from(bytes);
    const ageMs = this.#clock.now() - Number(buffer.readBigUInt64BE());
    return Math.abs(ageMs) < this.#rotateMs ? buffer.subarray(timeSize) : undefined;
  }
}
