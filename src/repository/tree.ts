/**
 * Trees: the entries of one directory, as the JSON whose SHA-256 names the tree. Both directions
 * work node by node, so a directory of 200,000 files needs its bytes and one node, not 200,000
 * objects. docs/format.md#trees
 */

import {
  compareByteStrings,
  decodeByteString,
  encodeByteString,
  hasEscapedBytes,
} from '../base/byte-string.ts';
import { encodeBase64 } from '../base/bytes.ts';
import { SealiftError } from '../base/errors.ts';
import { formatTime } from '../base/time.ts';
import { compactJson, encodeJsonBytes, encodeJsonString, jsonMembers } from './go-json.ts';
import { quoteName, unquoteName } from './go-quote.ts';
import { type BlobId, parseBlobId } from './ids.ts';
import { JsonFields, type JsonSubject, type ZonedTime } from './json-fields.ts';
import type { NodeHeadNumbers } from './node-head.ts';
import { badTree, type HexId, parseText, TreeScanner } from './tree-scanner.ts';

export type NodeType = 'file' | 'dir' | 'symlink' | 'dev' | 'chardev' | 'fifo' | 'socket';

export interface ExtendedAttribute {
  readonly name: string;
  readonly value: Uint8Array | null;
}

/** Zones of a node's times, minutes east of UTC. */
export interface NodeTimeZones {
  readonly mtime: number;
  readonly atime: number;
  readonly ctime: number;
}

/** One entry of a directory. Numbers and texts that are zero or empty are left out of the JSON. */
export interface TreeNode {
  /** Base name, a byte string. */
  readonly name: string;
  /** A {@link NodeType}; other texts (`irregular`, empty) occur in damaged trees. */
  readonly type: NodeType | (string & {});
  /** Go's os.FileMode, see file-mode.ts. */
  readonly mode: number;
  /** Nanoseconds since 1970, as the other times. */
  readonly mtime: bigint;
  readonly atime: bigint;
  readonly ctime: bigint;
  /** Zones the times are written in; the local zone at each moment when left out. */
  readonly timeZones?: NodeTimeZones;
  readonly uid: number;
  readonly gid: number;
  readonly user: string;
  readonly group: string;
  readonly inode: bigint;
  readonly deviceId: bigint;
  /** Content bytes of a file. */
  readonly size: bigint;
  readonly links: bigint;
  /** A byte string. */
  readonly linkTarget?: string;
  /** In the order of the operating system. */
  readonly extendedAttributes?: readonly ExtendedAttribute[];
  /** Raw JSON text by key. */
  readonly genericAttributes?: Readonly<Record<string, string>>;
  /** `st_rdev` of a device. */
  readonly device: bigint;
  /** Data blobs of a file, `[]` for an empty one; null for every other type. */
  readonly content: readonly BlobId[] | null;
  readonly subtree?: BlobId;
  readonly error: string;
}

const subject: JsonSubject = { code: 'format/tree', what: 'tree node' };
const treeStart = '{"nodes":[';
const treeEnd = ']}\n';
const firstBufferBytes = 4096;
const inPlaceBytes = 4 * 1024 * 1024;
const reservedBytes = 256 * 1024 * 1024;
/** Ids written at once; a file of a terabyte has a million of them. */
const contentSlice = 1024;
const maxUint32 = 2 ** 32 - 1;
const maxUint64 = 2n ** 64n - 1n;
/** Numbers of up to 15 digits are exact as doubles; longer ones are read from the text. */
const longNumber = /[:\s]-?\d{16}/;

/** A node as its JSON in another tree, to be copied as it is. */
export interface EncodedNode {
  readonly name: string;
  readonly tree: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly subtree: BlobId | undefined;
}

/** Writes a tree; nodes go straight into one buffer that grows. */
export class TreeEncoder {
  #bytes = Buffer.from(new ArrayBuffer(0));
  #size = 0;
  #lastName: string | undefined;
  /** Encoded nodes that follow one another in their tree, not copied yet. */
  #run: { readonly tree: Uint8Array; readonly start: number; end: number } | undefined;

