/**
 * What a backup added and how long it took, as far as a vault without a key can see: the uploads of one
 * client to one repository, from its first one (usually the lock) to the snapshot.
 */

import type { ClientIdentity } from '../../door/connection.ts';
import type { Connection } from '../../door/door-connection.ts';
import type { BackupsTable } from '../database/console-tables.ts';
import type { VaultDatabase } from '../database/database.ts';

interface Running {
  readonly startedMs: number;
  lastMs: number;
  bytes: number;
  files: number;
}

/** Longer without an upload: what comes then belongs to another backup. */
const forgottenMs = 24 * 3_600_000;
const maxRunning = 20_000;

export interface Upload {
  readonly client: ClientIdentity;
  readonly repository: string;
  readonly type: string;
  readonly name: string;
  readonly bytes: number;
  readonly atMs: number;
}

export type ArrivedBackup = Omit<BackupsTable, 'id'>;

export class BackupTracker {
  readonly #running = new Map<string, Running>();

  /** An upload that is stored. @returns the backup that a snapshot ends */
  add(upload: Upload, connection: Connection | undefined): ArrivedBackup | undefined {
    const { client, repository, type, bytes, atMs } = upload;
    const key = JSON.stringify([client.kind, client.name, repository]);
    const known = this.#running.get(key);
    const isFresh = known !== undefined && atMs - known.lastMs < forgottenMs && type !== 'locks';
    const running = isFresh ? known : { startedMs: atMs, lastMs: atMs, bytes: 0, files: 0 };
    running.lastMs = atMs;
    if (type !== 'locks') {
      running.bytes += bytes;
      running.files += 1;
    }
    if (type !== 'snapshots') {
      if (known === undefined && this.#running.size >= maxRunning) this.#running.clear();
      this.#running.set(key, running);
      return undefined;
    }
    this.#running.delete(key);
    // A snapshot alone: the uploads of before were not seen (the vault was started in between).
    const wasSeen = isFresh;
    return {
      client_kind: client.kind,
      client: client.name,
      repository,
      snapshot: upload.name,
      started_ms: wasSeen ? running.startedMs : null,
      arrived_ms: atMs,
      added_bytes: wasSeen ? running.bytes : null,
      added_files: wasSeen ? running.files : null,
      address: connection?.address ?? '',
      version: connection?.negotiated?.version ?? null,
      cipher_suite: connection?.negotiated?.cipherSuite ?? null,
      key_group: connection?.negotiated?.group ?? null,
    };
  }
}

export async function recordArrival(database: VaultDatabase, backup: ArrivedBackup): Promise<void> {
  await database.insertInto('backups').values(backup).execute();
}
