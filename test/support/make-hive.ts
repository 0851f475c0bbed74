/**
 * Writes hives in the regf format as large as wanted, and the log that a dirty one needs. The keys of a
 * machine come from an export's text; the rest is bulk as below `SOFTWARE\Classes\CLSID`.
 */

import { marvin32 } from '../../src/doctor/facts/registry/marvin32.ts';
import { applyRegText, parseRegText } from '../../src/doctor/facts/registry/reg-text.ts';
import type { RegistryValue } from '../../src/doctor/facts/registry/registry-value.ts';

const baseBlock = 4096;
const none = 0xffffffff;
const keysOfList = 500;

interface Key {
  readonly name: string;
  readonly values: RegistryValue[];
  readonly subkeys: Map<string, Key>;
}

/** Bytes of a hive with the keys of an export below `prefix`, filled up to a size. */
export function makeHive(regText: string, prefix: string, sizeBytes: number): Uint8Array {
  const parsed = parseRegText(regText);
  if (parsed === undefined) throw new RangeError('no export');
  const root = makeKey('ROOT');
  for (const { path, values } of applyRegText(parsed).values()) {
    if (!path.startsWith(`${prefix}\\`)) continue;
    const key = keyAt(root, path.slice(prefix.length + 1).split('\\'));
    for (const { value } of values.values()) key.values.push(value);
  }
  const writer = new HiveWriter(sizeBytes + 1024 ** 2);
  const bulk = keyAt(root, ['Classes', 'CLSID']);
  for (let i = 0; i * 930 < sizeBytes; i += 1) fillClass(bulk, i);
  return writer.finish(writer.key(root, none));
}

/** A class as Windows has it: two keys below, a path and a few names; some 930 bytes. */
function fillClass(bulk: Key, number: number): void {
  const id = `{${number.toString(16).padStart(8, '0')}-1dba-11d1-8fa9-00a0c91ed500}`;
  const key = keyAt(bulk, [id]);
  key.values.push(text('', `Component number ${number} of the machine`));
  const server = keyAt(key, ['InprocServer32']);
  server.values.push(text('', `C:\\Windows\\System32\\component${number}.dll`));
  server.values.push(text('ThreadingModel', 'Apartment'));
  keyAt(key, ['ProgID']).values.push(text('', `Component.Class.${number}`));
  key.values.push({ name: 'Settings', type: 3, data: new Uint8Array(180).fill(number & 0xff) });
}

function text(name: string, value: string): RegistryValue {
  return { name, type: 1, data: new Uint8Array(Buffer.from(`${value}\0`, 'utf16le')) };
}

function makeKey(name: string): Key {
  return { name, values: [], subkeys: new Map() };
}

function keyAt(from: Key, path: readonly string[]): Key {
  let key = from;
  for (const part of path) {
    const next = key.subkeys.get(part) ?? makeKey(part);
    key.subkeys.set(part, next);
    key = next;
  }
  return key;
}

class HiveWriter {
  #bytes: Buffer;
  /** From the end of the base block; the first bin's header is 32 bytes. */
  #at = 32;

  constructor(sizeBytes: number) {
    this.#bytes = Buffer.alloc(sizeBytes);
  }