  /**
   * Takes nodes of one tree in its order, which then needs no second look.
   * @throws SealiftError `format/tree` unless the name is valid and, by bytes, after the name of the
   *   node before
   */
  addEncoded({ name, tree, start, end }: EncodedNode): void {
    const run = this.#run;
    if (run !== undefined && run.tree === tree && run.end + 1 === start) {
      run.end = end; // what is between is a comma
      this.#lastName = name;
      return;
    }
    checkName(name);
    checkOrder(this.#lastName, name);
    this.#lastName = name;
    this.#copyRun();
    this.#run = { tree, start, end };
  }

  /**
   * @throws SealiftError `format/tree` unless the name is valid and, by bytes, after the name of the
   *   node before
   */
  add(node: TreeNode): void {
    checkName(node.name);
    checkOrder(this.#lastName, node.name);
    this.#copyRun();
    this.#lastName = node.name;
    this.#write(this.#size === 0 ? treeStart : ',');
    this.#write(encodeHead(node) + encodeRest(node));
    this.#writeContent(node.content);
    if (node.subtree !== undefined) this.#write(`,"subtree":"${node.subtree}"`);
    if (node.error !== '') this.#write(`,"error":${encodeJsonString(node.error)}`);
    this.#write('}');
  }

  /**
   * The tree's bytes, which belong to the caller: those of another tree when its encoded nodes, all of
   * them and nothing else, were added. The encoder is of no further use.
   */
  finish(): Uint8Array {
    const whole = this.#size === 0 && this.#run !== undefined ? wholeTree(this.#run) : undefined;
    if (whole !== undefined) return whole;
    this.#copyRun();
    if (this.#size === 0) this.#write(treeStart);
    this.#write(treeEnd);
    return this.#bytes.subarray(0, this.#size);
  }

  #copyRun(): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    this.#write(this.#size === 0 ? treeStart : ',');
    this.#reserve(run.end - run.start);
    this.#bytes.set(run.tree.subarray(run.start, run.end), this.#size);
    this.#size += run.end - run.start;
  }

  #writeContent(content: readonly BlobId[] | null): void {
    if (content === null) {
      this.#write(',"content":null');
      return;
    }
    this.#write(',"content":[');
    for (let start = 0; start < content.length; start += contentSlice) {
      const ids = content.slice(start, start + contentSlice);
      this.#write(`${start === 0 ? '' : ','}"${ids.join('","')}"`);
    }
    this.#write(']');
  }

  #write(text: string): void {
    // A UTF-16 code unit takes at most three bytes of UTF-8.
    this.#reserve(text.length * 3);
    this.#size += this.#bytes.write(text, this.#size, 'utf8');
  }

  #reserve(needed: number): void {
    if (this.#size + needed > this.#bytes.byteLength) {
      this.#bytes = grow(this.#bytes, this.#size + needed);
    }
  }
}

/** The tree of which this is the whole list of nodes, if it is written as ours are. */
function wholeTree(run: { tree: Uint8Array; start: number; end: number }): Uint8Array | undefined {
  const { tree, start, end } = run;
  if (start !== treeStart.length || tree.byteLength !== end + treeEnd.length) return undefined;
  const text = Buffer.from(tree.buffer, tree.byteOffset, tree.byteLength);
  const isOurs =
    text.toString('latin1', 0, start) === treeStart && text.toString('latin1', end) === treeEnd;
  return isOurs ? tree : undefined;
}

/**
 * Small buffers are copied into larger ones. A folder of 200,000 files has 70 MB, too many to hold
 * twice: from `inPlaceBytes` on the buffer has address space set aside and grows where it is.
 * @returns a buffer with the content of the old one, which is released
 */
function grow(old: Buffer<ArrayBuffer>, needed: number): Buffer<ArrayBuffer> {
  const size = Math.max(
    firstBufferBytes,
    needed,
    Math.min(old.byteLength * 2, old.byteLength + inPlaceBytes),
  );
  if (old.buffer.resizable && size <= old.buffer.maxByteLength) {
    old.buffer.resize(size);
    return Buffer.from(old.buffer);
  }
  const grown = Buffer.from(
    size < inPlaceBytes
      ? new ArrayBuffer(size)
      : new ArrayBuffer(size, { maxByteLength: Math.max(reservedBytes, size * 2) }),
  );
  grown.set(old);
  old.buffer.transfer(0);
  return grown;
}

/**
 * Yields the nodes of a tree one at a time. Unknown members are skipped.
 * @param bytes the tree blob; borrowed until the generator ends
 * @throws SealiftError `format/tree` on malformed JSON, a name that is no file name, or names that
 *   are not strictly ascending; nodes before the fault have been yielded by then
 */
export function* decodeTree(bytes: Uint8Array): Generator<TreeNode> {
  const cursor = new TreeCursor(bytes);
  let lastName: string | undefined;
  while (cursor.next()) {
    const node = cursor.node();
    checkOrder(lastName, node.name);
    lastName = node.name;
    yield node;
  }
}

