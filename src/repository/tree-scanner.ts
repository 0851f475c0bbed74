/**
 * Finds the nodes in the JSON of a tree, and tells whether one is what a file would give again, without
 * decoding it.
 */

import { SealiftError } from '../base/errors.ts';
import { type BlobId, idBytes, parseBlobId } from './ids.ts';
import { standsAt } from './json-bytes.ts';
import { matchHead, type NodeHeadNumbers, unlike } from './node-head.ts';

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const space = 0x20;
const idDigits = 2 * idBytes;

/** Members that may follow a head; of a node with others not everything is known. */
const skippedMembers = ['linktarget', 'linktarget_raw', 'extended_attributes', 'device'];
const contentKey = Buffer.from('"content":');
const subtreeKey = Buffer.from('"subtree":');

/** The digits of an id where they stand in a text; whoever reads them checks that they are some. */
export interface HexId {
  readonly json: Uint8Array;
  readonly start: number;
}

/** Finds where nodes begin and end; what is between is left to `JSON.parse`. */
export class TreeScanner {
  readonly bytes: Uint8Array;
  readonly #bytes: Buffer;
  #offset = 0;
  #nodeStart = 0;
  /** Where the node ends once that is known, else before its start. */
  #nodeEnd = -1;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Position of the node here. */
  get nodeStart(): number {
    return this.#nodeStart;
  }

  /** Says where the node here ends, by whoever has read it. */
  endNode(end: number): void {
    this.#nodeEnd = end;
  }

  /** The JSON text of the node here. */
  nodeText(): string {
    this.#offset = this.#nodeStart;
    const text = this.#value();
    this.#nodeEnd = this.#offset;
    return text;
  }

  /** Where the node here ends and what its subtree is; see {@link TreeCursor.encoded}. */
  match(
    head: NodeHeadNumbers,
    isStored: (id: HexId) => boolean,
  ): { start: number; end: number; subtree: BlobId | undefined } | undefined {
    const start = this.#nodeStart;
    const rest = matchHead(this.#bytes, start, head);
    if (rest === unlike) return undefined;
    this.#offset = rest;
    let subtree: BlobId | undefined;
    let hasContent = false;
    while (this.#take(comma)) {
      if (this.#takeText(contentKey)) {
        hasContent = this.#take(openBracket);
        if (!hasContent)
          this.#value(); // null
        else if (!this.#isContentStored(isStored)) return undefined;
      } else if (this.#takeText(subtreeKey)) subtree = parseBlobId(this.#text());
      else {
        const key = this.#text();
        this.#expect(colon);
        if (!skippedMembers.includes(key)) return undefined;
        this.#value();
      }
    }
    this.#expect(closeBrace);
    if (hasContent !== (head.type === 'file')) return undefined;
    this.#nodeEnd = this.#offset;
    return { start, end: this.#offset, subtree };
  }

  #isContentStored(isStored: (id: HexId) => boolean): boolean {
    if (this.#take(closeBracket)) return true;
    do {
      this.#expect(quote);
      const digits = { json: this.#bytes, start: this.#offset };
      this.#offset += idDigits;
      this.#expect(quote);
      if (!isStored(digits)) return false;
    } while (this.#take(comma));
    this.#expect(closeBracket);
    return true;
  }

  /** What is in the quotes of the string here; for texts without escapes. */
  #text(): string {
    this.#skipSpace();
    const start = this.#offset + 1;
    if (this.#bytes[start - 1] !== quote) throw badTree(`a string expected at ${this.#offset}`);
    this.#skipString();
    return this.#bytes.toString('latin1', start, this.#offset - 1);
  }

  /** Stops at each node. */
  *nodes(): Generator<void> {
    let isFound = false;
    this.#expect(openBrace);
    if (this.#take(closeBrace)) {
      this.#end();
      return;
    }
    do {
      const key = parseText(this.#value());
      this.#expect(colon);
      if (key === 'nodes' && this.#take(openBracket)) {
        if (isFound) throw badTree('nodes are listed twice');
        isFound = true;
        yield* this.#items();
      } else if (key === 'nodes' || typeof key !== 'string') {
        if (parseText(this.#value()) !== null) throw badTree('nodes are no list');
      } else parseText(this.#value());
    } while (this.#take(comma));
    this.#expect(closeBrace);
    this.#end();
  }

  *#items(): Generator<void> {
    if (this.#take(closeBracket)) return;
    do {
      this.#skipSpace();
      this.#nodeStart = this.#offset;
      yield;
      this.#offset = this.#nodeStart;
      if (this.#nodeEnd > this.#nodeStart) this.#offset = this.#nodeEnd;
      else this.#skipValue();
    } while (this.#take(comma));
    this.#expect(closeBracket);
  }

  /** The text of the value at the offset, which moves behind it. */
  #value(): string {
    this.#skipSpace();
    const start = this.#offset;
    this.#skipValue();
    return this.#bytes.toString('utf8', start, this.#offset);
  }

  #skipValue(): void {
    const bytes = this.#bytes;
    let depth = 0;
    while (this.#offset < bytes.length) {
      const byte = bytes[this.#offset] ?? 0;
      if (byte === quote) {
        this.#skipString();
        if (depth === 0) return;
        continue;
      }
      if (byte === openBrace || byte === openBracket) depth += 1;
      else if (byte === closeBrace || byte === closeBracket) {
        if (depth === 0) return;
        depth -= 1;
        if (depth === 0) {
          this.#offset += 1;
          return;
        }
      } else if (depth === 0 && (byte === comma || byte === colon || byte <= space)) return;
      this.#offset += 1;
    }
    if (depth > 0) throw badTree('the JSON is cut short');
  }

  #skipString(): void {
    const bytes = this.#bytes;
    let offset = this.#offset + 1;
    while (offset < bytes.length && bytes[offset] !== quote) {
      offset += bytes[offset] === backslash ? 2 : 1;
    }
    if (offset >= bytes.length) throw badTree('the JSON is cut short');
    this.#offset = offset + 1;
  }

  #skipSpace(): void {
    while (this.#offset < this.#bytes.length && (this.#bytes[this.#offset] ?? 0) <= space) {
      this.#offset += 1;
    }
  }

  /** Moves past a byte if it is next. */
  #take(byte: number): boolean {
    this.#skipSpace();
    if (this.#bytes[this.#offset] !== byte) return false;
    this.#offset += 1;
    return true;
  }

  /** Moves past these bytes if they are next, without space before them. */
  #takeText(text: Uint8Array): boolean {
    const isNext = standsAt(this.#bytes, this.#offset, text);
    if (isNext) this.#offset += text.length;
    return isNext;
  }

  #expect(byte: number): void {
    if (!this.#take(byte))
      throw badTree(`${String.fromCharCode(byte)} expected at ${this.#offset}`);
  }

  #end(): void {
    this.#skipSpace();
    if (this.#offset !== this.#bytes.length) throw badTree('bytes are left over');
  }
}

/** @throws SealiftError `format/tree` */
export function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badTree('a node is not JSON', cause);
  }
}

export function badTree(fault: string, cause?: unknown): SealiftError {
  return new SealiftError('format/tree', `tree: ${fault}`, cause === undefined ? {} : { cause });
}
