/** Who made which lock. The disk's layout has no place for it, so the database remembers. */

import { type Clock, systemClock } from '../../base/time.ts';
import type { Identity } from '../accounts/authenticator.ts';
import type { VaultDatabase } from '../database/database.ts';

export interface LockName {
  readonly folders: readonly string[];
  readonly name: string;
}

export class LockOwners {
  readonly #database: VaultDatabase;
  readonly #clock: Clock;

  constructor(database: VaultDatabase, clock: Clock = systemClock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Recorded before the lock is visible: a crash in between leaves a row without a lock, no harm. */
  async record(lock: LockName, identity: Identity): Promise<void> {
    await this.#database
      .insertInto('lock_owners')
      .values({
        repository: lock.folders.join('/'),
        lock: lock.name,
        owner: ownerOf(identity),
        created_ms: this.#clock.now(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async isOwner(lock: LockName, identity: Identity): Promise<boolean> {
    const row = await this.#database
      .selectFrom('lock_owners')
      .select('owner')
      .where('repository', '=', lock.folders.join('/'))
      .where('lock', '=', lock.name)
      .executeTakeFirst();
    return row?.owner === ownerOf(identity);
  }

  async forget(lock: LockName): Promise<void> {
    await this.#database
      .deleteFrom('lock_owners')
      .where('repository', '=', lock.folders.join('/'))
      .where('lock', '=', lock.name)
      .execute();
  }

  /** Rows of locks that are long gone. */
  async forgetBefore(ms: number): Promise<void> {
    await this.#database.deleteFrom('lock_owners').where('created_ms', '<', ms).execute();
  }
}

function ownerOf(identity: Identity): string {
  return `${identity.kind}:${identity.name}`;
}