/** Goes through a tree node by node; what is not asked for is not decoded. */
export class TreeCursor {
  readonly #scanner: TreeScanner;
  readonly #steps: Generator<void>;

  /** @param bytes the tree blob; borrowed as long as the cursor is used */
  constructor(bytes: Uint8Array) {
    this.#scanner = new TreeScanner(bytes);
    this.#steps = this.#scanner.nodes();
  }

  /**
   * Moves to the next node.
   * @returns false at the end
   * @throws SealiftError `format/tree`; so do the other methods
   */
  next(): boolean {
    return this.#steps.next().done !== true;
  }

  /** The node here, its place among the others not checked. */
  node(): TreeNode {
    return parseNode(this.#scanner.nodeText());
  }

  /**
   * The node here as it stands, if its JSON begins with the head's members and goes on with such as Sealift
   * writes too.
   * @param head borrowed
   * @param isStored must say yes to each blob of a file's content
   */
  encoded(head: NodeHeadNumbers, isStored: (id: HexId) => boolean): EncodedNode | undefined {
    const place = this.#scanner.match(head, isStored);
    if (place === undefined) return undefined;
    const { start, end, subtree } = place;
    return { name: head.name, tree: this.#scanner.bytes, start, end, subtree };
  }
}

/** True for a name that can stand for one directory entry: not empty, no `/`, no NUL, not `.` or `..`. */
export function isNodeName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name);
}

function checkName(name: string): void {
  if (isNodeName(name)) return;
  throw new SealiftError('format/tree', `tree: ${JSON.stringify(name)} is no file name`, {
    fields: { name },
  });
}

/** @throws SealiftError `format/tree` unless the names are ascending by bytes */
export function checkOrder(before: string | undefined, name: string): void {
  if (before === undefined || compareByteStrings(before, name) < 0) return;
  throw new SealiftError(
    'format/tree',
    `tree: nodes are not ordered or duplicate: ${JSON.stringify(name)} after ${JSON.stringify(before)}`,
    { fields: { name, before } },
  );
}

/** The members of a node up to `links`, an opening brace before them. */
function encodeHead(node: TreeNode): string {
  const { mode, timeZones, inode, deviceId, size, links } = node;
  let text = `{"name":${encodeJsonString(quoteName(node.name))},"type":${encodeJsonString(node.type)}`;
  if (mode !== 0) text += `,"mode":${mode}`;
  const mtime = formatTime(node.mtime, timeZones?.mtime);
  const isSame = node.atime === node.mtime && timeZones?.atime === timeZones?.mtime;
  const atime = isSame ? mtime : formatTime(node.atime, timeZones?.atime);
  const ctime = formatTime(node.ctime, timeZones?.ctime);
  text += `,"mtime":"${mtime}","atime":"${atime}","ctime":"${ctime}"${encodeOwner(node)}`;
  if (inode !== 0n) text += `,"inode":${inode}`;
  if (deviceId !== 0n) text += `,"device_id":${deviceId}`;
  if (size !== 0n) text += `,"size":${size}`;
  if (links !== 0n) text += `,"links":${links}`;
  return text;
}

/** The members of a node that tell its owner, a comma before them. */
export function encodeOwner({
  uid,
  gid,
  user,
  group,
}: Pick<TreeNode, 'uid' | 'gid' | 'user' | 'group'>): string {
  let text = `,"uid":${uid},"gid":${gid}`;
  if (user !== '') text += `,"user":${encodeJsonString(user)}`;
  if (group !== '') text += `,"group":${encodeJsonString(group)}`;
  return text;
}

/** The members between `links` and `content`. */
function encodeRest(node: TreeNode): string {
  let text = encodeLinkTarget(node.linkTarget ?? '');
  text += encodeExtendedAttributes(node.extendedAttributes ?? []);
  text += encodeGenericAttributes(node.genericAttributes ?? {});
  if (node.device !== 0n) text += `,"device":${node.device}`;
  return text;
}

function encodeLinkTarget(target: string): string {
  if (target === '') return '';
  const text = `,"linktarget":${encodeJsonString(target)}`;
  if (!hasEscapedBytes(target)) return text;
  return `${text},"linktarget_raw":"${encodeBase64(encodeByteString(target))}"`;
}

function encodeExtendedAttributes(attributes: readonly ExtendedAttribute[]): string {
  if (attributes.length === 0) return '';
  const items = attributes.map(
    ({ name, value }) => `{"name":${encodeJsonString(name)},"value":${encodeJsonBytes(value)}}`,
  );
  return `,"extended_attributes":[${items.join(',')}]`;
}

