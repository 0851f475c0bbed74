/**
 * Keys and values of a hive, read from its image (`hive-image.ts`). Damage never throws: what cannot
 * be read is left out and told in `problems`, with the offset where it stands in the file.
 *
 * Layout of the records: key nodes (`nk`), subkey lists (`li`, `lf`, `lh`, `ri`), values (`vk`) and big
 * data (`db`), each in a cell of the hive bins; offsets in records count from the end of the base block.
 */

import { baseBlockBytes, type HiveImage } from './hive-image.ts';
import { foldName, type RegistryValue } from './registry-value.ts';

const none = 0xffffffff;
const asciiName = 0x20;
const predefinedHandle = 0x40;
const keyHeaderBytes = 76;
const valueHeaderBytes = 20;
const segmentBytes = 16_344;
/** Windows allows 512 levels; more is a loop or damage. */
const maxDepth = 512;
/** Bounds on one record, far above what Windows writes, so that damage cannot exhaust memory. */
const maxSubkeys = 1_000_000;
const maxValues = 100_000;
const maxProblems = 1000;

export interface HiveKey {
  readonly name: string;
  /** Offset of the key's cell in the file, for evidence. */
  readonly fileOffset: number;
  readonly offset: number;
}

export interface HiveValue extends RegistryValue {
  readonly fileOffset: number;
}

export interface ReadProblem {
  readonly fileOffset: number;
  readonly what: string;
}

export class Hive {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #rootOffset: number;
  readonly #minor: number;
  readonly #problems: ReadProblem[] = [];

  constructor(image: HiveImage) {
    this.#bytes = image.bytes;
    this.#view = new DataView(image.bytes.buffer, image.bytes.byteOffset, image.bytes.byteLength);
    this.#rootOffset = image.rootOffset;
    this.#minor = image.minorVersion;
  }

  /** What could not be read so far; grows as keys are visited, and stops growing at a thousand. */
  get problems(): readonly ReadProblem[] {
    return this.#problems;
  }

  root(): HiveKey | undefined {
    return this.#readKey(this.#rootOffset);
  }

  /** A key by its path below another, names compared as Windows does; undefined if it is not there. */
  findKey(path: string, from = this.root()): HiveKey | undefined {
    let key = from;
    for (const part of path.split('\\').filter((name) => name !== '')) {
      if (key === undefined) return undefined;
      key = this.#findSubkey(key, foldName(part));
    }
    return key;
  }

  findValue(key: HiveKey, name: string): HiveValue | undefined {
    const wanted = foldName(name);
    for (const value of this.values(key)) if (foldName(value.name) === wanted) return value;
    return undefined;
  }

  *subkeys(key: HiveKey): Generator<HiveKey> {
    const record = this.#record(key.offset, keyHeaderBytes, 'key');
    if (record === undefined) return;
    const count = this.#view.getUint32(record + 20, true);
    const list = this.#view.getUint32(record + 28, true);
    if (count === 0 || list === none) return;
    let left = Math.min(count, maxSubkeys);
    for (const offset of this.#subkeyOffsets(list, true)) {
      if (left === 0) break;
      left -= 1;
      const subkey = this.#readKey(offset);
      if (subkey !== undefined) yield subkey;
    }
    if (left > 0) this.#problem(list, `subkey list of "${key.name}" is ${left} keys short`);
  }

  *values(key: HiveKey): Generator<HiveValue> {
    const record = this.#record(key.offset, keyHeaderBytes, 'key');
    if (record === undefined) return;
    if ((this.#view.getUint16(record + 2, true) & predefinedHandle) !== 0) return;
    const count = this.#view.getUint32(record + 36, true);
    const listOffset = this.#view.getUint32(record + 40, true);
    if (count === 0 || listOffset === none) return;
    if (count > maxValues) {
      this.#problem(key.offset, `key "${key.name}" claims ${count} values`);
      return;
    }
    const list = this.#record(listOffset, count * 4, 'value list');
    if (list === undefined) return;
    for (let i = 0; i < count; i += 1) {
      const value = this.#readValue(this.#view.getUint32(list + i * 4, true));
      if (value !== undefined) yield value;
    }
  }

  /** Every key with its path below the root (empty for the root), parents before children. */
  *walk(): Generator<{ readonly path: string; readonly key: HiveKey }> {
    const root = this.root();
    if (root === undefined) return;
    const visited = new Set<number>();
    const stack: { path: string; key: HiveKey; depth: number }[] = [
      { path: '', key: root, depth: 0 },
    ];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { path, key, depth } = next;
      if (visited.has(key.offset)) {
        this.#problem(key.offset, `key "${path}" is reached twice`);
        continue;
      }
      visited.add(key.offset);
      yield { path, key };
      if (depth >= maxDepth) {
        this.#problem(key.offset, `key "${path}" is deeper than ${maxDepth} levels`);
        continue;
      }
      const below = [...this.subkeys(key)].map((subkey) => ({
        path: path === '' ? subkey.name : `${path}\\${subkey.name}`,
        key: subkey,
        depth: depth + 1,
      }));
      stack.push(...below.reverse());
    }
  }

  #findSubkey(key: HiveKey, folded: string): HiveKey | undefined {
    for (const subkey of this.subkeys(key)) if (foldName(subkey.name) === folded) return subkey;
    return undefined;
  }

