/** Puts a worker's blobs into the packs that all workers fill. */

import { sealedSize } from '../../repository/crypto.ts';
import type { BlobId, BlobType } from '../../repository/ids.ts';
import { maxBatchedBytes } from '../../repository/key-streams.ts';
import { sealPlainHeader } from '../../repository/pack.ts';
import { SealBatch } from '../../repository/seal-batch.ts';
import { BlobFolder, sealAndOpen } from '../blob-folder.ts';
import { packIdOf, type SealSettings } from '../pack-builder.ts';
import type { SealedPack } from './protocol.ts';
import type { SealedEntry, SharedPacks } from './shared-packs.ts';

export interface PackFillerSetup extends SealSettings {
  readonly packs: SharedPacks;
  /** Called with each pack that this worker completes. */
  readonly onPack: (pack: SealedPack) => void;
  /** Called often; throws to stop the run. */
  readonly check: () => void;
}

export class PackFiller {
  readonly #setup: PackFillerSetup;
  readonly #folder: BlobFolder;
  readonly #batch: SealBatch;
  /** The blobs of the batch. */
  #waiting: SealedEntry[] = [];
  #waitingSize = 0;

  constructor(setup: PackFillerSetup) {
    this.#setup = setup;
    this.#folder = new BlobFolder(setup);
    this.#batch = new SealBatch(setup.key);
  }

  /** Compresses, seals and verifies a blob. Small ones wait for others. Returns its size in the pack. */
  add(type: BlobType, id: BlobId, plaintext: Uint8Array): number {
    const { content, uncompressedLength } = this.#folder.fold(type, plaintext);
    const entry = { type, id, length: sealedSize(content.length), uncompressedLength };
    if (content.length <= maxBatchedBytes) this.#addToBatch(entry, content);
    else {
      this.#put([entry], (target) => sealAndOpen(this.#setup.key, content, target));
    }
    return entry.length;
  }

  /** Small blobs are sealed and read back together. */
  #addToBatch(entry: SealedEntry, content: Uint8Array): void {
    if (!this.#batch.add(content, this.#waitingSize)) {
      this.flush();
      this.#batch.add(content, 0);
    }
    this.#waiting.push(entry);
    this.#waitingSize += entry.length;
  }

  /** Seals the small blobs that wait. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    this.#put(this.#waiting, (target) => this.#batch.flush(target));
    this.#waiting = [];
    this.#waitingSize = 0;
  }

  #put(entries: readonly SealedEntry[], seal: (target: Uint8Array) => void): void {
    const { packs, check, key, onPack } = this.#setup;
    const place = packs.enter(entries, check);
    seal(place.bytes);
    if (packs.leave(place)) onPack(sealPack(key, packs, place.pack));
  }
}

/** Gives a pack that is the caller's its header and its name. */
export function sealPack(key: SealSettings['key'], packs: SharedPacks, pack: number): SealedPack {
  const { content, header } = packs.contentOf(pack);
  const sealedHeader = sealPlainHeader(key, header);
  return { pack, id: packIdOf(content, sealedHeader), header: sealedHeader };
}