  #cell(size: number): number {
    const whole = Math.ceil((size + 4) / 8) * 8;
    const offset = this.#at;
    while (baseBlock + offset + whole + 4096 > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#bytes.length)]);
    }
    this.#bytes.writeInt32LE(-whole, baseBlock + offset);
    this.#at += whole;
    return offset;
  }

  /** @returns the offset of the key's cell */
  key({ name, values, subkeys }: Key, parent: number): number {
    const named = Buffer.from(name, 'latin1');
    const offset = this.#cell(76 + named.length);
    const children = [...subkeys.values()].map((subkey) => this.key(subkey, offset));
    const list = values.length === 0 ? none : this.#list(values.map((value) => this.#value(value)));
    const index = this.#index(children);
    const at = baseBlock + offset + 4;
    const bytes = this.#bytes;
    bytes.write('nk', at, 'latin1');
    bytes.writeUInt16LE(parent === none ? 0x2c : 0x20, at + 2);
    bytes.writeUInt32LE(parent, at + 16);
    bytes.writeUInt32LE(children.length, at + 20);
    bytes.writeUInt32LE(index, at + 28);
    bytes.writeUInt32LE(none, at + 32);
    bytes.writeUInt32LE(values.length, at + 36);
    bytes.writeUInt32LE(list, at + 40);
    bytes.writeUInt32LE(none, at + 44);
    bytes.writeUInt32LE(none, at + 48);
    bytes.writeUInt16LE(named.length, at + 72);
    named.copy(bytes, at + 76);
    return offset;
  }

  #value({ name, type, data }: RegistryValue): number {
    const named = Buffer.from(name, 'latin1');
    const stored = data.length > 4 ? this.#data(data) : undefined;
    const offset = this.#cell(20 + named.length);
    const at = baseBlock + offset + 4;
    const bytes = this.#bytes;
    bytes.write('vk', at, 'latin1');
    bytes.writeUInt16LE(named.length, at + 2);
    bytes.writeUInt32LE(stored === undefined ? data.length + 0x80000000 : data.length, at + 4);
    if (stored === undefined) bytes.set(data, at + 8);
    else bytes.writeUInt32LE(stored, at + 8);
    bytes.writeUInt32LE(type, at + 12);
    bytes.writeUInt16LE(1, at + 16);
    named.copy(bytes, at + 20);
    return offset;
  }

  #data(data: Uint8Array): number {
    const offset = this.#cell(data.length);
    this.#bytes.set(data, baseBlock + offset + 4);
    return offset;
  }

  #list(offsets: readonly number[]): number {
    const offset = this.#cell(offsets.length * 4);
    for (const [i, to] of offsets.entries()) {
      this.#bytes.writeUInt32LE(to, baseBlock + offset + 4 + i * 4);
    }
    return offset;
  }

  /** A list of keys, or for many a list of such lists. */
  #index(keys: readonly number[]): number {
    if (keys.length === 0) return none;
    if (keys.length <= keysOfList) return this.#signed('li', keys);
    const lists: number[] = [];
    for (let i = 0; i < keys.length; i += keysOfList) {
      lists.push(this.#signed('li', keys.slice(i, i + keysOfList)));
    }
    return this.#signed('ri', lists);
  }

  #signed(signature: string, offsets: readonly number[]): number {
    const offset = this.#cell(4 + offsets.length * 4);
    const at = baseBlock + offset + 4;
    this.#bytes.write(signature, at, 'latin1');
    this.#bytes.writeUInt16LE(offsets.length, at + 2);
    for (const [i, to] of offsets.entries()) this.#bytes.writeUInt32LE(to, at + 4 + i * 4);
    return offset;
  }

  finish(root: number): Uint8Array {
    const size = Math.ceil((this.#at + 8) / 4096) * 4096;
    this.#bytes.writeInt32LE(size - this.#at, baseBlock + this.#at);
    this.#bytes.write('hbin', baseBlock, 'latin1');
    this.#bytes.writeUInt32LE(size, baseBlock + 8);
    writeBase(this.#bytes, { primary: 1, secondary: 1, type: 0, root, size });
    return this.#bytes.subarray(0, baseBlock + size);
  }
}

interface Base {
  readonly primary: number;
  readonly secondary: number;
  /** 0: hive, 6: log. */
  readonly type: number;
  readonly root: number;
  readonly size: number;
}

function writeBase(bytes: Buffer, { primary, secondary, type, root, size }: Base): void {
  bytes.write('regf', 0, 'latin1');
  for (const [at, value] of [
    [4, primary],
    [8, secondary],
    [20, 1],
    [24, 5],
    [28, type],
    [32, 1],
    [36, root],
    [40, size],
    [44, 1],
  ] as const) {
    bytes.writeUInt32LE(value, at);
  }
  let sum = 0;
  for (let at = 0; at < 508; at += 4) sum ^= bytes.readUInt32LE(at);
  bytes.writeUInt32LE(sum >>> 0, 508);
}

/**
 * Takes the last `pages` pages of 4 KiB out of a hive, as if they had never been written, and puts them
 * into a log: the hive is dirty, and cannot be read whole without its log.
 */
export function makeDirty(hive: Uint8Array, pages: number): { hive: Buffer; log: Buffer } {
  const dirty = Buffer.from(hive);
  const size = dirty.readUInt32LE(40);
  const root = dirty.readUInt32LE(36);
  writeBase(dirty, { primary: 2, secondary: 1, type: 0, root, size });
  const head = Buffer.alloc(512);
  writeBase(head, { primary: 1, secondary: 1, type: 6, root, size });
  const perEntry = 64;
  const entries: Buffer[] = [];
  for (let page = 0; page < pages; page += perEntry) {
    const count = Math.min(perEntry, pages - page);
    const start = size - (page + count) * 4096;
    const content = Buffer.from(hive.subarray(baseBlock + start, baseBlock + start + count * 4096));
    dirty.fill(0, baseBlock + start, baseBlock + start + count * 4096);
    entries.push(logEntry({ sequence: entries.length + 1, size, start, content }));
  }
  return { hive: dirty, log: Buffer.concat([head, ...entries]) };
}

function logEntry({
  sequence,
  size,
  start,
  content,
}: {
  readonly sequence: number;
  readonly size: number;
  readonly start: number;
  readonly content: Buffer;
}): Buffer {
  const entry = Buffer.alloc(Math.ceil((48 + content.length) / 512) * 512);
  entry.write('HvLE', 0, 'latin1');
  entry.writeUInt32LE(entry.length, 4);
  entry.writeUInt32LE(sequence, 12);
  entry.writeUInt32LE(size, 16);
  entry.writeUInt32LE(1, 20);
  entry.writeUInt32LE(start, 40);
  entry.writeUInt32LE(content.length, 44);
  content.copy(entry, 48);
  entry.writeBigUInt64LE(marvin32(entry.subarray(40)), 24);
  entry.writeBigUInt64LE(marvin32(entry.subarray(0, 32)), 32);
  return entry;
}
