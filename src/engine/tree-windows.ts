/**
 * Trees read with their neighbours. Trees that are wanted one after the other mostly stand side by side in
 * a pack, and asking for each alone costs more than its bytes, over a network by far. Windows grow with
 * use, so that a look at one folder fetches little.
 */

import type { BlobIndex } from '../repository/blob-index.ts';
import { ivBytes } from '../repository/crypto.ts';
import type { BlobId } from '../repository/ids.ts';
import { OpenBatch } from '../repository/open-batch.ts';
import { openBlob, unfoldBlob } from '../repository/pack.ts';
import { tagBytes } from '../repository/poly1305.ts';
import { FrameDecoder } from '../repository/zstd-streams.ts';
import { isDamage } from './load-blob.ts';
import type { OpenRepository } from './open.ts';

/** Trees of a first window, and of the largest. Powers of two. */
const firstSpan = 32;
const largestSpan = 1024;
const maxWindowBytes = 512 * 1024;
/** More small blobs than fit into a batch. */
const maxBatch = 256;
/** Windows kept: those used last. */
const maxWindows = 8;

/** Neighbours in a pack: location numbers from `first` to `end`, bytes of the pack from `offset` on. */
interface Window {
  readonly first: number;
  readonly end: number;
  readonly offset: number;
  readonly length: number;
}

/** Sealed trees; those that were deciphered stand in the place of their ciphertext. */
interface Trees {
  readonly bytes: Uint8Array;
  /** By place in the window, 1 for a tree that was authenticated and deciphered. */
  readonly isOpen: Uint8Array;
}

interface LoadedWindow extends Window {
  readonly trees: Promise<Trees>;
}

export class TreeWindows {
  readonly #repo: OpenRepository;
  readonly #index: BlobIndex;
  readonly #batch: OpenBatch;
  readonly #frames = new FrameDecoder();
  /** Used last comes last. */
  #windows: LoadedWindow[] = [];
  #span = firstSpan;

  constructor(repo: OpenRepository, index: BlobIndex) {
    this.#repo = repo;
    this.#index = index;
    this.#batch = new OpenBatch(repo.key);
  }

  /**
   * The plaintext of a tree, verified against its id.
   * @returns undefined when no index lists it, or where its first copy is damaged or gone
   * @throws SealiftError when the storage cannot be reached
   */
  async load(id: BlobId, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const location = this.#index.numberOf('tree', id);
    if (location === undefined) return undefined;
    const window = this.#take(location, signal);
    try {
      return this.#treeAt(location, window, await this.#treesOf(window));
    } catch (error) {
      if (isDamage(error)) return undefined;
      throw error;
    }
  }

  /** What could not be fetched is not kept, nor a tree too large for a window: it is seldom read twice. */
  async #treesOf(window: LoadedWindow): Promise<Trees> {
    let isKept = false;
    try {
      const trees = await window.trees;
      isKept = window.length <= maxWindowBytes;
      return trees;
    } finally {
      if (!isKept) this.#drop(window);
    }
  }

  #take(location: number, signal: AbortSignal | undefined): LoadedWindow {
    const known = this.#windows.find(({ first, end }) => first <= location && location < end);
    const window = known ?? this.#fetch(windowAround(this.#index, location, this.#span), signal);
    if (known !== undefined) this.#drop(known);
    else this.#span = Math.min(this.#span * 2, largestSpan);
    this.#windows.push(window);
    if (this.#windows.length > maxWindows) this.#windows.shift();
    return window;
  }

  #drop(window: LoadedWindow): void {
    this.#windows = this.#windows.filter((other) => other !== window);
  }

  #fetch(window: Window, signal: AbortSignal | undefined): LoadedWindow {
    return { ...window, trees: this.#load(window, signal) };
  }

  async #load(
    { first, end, offset, length }: Window,
    signal: AbortSignal | undefined,
  ): Promise<Trees> {
    const index = this.#index;
    const name = index.packIdOf(index.packNumber(first));
    const range = { offset, length };
    const bytes = await this.#repo.backend.load({ type: 'data', name }, range, signal);
    const isOpen = new Uint8Array(end - first);
    const sealed = Array.from(isOpen, (_, at) => {
      const start = index.offsetOf(first + at) - offset;
      return bytes.subarray(start, start + index.lengthOf(first + at));
    });
    for (let at = 0; at < sealed.length; ) {
      const lengths = sealed.slice(at, at + maxBatch).map((tree) => tree.length);
      const count = OpenBatch.fitting(lengths);
      const batch = sealed.slice(at, at + count);
      for (const [place, content] of this.#batch.open(batch).entries()) {
        if (content === undefined) continue;
        batch[place]?.set(content, ivBytes);
        isOpen[at + place] = 1;
      }
      // One that is too large for a batch is opened when it is wanted.
      at += Math.max(1, count);
    }
    return { bytes, isOpen };
  }

  #treeAt(location: number, { first, offset }: Window, { bytes, isOpen }: Trees): Uint8Array {
    const entry = this.#index.entryAt(location);
    const start = entry.offset - offset;
    const sealed = bytes.subarray(start, start + entry.length);
    if (isOpen[location - first] === 0) {
      return openBlob(this.#repo.key, sealed, entry, this.#frames);
    }
    const content = sealed.subarray(ivBytes, sealed.length - tagBytes);
    return unfoldBlob(content, entry, this.#frames);
  }
}

/**
 * The trees that stand in one pack with the tree at a location, as many as the span and the limit of bytes
 * allow. Windows of one span do not overlap.
 */
export function windowAround(index: BlobIndex, location: number, span: number): Window {
  const pack = index.packNumber(location);
  const isNeighbour = (other: number): boolean =>
    other >= 0 &&
    other < index.locationCount &&
    index.isTree(other) &&
    index.packNumber(other) === pack;
  for (let size = span; ; size /= 2) {
    const floor = location - (location % size);
    let first = location;
    while (first > floor && isNeighbour(first - 1)) first -= 1;
    let end = location + 1;
    while (end < floor + size && isNeighbour(end)) end += 1;
    const offset = index.offsetOf(first);
    const length = index.offsetOf(end - 1) + index.lengthOf(end - 1) - offset;
    // Blobs that are listed in no order of their places make no window.
    if (size === 1 || (length > 0 && length <= maxWindowBytes)) {
      return { first, end, offset, length };
    }
  }
}
