/**
 * The packs of an index by number, and which locations lie in them. Blobs stand one after another in a pack,
 * so their pack and offset are kept for runs of neighbours, not for each: usually one run a pack. A mark
 * every 64 locations says in which run they are and at which offset.
 */

import { idBytes, type PackId, packIdFromBytes } from './ids.ts';
import { free, other, SlotTable } from './slot-table.ts';

const idWords = idBytes / 4;
const markBits = 6;
const markSpan = 1 << markBits;

export class PackRuns {
  readonly #ids = new WordList();
  #table = SlotTable.create(0, { isGrowing: true });
  /** For each pack, its first run; more of its runs may follow directly. */
  readonly #firstRuns = new WordList();
  /** Runs of a pack that was listed again later: the first of each batch. */
  readonly #laterRuns = new Map<number, number[]>();
  readonly #runStarts = new WordList();
  readonly #runPacks = new WordList();
  readonly #runOffsets = new WordList();
  readonly #markRuns = new WordList();
  readonly #markOffsets = new WordList();
  readonly #wanted = Buffer.from(new ArrayBuffer(idBytes));
  readonly #wantedWords = new Uint32Array(this.#wanted.buffer);
  #locationCount = 0;

  get count(): number {
    return this.#firstRuns.length;
  }

  find(id: PackId): number | undefined {
    this.#wanted.write(id, 'hex');
    return this.#find();
  }

  /** The pack's number, known or new. @param id 32 bytes, borrowed */
  add(id: Uint8Array): { readonly pack: number; readonly isNew: boolean } {
    this.#wanted.set(id);
    const known = this.#find();
    if (known !== undefined) return { pack: known, isNew: false };
    const pack = this.count;
    if (pack === this.#table.capacity) this.#growTable();
    for (const word of this.#wantedWords) this.#ids.push(word);
    this.#firstRuns.push(this.#runStarts.length);
    this.#insert(pack);
    return { pack, isNew: true };
  }

  idOf(pack: number): PackId {
    if (!(pack >= 0 && pack < this.count)) throw new RangeError(`no pack ${pack}`);
    const words = this.#ids.words.subarray(pack * idWords, (pack + 1) * idWords);
    return packIdFromBytes(new Uint8Array(words.buffer, words.byteOffset, idBytes));
  }

  /** Before the blobs of a pack are added with {@link addLocation}. */
  begin(pack: number): void {
    const next = this.#runStarts.length;
    const follows =
      this.#firstRuns.at(pack) === next || (next > 0 && this.#runPacks.at(next - 1) === pack);
    if (follows) return;
    const later = this.#laterRuns.get(pack);
    if (later === undefined) this.#laterRuns.set(pack, [next]);
    else later.push(next);
  }

  /** The next location. @param follows it stands right behind the one before, in the same pack */
  addLocation(pack: number, offset: number, follows: boolean): void {
    const location = this.#locationCount;
    if (!follows) {
      this.#runStarts.push(location);
      this.#runPacks.push(pack);
      this.#runOffsets.push(offset);
    }
    if (location % markSpan === 0) {
      this.#markRuns.push(this.#runStarts.length - 1);
      this.#markOffsets.push(offset);
    }
    this.#locationCount += 1;
  }

  packOf(location: number): number {
    return this.#runPacks.at(this.#runOf(location));
  }

  /** @param lengthOf sealed size at a location */
  offsetOf(location: number, lengthOf: (location: number) => number): number {
    const run = this.#runOf(location);
    const mark = location >>> markBits;
    const runStart = this.#runStarts.at(run);
    const isInside = runStart < mark * markSpan;
    let offset = isInside ? this.#markOffsets.at(mark) : this.#runOffsets.at(run);
    for (let at = isInside ? mark * markSpan : runStart; at < location; at += 1) {
      offset += lengthOf(at);
    }
    return offset;
  }

  /** Runs of a pack in the order added: first location, end, and offset of the first. */
  *runsOf(
    pack: number,
  ): Generator<{ readonly start: number; readonly end: number; readonly offset: number }> {
    for (const first of [this.#firstRuns.at(pack), ...(this.#laterRuns.get(pack) ?? [])]) {
      for (let run = first; run < this.#runStarts.length; run += 1) {
        if (this.#runPacks.at(run) !== pack) break;
        const isLast = run + 1 === this.#runStarts.length;
        const end = isLast ? this.#locationCount : this.#runStarts.at(run + 1);
        yield { start: this.#runStarts.at(run), end, offset: this.#runOffsets.at(run) };
      }
    }
  }

  #runOf(location: number): number {
    if (!(location >= 0 && location < this.#locationCount)) {
      throw new RangeError(`no blob location ${location}`);
    }
    const mark = location >>> markBits;
    let low = this.#markRuns.at(mark);
    let high =
      mark + 1 < this.#markRuns.length ? this.#markRuns.at(mark + 1) : this.#runStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#runStarts.at(middle) <= location) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #find(): number | undefined {
    const [first = 0, second = 0] = this.#wantedWords;
    for (let slot = this.#table.start(first); ; slot = this.#table.next(slot)) {
      const pack = this.#table.probe(slot, second);
      if (pack === free) return undefined;
      if (pack !== other && this.#isWanted(pack)) return pack;
    }
  }

  #isWanted(pack: number): boolean {
    for (let word = 0; word < idWords; word += 1) {
      if (this.#ids.at(pack * idWords + word) !== this.#wantedWords[word]) return false;
    }
    return true;
  }

  #insert(pack: number): void {
    const second = this.#ids.at(pack * idWords + 1);
    let slot = this.#table.start(this.#ids.at(pack * idWords));
    while (this.#table.probe(slot, second) !== free) slot = this.#table.next(slot);
    this.#table.fill(slot, second, pack);
  }

  #growTable(): void {
    const count = this.count;
    this.#table = SlotTable.create(count, { isGrowing: true });
    for (let pack = 0; pack < count; pack += 1) this.#insert(pack);
  }
}

/** Whole numbers below 2^32 that grow in number. */
class WordList {
  words = new Uint32Array(64);
  length = 0;

  at(index: number): number {
    return this.words[index] ?? 0;
  }

  push(word: number): void {
    if (this.length === this.words.length) {
      const larger = new Uint32Array(this.length + (this.length >>> 1));
      larger.set(this.words);
      this.words = larger;
    }
    this.words[this.length] = word;
    this.length += 1;
  }
}