function encodeGenericAttributes(attributes: Readonly<Record<string, string>>): string {
  const keys = Object.keys(attributes).sort(compareByteStrings);
  if (keys.length === 0) return '';
  const members = keys.map(
    (key) => `${encodeJsonString(key)}:${compactJson(attributes[key] ?? 'null')}`,
  );
  return `,"generic_attributes":{${members.join(',')}}`;
}

/**
 * @param text the JSON of one node
 * @throws SealiftError `format/tree`
 */
export function parseNode(text: string): TreeNode {
  const fields = new JsonFields(parseText(text), subject);
  const long = longNumber.test(text) ? rawMembers(text) : undefined;
  const name = fields.parse('name', unquoteName);
  checkName(name);
  const mtime = fields.time('mtime');
  const atime = fields.time('atime');
  const ctime = fields.time('ctime');
  const type = fields.string('type');
  return {
    name,
    type,
    mode: fields.count('mode', maxUint32),
    mtime: mtime.ns,
    atime: atime.ns,
    ctime: ctime.ns,
    timeZones: zonesOf(mtime, atime, ctime),
    uid: fields.count('uid', maxUint32),
    gid: fields.count('gid', maxUint32),
    user: fields.string('user'),
    group: fields.string('group'),
    inode: parseUint64(fields, 'inode', long),
    deviceId: parseUint64(fields, 'device_id', long),
    size: parseUint64(fields, 'size', long),
    links: parseUint64(fields, 'links', long),
    ...parseLinkTarget(fields, type),
    ...parseExtendedAttributes(fields),
    ...(fields.has('generic_attributes') ? parseGenericAttributes(fields, text) : {}),
    device: parseUint64(fields, 'device', long),
    content: parseContent(fields),
    ...(fields.has('subtree') ? { subtree: fields.parse('subtree', parseBlobId) } : {}),
    error: fields.string('error'),
  };
}

function rawMembers(text: string): ReadonlyMap<string, string> {
  const members = new Map<string, string>();
  for (const { key, raw } of jsonMembers(text)) members.set(key, raw);
  return members;
}

/** Lossless: a double would round an inode beyond 2^53. */
function parseUint64(
  fields: JsonFields,
  name: string,
  long: ReadonlyMap<string, string> | undefined,
): bigint {
  const raw = long?.get(name);
  if (raw === undefined || raw === 'null') return BigInt(fields.count(name));
  const value = /^\d{1,20}$/.test(raw) ? BigInt(raw) : maxUint64 + 1n;
  return value <= maxUint64 ? value : fields.fail(name, 'no whole number in range');
}

function zonesOf(mtime: ZonedTime, atime: ZonedTime, ctime: ZonedTime): NodeTimeZones {
  return {
    mtime: mtime.offsetMinutes,
    atime: atime.offsetMinutes,
    ctime: ctime.offsetMinutes,
  };
}

function parseLinkTarget(fields: JsonFields, type: string): { linkTarget?: string } {
  const raw = fields.bytes('linktarget_raw');
  if (raw !== undefined) return { linkTarget: decodeByteString(raw) };
  if (type !== 'symlink' && !fields.has('linktarget')) return {};
  return { linkTarget: fields.string('linktarget') };
}

function parseExtendedAttributes(fields: JsonFields): {
  extendedAttributes?: readonly ExtendedAttribute[];
} {
  const list = fields.list('extended_attributes') ?? [];
  if (list.length === 0) return {};
  const extendedAttributes = list.map((value) => {
    const attribute = new JsonFields(value, subject);
    return { name: attribute.string('name'), value: attribute.bytes('value') ?? null };
  });
  return { extendedAttributes };
}

function parseGenericAttributes(
  fields: JsonFields,
  text: string,
): { genericAttributes?: Readonly<Record<string, string>> } {
  fields.object('generic_attributes'); // throws unless it is one
  const members = jsonMembers(rawMembers(text).get('generic_attributes') ?? '{}');
  const genericAttributes = Object.fromEntries(
    Array.from(members, ({ key, raw }) => [key.toWellFormed(), compactJson(raw)]),
  );
  return Object.keys(genericAttributes).length === 0 ? {} : { genericAttributes };
}

function parseContent(fields: JsonFields): readonly BlobId[] | null {
  const list = fields.list('content');
  if (list === undefined) return null;
  return list.map((id) => {
    if (typeof id !== 'string') return fields.fail('content', 'no list of ids');
    try {
      return parseBlobId(id);
    } catch (cause) {
      throw badTree('a content id is invalid', cause);
    }
  });
}
