/**
 * What the nodes of a tree refer to. A node spelled as restic and Sealift spell it is checked where it
 * stands, byte by byte, without an object for it; any other is left to `parseNode`, which says what is
 * wrong with it, if anything is. Both accept the same nodes.
 */

import { isUtf8 } from 'node:buffer';
import { decodeByteString, encodeByteString } from '../base/byte-string.ts';
import { blobIdToBytes, idBytes, readHexId } from './ids.ts';
import { isDigit, standsAt, twoDigits } from './json-bytes.ts';
import { checkOrder, parseNode, type TreeNode } from './tree.ts';
import { TreeScanner } from './tree-scanner.ts';

const quote = 0x22;
const plus = 0x2b;
const comma = 0x2c;
const minus = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const closeBrace = 0x7d;
const space = 0x20;
const letterT = 0x54;
const letterZ = 0x5a;
const openBrace = 0x7b;
const slash = 0x2f;
const lastAscii = 0x7f;

/** Numbers of so many digits are exact as doubles. */
const maxDigits = 15;
const maxUint32 = 2 ** 32 - 1;

type Kind = 'name' | 'type' | 'uint32' | 'number' | 'time' | 'text' | 'content' | 'subtree';

interface Member {
  /** The key in quotes and the colon. */
  readonly key: Uint8Array;
  readonly kind: Kind;
}

const member = (name: string, kind: Kind): Member => ({ key: Buffer.from(`"${name}":`), kind });

/** In the order in which they are written. Nodes with others, or in another order, are parsed. */
const members: readonly Member[] = [
  member('name', 'name'),
  member('type', 'type'),
  member('mode', 'uint32'),
  member('mtime', 'time'),
  member('atime', 'time'),
  member('ctime', 'time'),
  member('uid', 'uint32'),
  member('gid', 'uint32'),
  member('user', 'text'),
  member('group', 'text'),
  member('inode', 'number'),
  member('device_id', 'number'),
  member('size', 'number'),
  member('links', 'number'),
  member('linktarget', 'text'),
  member('device', 'number'),
  member('content', 'content'),
  member('subtree', 'subtree'),
];

const types = ['file', 'dir', 'symlink', 'dev', 'chardev', 'fifo', 'socket'].map((name) => ({
  name,
  text: Buffer.from(`"${name}"`),
}));
const nullText = Buffer.from('null');
const noBytes = new Uint8Array();

/**
 * Goes through a tree as `decodeTree` does, with the same errors. What it gives is valid until the next
 * node.
 */
export class ReferenceScanner {
  readonly #scanner: TreeScanner;
  readonly #steps: Generator<void>;
  readonly #bytes: Buffer;
  readonly #plain: PlainNode;
  /** The node here, where it had to be parsed. */
  #parsed: TreeNode | undefined;
  /** Where the name here stands; a name that had to be parsed has bytes of its own. */
  #nameBytes: Uint8Array;
  #nameStart = 0;
  #nameEnd = 0;