  *#subkeyOffsets(listOffset: number, indirect: boolean): Generator<number> {
    const list = this.#record(listOffset, 4, 'subkey list');
    if (list === undefined) return;
    const signature = String.fromCharCode(this.#bytes[list] ?? 0, this.#bytes[list + 1] ?? 0);
    const count = this.#view.getUint16(list + 2, true);
    const step = signature === 'lf' || signature === 'lh' ? 8 : 4;
    const isIndirect = signature === 'ri';
    if (!(step === 8 || signature === 'li' || (isIndirect && indirect))) {
      this.#problem(listOffset, `unknown subkey list "${signature}"`);
      return;
    }
    if (this.#record(listOffset, 4 + count * step, 'subkey list') === undefined) return;
    for (let i = 0; i < count; i += 1) {
      const offset = this.#view.getUint32(list + 4 + i * step, true);
      if (isIndirect) yield* this.#subkeyOffsets(offset, false);
      else yield offset;
    }
  }

  #readKey(offset: number): HiveKey | undefined {
    const record = this.#record(offset, keyHeaderBytes, 'key');
    if (record === undefined) return undefined;
    if (this.#view.getUint16(record, false) !== 0x6e6b) {
      this.#problem(offset, 'no key stands here (signature nk is missing)');
      return undefined;
    }
    const nameSize = this.#view.getUint16(record + 72, true);
    if (this.#record(offset, keyHeaderBytes + nameSize, 'key name') === undefined) return undefined;
    const eightBit = (this.#view.getUint16(record + 2, true) & asciiName) !== 0;
    const name = this.#text(record + keyHeaderBytes, nameSize, eightBit);
    return { name, offset, fileOffset: baseBlockBytes + offset };
  }

  #readValue(offset: number): HiveValue | undefined {
    const record = this.#record(offset, valueHeaderBytes, 'value');
    if (record === undefined) return undefined;
    if (this.#view.getUint16(record, false) !== 0x766b) {
      this.#problem(offset, 'no value stands here (signature vk is missing)');
      return undefined;
    }
    const nameSize = this.#view.getUint16(record + 2, true);
    if (this.#record(offset, valueHeaderBytes + nameSize, 'value name') === undefined)
      return undefined;
    const flags = this.#view.getUint16(record + 16, true);
    if ((flags & 2) !== 0) return undefined; // a tombstone of a layered key
    const name = this.#text(record + valueHeaderBytes, nameSize, (flags & 1) !== 0);
    const data = this.#readData(offset, record, name);
    if (data === undefined) return undefined;
    return {
      name,
      type: this.#view.getUint32(record + 12, true),
      data,
      fileOffset: baseBlockBytes + offset,
    };
  }

  #readData(offset: number, record: number, name: string): Uint8Array | undefined {
    const sizeField = this.#view.getUint32(record + 4, true);
    const size = sizeField & 0x7fffffff;
    if (sizeField >= 0x80000000) {
      if (size > 4) {
        this.#problem(offset, `value "${name}" keeps ${size} bytes where 4 fit`);
        return undefined;
      }
      return this.#bytes.slice(record + 8, record + 8 + size);
    }
    if (size === 0) return new Uint8Array(0);
    const dataOffset = this.#view.getUint32(record + 8, true);
    if (size > segmentBytes && this.#minor > 3 && this.#isBigData(dataOffset)) {
      return this.#readBigData(dataOffset, size, name);
    }
    const data = this.#record(dataOffset, size, `data of value "${name}"`);
    return data === undefined ? undefined : this.#bytes.slice(data, data + size);
  }

  #isBigData(offset: number): boolean {
    const at = baseBlockBytes + offset + 4;
    return this.#bytes[at] === 0x64 && this.#bytes[at + 1] === 0x62;
  }

  #readBigData(offset: number, size: number, name: string): Uint8Array | undefined {
    const record = this.#record(offset, 8, 'big data');
    if (record === undefined || size > this.#bytes.length) return undefined;
    const count = this.#view.getUint16(record + 2, true);
    const list = this.#record(this.#view.getUint32(record + 4, true), count * 4, 'big data list');
    if (list === undefined) return undefined;
    const data = new Uint8Array(size);
    let filled = 0;
    for (let i = 0; i < count && filled < size; i += 1) {
      const part = Math.min(segmentBytes, size - filled);
      const segment = this.#record(
        this.#view.getUint32(list + i * 4, true),
        part,
        'big data segment',
      );
      if (segment === undefined) return undefined;
      data.set(this.#bytes.subarray(segment, segment + part), filled);
      filled += part;
    }
    if (filled < size) {
      this.#problem(offset, `data of value "${name}" ends after ${filled} of ${size} bytes`);
      return undefined;
    }
    return data;
  }

  /** Position of a cell's record in the image, if an allocated cell of at least that size stands there. */
  #record(offset: number, size: number, what: string): number | undefined {
    const at = baseBlockBytes + offset;
    if (offset === none || offset % 8 !== 0 || at + 4 > this.#bytes.length) {
      this.#problem(offset, `${what}: the offset lies outside the hive`);
      return undefined;
    }
    const cell = -this.#view.getInt32(at, true);
    if (cell <= 0) {
      this.#problem(offset, `${what}: the cell is free`);
      return undefined;
    }
    if (cell < size + 4 || at + cell > this.#bytes.length) {
      this.#problem(offset, `${what}: the cell is cut short`);
      return undefined;
    }
    return at + 4;
  }

  #text(start: number, size: number, eightBit: boolean): string {
    const bytes = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + start, size);
    return bytes.toString(eightBit ? 'latin1' : 'utf16le');
  }

  #problem(offset: number, what: string): void {
    if (this.#problems.length >= maxProblems) return;
    this.#problems.push({ fileOffset: baseBlockBytes + offset, what });
  }
}
