/**
 * The keys of session tickets: in a file of the data folder, so that sessions outlive a restart and
 * all processes of a vault resume each other's; renewed daily, because whoever has the keys of a day
 * can read the resumption secrets of that day.
 */

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { systemCodeOf } from '../../base/errors.ts';
import type { Clock } from '../../base/time.ts';
import { writeFileAtomically } from '../data-folder.ts';

/** Node's `ticketKeys`: 16 bytes name, 16 HMAC, 16 AES. */
const keyBytes = 48;
const maxAgeMs = 24 * 60 * 60_000;
/** The moment they were made, in milliseconds since 1970, and the keys. */
const fileFormat = /^(\d+) ([0-9a-f]{96})\n$/;

export class TicketKeys {
  readonly #path: string;
  readonly #clock: Clock;
  #keys: Buffer = randomBytes(keyBytes);

  private constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  static async open(path: string, clock: Clock): Promise<TicketKeys> {
    const keys = new TicketKeys(path, clock);
    await keys.refresh();
    return keys;
  }

  get current(): Buffer {
    return this.#keys;
  }

  /**
   * Makes new keys if the file's are a day old, and takes up what another process has made.
   * @returns true if the keys are others than before
   */
  async refresh(): Promise<boolean> {
    const found = await this.#read();
    if (found === undefined) {
      const text = `${this.#clock.now()} ${randomBytes(keyBytes).toString('hex')}\n`;
      await writeFileAtomically(this.#path, text);
    }
    // Two processes may write at the same moment; the file says whose keys both take.
    const keys = found ?? (await this.#read()) ?? this.#keys;
    const isNew = !keys.equals(this.#keys);
    this.#keys = keys;
    return isNew;
  }

  /** Undefined if there are none, they are broken or old, or the clock was turned back. */
  async #read(): Promise<Buffer | undefined> {
    try {
      const text = await readFile(this.#path, 'utf8');
      const [, createdMs = '', hex = ''] = fileFormat.exec(text) ?? [];
      const ageMs = Math.abs(this.#clock.now() - Number(createdMs));
      return hex !== '' && ageMs < maxAgeMs ? Buffer.from(hex, 'hex') : undefined;
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }
}