  /** @param bytes the tree blob; borrowed as long as the scanner is used */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#scanner = new TreeScanner(bytes);
    this.#steps = this.#scanner.nodes();
    this.#plain = new PlainNode(this.#bytes);
    this.#nameBytes = this.#bytes;
  }

  /**
   * Moves to the next node.
   * @returns false at the end
   * @throws SealiftError `format/tree`
   */
  next(): boolean {
    if (this.#steps.next().done === true) return false;
    const bytes = this.#nameBytes;
    const start = this.#nameStart;
    const end = this.#nameEnd;
    const nodeEnd = this.#plain.read(this.#scanner.nodeStart);
    if (nodeEnd === undefined) {
      this.#parsed = parseNode(this.#scanner.nodeText());
      this.#nameBytes = Buffer.from(encodeByteString(this.#parsed.name));
      this.#nameStart = 0;
      this.#nameEnd = this.#nameBytes.length;
    } else {
      this.#parsed = undefined;
      this.#scanner.endNode(nodeEnd);
      this.#nameBytes = this.#bytes;
      this.#nameStart = this.#plain.nameStart;
      this.#nameEnd = this.#plain.nameEnd;
    }
    if (!this.#isAfter(bytes, start, end)) {
      checkOrder(decodeByteString(bytes.subarray(start, end)), this.name);
    }
    return true;
  }

  /** A byte string. */
  get name(): string {
    return decodeByteString(this.#nameBytes.subarray(this.#nameStart, this.#nameEnd));
  }

  /** As {@link TreeNode.type}. */
  get type(): string {
    return this.#parsed === undefined ? this.#plain.type : this.#parsed.type;
  }

  /** False where there is no list of data blobs, not even an empty one. */
  get hasContent(): boolean {
    return this.#parsed === undefined ? this.#plain.hasContent : this.#parsed.content !== null;
  }

  get contentCount(): number {
    if (this.#parsed === undefined) return this.#plain.contentCount;
    return this.#parsed.content?.length ?? 0;
  }

  /** Id of a data blob, 32 bytes. */
  contentId(at: number): Uint8Array {
    if (this.#parsed === undefined) return this.#plain.contentId(at);
    const id = this.#parsed.content?.[at];
    if (id === undefined) throw new RangeError(`no blob ${at} in the node's content`);
    return blobIdToBytes(id);
  }

  /** Id of a folder's tree, 32 bytes. */
  get subtree(): Uint8Array | undefined {
    if (this.#parsed === undefined) return this.#plain.subtree;
    return this.#parsed.subtree && blobIdToBytes(this.#parsed.subtree);
  }

  /** Compares the name here with the one before, by bytes. */
  #isAfter(bytes: Uint8Array, start: number, end: number): boolean {
    const name = this.#nameBytes;
    const size = this.#nameEnd - this.#nameStart;
    const common = Math.min(size, end - start);
    for (let at = 0; at < common; at += 1) {
      const difference = (name[this.#nameStart + at] ?? 0) - (bytes[start + at] ?? 0);
      if (difference !== 0) return difference > 0;
    }
    return size > end - start;
  }
}

/** A node in the usual spelling. */
class PlainNode {
  nameStart = 0;
  nameEnd = 0;
  type = '';
  readonly #bytes: Buffer;
  #offset = 0;
  /** One array for each place in a list of content, used again by the next node. */
  readonly #ids: Uint8Array[] = [];
  contentCount = 0;
  hasContent = false;
  readonly #subtree = new Uint8Array(idBytes);
  #hasSubtree = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  contentId(at: number): Uint8Array {
    const id = at < this.contentCount ? this.#ids[at] : undefined;
    if (id === undefined) throw new RangeError(`no blob ${at} in the node's content`);
    return id;
  }

  get subtree(): Uint8Array | undefined {
    return this.#hasSubtree ? this.#subtree : undefined;
  }

  /** @returns where the node that starts there ends; undefined when it is to be parsed */
  read(start: number): number | undefined {
    this.#offset = start;
    this.contentCount = 0;
    this.hasContent = false;
    this.#hasSubtree = false;
    if (!this.#take(openBrace)) return undefined;
    let at = 0;
    let hasType = false;
    do {
      while (at < members.length && !this.#takeBytes(members[at]?.key ?? noBytes)) {
        // Each node has a name.
        if (at === 0) return undefined;
        at += 1;
      }
      const kind = members[at]?.kind;
      if (kind === undefined || !this.#value(kind)) return undefined;
      if (kind === 'type') hasType = true;
      at += 1;
    } while (this.#take(comma));
    return hasType && this.#take(closeBrace) ? this.#offset : undefined;
  }

  #value(kind: Kind): boolean {
    switch (kind) {
      case 'name':
        return this.#nodeName();
      case 'type':
        return this.#nodeType();
      case 'uint32':
        return this.#number() <= maxUint32;
      case 'number':
        return this.#number() <= Number.MAX_SAFE_INTEGER;
      case 'time':
        return this.#time();
      case 'text':
        return this.#text();
      case 'content':
        return this.#contentIds();
      case 'subtree':
        this.#hasSubtree = true;
        return this.#id(this.#subtree);
    }
  }

  #nodeName(): boolean {
    const start = this.#offset + 1;
    if (!this.#text()) return false;
    this.nameStart = start;
    this.nameEnd = this.#offset - 1;
    const bytes = this.#bytes;
    const size = this.nameEnd - start;
    if (
      size === 0 ||
      (bytes[start] === dot && (size === 1 || (size === 2 && bytes[start + 1] === dot)))
    )
      return false;
    let isAscii = true;
    for (let at = start; at < this.nameEnd; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === slash) return false;
      if (byte > lastAscii) isAscii = false;
    }
    return isAscii || isUtf8(bytes.subarray(start, this.nameEnd));
  }

  #nodeType(): boolean {
    for (const { name, text } of types) {
      if (!this.#takeBytes(text)) continue;
      this.type = name;
      return true;
    }
    return false;
  }

  /** A number of up to 15 digits, infinity for what is none or longer. */
  #number(): number {
    const bytes = this.#bytes;
    const start = this.#offset;
    let value = 0;
    let at = start;
    for (; ; at += 1) {
      const digit = (bytes[at] ?? 0) - zero;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.#offset = at;
    const size = at - start;
    const isPlain = size > 0 && size <= maxDigits && (size === 1 || bytes[start] !== zero);
    return isPlain ? value : Number.POSITIVE_INFINITY;
  }

  /** A string without escapes and control characters. */
  #text(): boolean {
    const bytes = this.#bytes;
    if (bytes[this.#offset] !== quote) return false;
    for (let at = this.#offset + 1; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === quote) {
        this.#offset = at + 1;
        return true;
      }
      if (byte < space || byte === backslash) return false;
    }
    return false;
  }

  /** As RFC 3339 has it, at a day that each year has. */
  #time(): boolean {
    const at = this.#offset;
    const bytes = this.#bytes;
    const isShaped =
      bytes[at] === quote &&
      bytes[at + 5] === minus &&
      bytes[at + 8] === minus &&
      bytes[at + 11] === letterT &&
      bytes[at + 14] === colon &&
      bytes[at + 17] === colon;
    const month = twoDigits(bytes, at + 6);
    const day = twoDigits(bytes, at + 9);
    const isTime =
      isShaped &&
      twoDigits(bytes, at + 1) <= 99 &&
      twoDigits(bytes, at + 3) <= 99 &&
      month >= 1 &&
      month <= 12 &&
      day >= 1 &&
      day <= (month === 2 ? 28 : 30) &&
      twoDigits(bytes, at + 12) <= 23 &&
      twoDigits(bytes, at + 15) <= 59 &&
      twoDigits(bytes, at + 18) <= 59;
    if (!isTime) return false;
    this.#offset = at + 20;
    if (this.#take(dot) && !this.#fraction()) return false;
    if (!this.#take(letterZ) && !this.#zone()) return false;
    return this.#take(quote);
  }

  #fraction(): boolean {
    const start = this.#offset;
    while (isDigit(this.#bytes[this.#offset])) this.#offset += 1;
    return this.#offset > start;
  }

  #zone(): boolean {
    const bytes = this.#bytes;
    if (!this.#take(plus) && !this.#take(minus)) return false;
    const at = this.#offset;
    this.#offset += 5;
    return twoDigits(bytes, at) <= 99 && bytes[at + 2] === colon && twoDigits(bytes, at + 3) <= 99;
  }

  #contentIds(): boolean {
    if (this.#takeBytes(nullText)) return true;
    if (!this.#take(openBracket)) return false;
    this.hasContent = true;
    if (this.#take(closeBracket)) return true;
    do {
      const id = this.#ids[this.contentCount] ?? new Uint8Array(idBytes);
      this.#ids[this.contentCount] = id;
      if (!this.#id(id)) return false;
      this.contentCount += 1;
    } while (this.#take(comma));
    return this.#take(closeBracket);
  }

  /** Puts the id here into the target. */
  #id(target: Uint8Array): boolean {
    const bytes = this.#bytes;
    const start = this.#offset + 1;
    const end = start + 2 * idBytes;
    if (bytes[start - 1] !== quote || bytes[end] !== quote) return false;
    this.#offset = end + 1;
    return readHexId(bytes, start, target, 0);
  }

  /** Moves past a byte if it is next. */
  #take(byte: number): boolean {
    if (this.#bytes[this.#offset] !== byte) return false;
    this.#offset += 1;
    return true;
  }

  #takeBytes(wanted: Uint8Array): boolean {
    const isNext = standsAt(this.#bytes, this.#offset, wanted);
    if (isNext) this.#offset += wanted.length;
    return isNext;
  }
}
