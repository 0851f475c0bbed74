/**
 * A hash table from ids to numbers in four bytes a slot: open addressing with linear probing. A slot holds
 * a number plus one in its lower bits, as many as the numbers need, and in those left bits of the id, so
 * that hardly any probe has to look at the id itself. Ids are SHA-256 values, as good as a hash.
 *
 * The size is no power of two: it is what the count asks for. The owner keeps the ids, compares them, and
 * makes a larger table when this one is full.
 */

/** Of the slots when the table is made; 5 bytes for each number. */
const firstFill = 0.8;
/** Above this, chains of probes grow long. */
const maxFill = 0.85;
/** Of the slots when a full table is replaced. */
const grownFill = 0.6;
const minSlots = 64;

/** What {@link SlotTable.probe} says of a slot without a number, and of one with the number of another id. */
export const free = -2;
export const other = -1;

export class SlotTable {
  readonly #slots: Uint32Array;
  /** Other threads may read it while the owner adds to it. */
  readonly memory: SharedArrayBuffer;
  /** Numbers it takes before it is full. */
  readonly capacity: number;
  /** Slots by the range of an id's first word. */
  readonly #scale: number;
  readonly #tagMask: number;

  /** @param memory that of another table, which stays the owner's to fill */
  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#slots = new Uint32Array(memory);
    this.capacity = Math.floor(this.#slots.length * maxFill);
    this.#scale = this.#slots.length / 2 ** 32;
    const numberBits = 32 - Math.clz32(this.capacity);
    this.#tagMask = numberBits === 32 ? 0 : -1 << numberBits;
  }

  /** @param isGrowing leaves more room free, since more numbers will come */
  static create(count: number, { isGrowing = false } = {}): SlotTable {
    const size = Math.max(minSlots, Math.ceil(count / (isGrowing ? grownFill : firstFill)));
    return new SlotTable(new SharedArrayBuffer(size * Uint32Array.BYTES_PER_ELEMENT));
  }

  /** The slot at which probing for an id begins. */
  start(firstWord: number): number {
    return Math.floor(firstWord * this.#scale);
  }

  next(slot: number): number {
    return slot + 1 === this.#slots.length ? 0 : slot + 1;
  }

  /** The number in a slot, if it may be that of an id with this second word; else `other` or `free`. */
  probe(slot: number, secondWord: number): number {
    const entry = this.#slots[slot] ?? 0;
    if (entry === 0) return free;
    return ((entry ^ secondWord) & this.#tagMask) === 0 ? (entry & ~this.#tagMask) - 1 : other;
  }

  /** @param slot a free one, reached by probing */
  fill(slot: number, secondWord: number, number: number): void {
    this.#slots[slot] = (secondWord & this.#tagMask) | (number + 1);
  }
}
