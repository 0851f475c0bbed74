/**
 * The packs that all file workers fill together, in shared memory: one is being filled, the others are
 * being completed or stored. Their number grows slower than that of the workers, and storage that is slow
 * holds the workers back.
 *
 * A worker asks for a place for blobs whose sealed size it knows, seals them there while others do the
 * same beside it, and says so. The last to leave a full pack completes it. Nobody asks for a place while
 * it has one, so nobody waits for a worker that waits.
 *
 * Words: lock; the pack being filled, counted from one; how many packs came back so far; then, for each
 * pack, {@link field}. A pack is its blobs' bytes, and behind their room its plain header.
 */

import { maxChunkBytes } from '../../repository/chunker.ts';
import {
  maxPackEntryBytes,
  type PackEntry,
  parsePackHeader,
  writePackEntry,
} from '../../repository/pack.ts';
import { isPackFull, maxEntries } from '../pack-builder.ts';

/** Can be sent to a thread. */
export interface SharedPackMemory {
  readonly words: SharedArrayBuffer;
  readonly packs: readonly SharedArrayBuffer[];
  readonly packSizeBytes: number;
}

export type SealedEntry = Omit<PackEntry, 'offset'>;

/** Room in a pack, to be given back by {@link SharedPacks.leave}. */
export interface Place {
  readonly pack: number;
  readonly bytes: Uint8Array;
}

const word = { lock: 0, filling: 1, returned: 2 } as const;
const field = { isTaken: 0, size: 1, headerSize: 2, entries: 3, holders: 4 } as const;
const headWords = 3;
const fieldCount = 5;
/** Waits look this often whether the run was stopped. */
const waitMs = 1000;
/** Of the blobs that are put into a pack at once the last may fill it: a chunk, or a batch of small ones. */
const lastPlaceBytes = maxChunkBytes + 2 ** 16;
const lastPlaceEntries = 2 ** 12;

/** One is filled while two are stored, or completed where many workers fill them faster. */
export function sharedPackCount(workers: number): number {
  return 3 + Math.floor(workers / 4);
}

export class SharedPacks {
  /** Hand this to other threads; `new SharedPacks(shared)` there sees the same packs. */
  readonly shared: SharedPackMemory;
  readonly #words: Int32Array;

  constructor(shared: SharedPackMemory) {
    this.shared = shared;
    this.#words = new Int32Array(shared.words);
  }

  static create(count: number, packSizeBytes: number): SharedPacks {
    const words = new SharedArrayBuffer((headWords + count * fieldCount) * 4);
    const size = contentRoom(packSizeBytes) + headerRoom;
    // The system gives memory only for what is written to.
    const packs = Array.from({ length: count }, () => new SharedArrayBuffer(size));
    return new SharedPacks({ words, packs, packSizeBytes });
  }

  /**
   * A place for these blobs, one after the other; waits until a pack takes some.
   * @param check called before each try; throws to stop
   */
  enter(blobs: readonly SealedEntry[], check: () => void): Place {
    for (;;) {
      check();
      const returned = Atomics.load(this.#words, word.returned);
      const place = this.#locked(() => this.#tryEnter(blobs));
      if (place !== undefined) return place;
      Atomics.wait(this.#words, word.returned, returned, waitMs);
    }
  }

  /** True when the pack is full and nobody else writes to it: it is the caller's to complete. */
  leave({ pack }: Place): boolean {
    return Atomics.sub(this.#words, at(pack, field.holders), 1) === 1;
  }

  /** The pack being filled, which is the caller's from now on. No worker may be at work. */
  takeUnfinished(): number | undefined {
    const filling = Atomics.exchange(this.#words, word.filling, 0);
    return filling === 0 ? undefined : filling - 1;
  }

  /** What is in a pack that is the caller's; valid until it is given back. */
  contentOf(pack: number): { readonly content: Uint8Array; readonly header: Uint8Array } {
    const memory = this.#memory(pack);
    const headerSize = this.#get(pack, field.headerSize);
    return {
      content: new Uint8Array(memory, 0, this.#get(pack, field.size)),
      header: new Uint8Array(memory, contentRoom(this.shared.packSizeBytes), headerSize),
    };
  }

  entriesOf(pack: number): PackEntry[] {
    return parsePackHeader(this.contentOf(pack).header);
  }

  /** The pack is stored, and may be filled anew. */
  giveBack(pack: number): void {
    Atomics.store(this.#words, at(pack, field.isTaken), 0);
    Atomics.add(this.#words, word.returned, 1);
    Atomics.notify(this.#words, word.returned);
  }

  #tryEnter(blobs: readonly SealedEntry[]): Place | undefined {
    const pack = this.#filling() ?? this.#begin();
    if (pack === undefined) return undefined;
    const offset = this.#get(pack, field.size);
    const size = offset + this.#note(pack, blobs);
    const entries = this.#get(pack, field.entries) + blobs.length;
    this.#set(pack, field.size, size);
    this.#set(pack, field.entries, entries);
    // That a pack is being filled counts as one who holds it.
    if (isPackFull(size, entries, this.shared.packSizeBytes))
      Atomics.store(this.#words, word.filling, 0);
    else Atomics.add(this.#words, at(pack, field.holders), 1);
    return { pack, bytes: new Uint8Array(this.#memory(pack), offset, size - offset) };
  }

  #filling(): number | undefined {
    const filling = Atomics.load(this.#words, word.filling);
    return filling === 0 ? undefined : filling - 1;
  }

  /** Takes the first that is free, so that no more are touched than are needed. */
  #begin(): number | undefined {
    const pack = this.shared.packs.findIndex((_, index) => this.#get(index, field.isTaken) === 0);
    if (pack < 0) return undefined;
    for (const name of ['size', 'headerSize', 'entries'] as const) this.#set(pack, field[name], 0);
    this.#set(pack, field.holders, 1);
    this.#set(pack, field.isTaken, 1);
    Atomics.store(this.#words, word.filling, pack + 1);
    return pack;
  }

  /** Lists blobs in the pack's header. Returns the sum of their sizes. */
  #note(pack: number, blobs: readonly SealedEntry[]): number {
    const header = Buffer.from(this.#memory(pack), contentRoom(this.shared.packSizeBytes));
    let position = this.#get(pack, field.headerSize);
    let size = 0;
    for (const blob of blobs) {
      position += writePackEntry(header, position, blob);
      size += blob.length;
    }
    this.#set(pack, field.headerSize, position);
    return size;
  }

  #locked<T>(work: () => T): T {
    const words = this.#words;
    while (Atomics.compareExchange(words, word.lock, 0, 1) !== 0) {
      Atomics.wait(words, word.lock, 1, waitMs);
    }
    try {
      return work();
    } finally {
      Atomics.store(words, word.lock, 0);
      Atomics.notify(words, word.lock, 1);
    }
  }

  #memory(pack: number): SharedArrayBuffer {
    const memory = this.shared.packs[pack];
    if (memory === undefined) throw new RangeError(`there is no shared pack ${pack}`);
    return memory;
  }

  #get(pack: number, name: number): number {
    return Atomics.load(this.#words, at(pack, name));
  }

  #set(pack: number, name: number, value: number): void {
    Atomics.store(this.#words, at(pack, name), value);
  }
}

const headerRoom = (maxEntries + lastPlaceEntries) * maxPackEntryBytes;

function contentRoom(packSizeBytes: number): number {
  return packSizeBytes + lastPlaceBytes;
}

function at(pack: number, name: number): number {
  return headWords + pack * fieldCount + name;
}
