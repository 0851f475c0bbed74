/**
 * A root of Linux or macOS inside a snapshot, as the files that the readers of such machines want. That reader
 * asks at once and a snapshot answers later, so it runs in rounds: what a round asked for and was not
 * there is loaded before the next, until a round lacks nothing.
 */

import { posix } from 'node:path';
import type { BlobId } from '../../../repository/ids.ts';
import type { TreeNode } from '../../../repository/tree.ts';
import type { Facts } from '../facts.ts';
import { readLinuxFacts } from '../linux/linux-facts.ts';
import type { MachineFiles } from '../linux/machine-files.ts';
import { readMacosFacts } from '../macos/macos-facts.ts';
import { entriesOf, readRange, readWholeFile, type SnapshotSource } from './snapshot-content.ts';

const maxRounds = 60;
const maxTextBytes = 4 * 1024 * 1024;
/** A program that is searched for its version; a larger one is passed over. */
const maxProgramBytes = 160 * 1024 * 1024;
/** All that is held of one machine at once. */
const maxHeldBytes = 384 * 1024 * 1024;
const maxLinks = 40;

interface Found {
  readonly path: string;
  readonly node: TreeNode;
}

/** undefined when the folder holds neither. */
export async function readSnapshotUnix(
  source: SnapshotSource,
  root: BlobId,
  label: string,
): Promise<Facts | undefined> {
  const machine = new SnapshotRoot(source, root, label);
  for (let round = 1; ; round += 1) {
    source.signal.throwIfAborted();
    const options = { root: label, files: machine };
    const facts = readMacosFacts(options) ?? readLinuxFacts(options);
    if (machine.isComplete) return facts === undefined ? undefined : machine.withLeftOut(facts);
    if (round === maxRounds) return facts;
    await machine.loadWanted();
  }
}

class SnapshotRoot implements MachineFiles {
  readonly root: string;
  readonly #source: SnapshotSource;
  readonly #top: BlobId;
  readonly #paths = new Map<string, Found | undefined>();
  readonly #trees = new Map<BlobId, readonly TreeNode[]>();
  readonly #contents = new Map<string, Buffer | undefined>();
  readonly #wanted = new Map<string, () => Promise<void>>();
  readonly #leftOut = new Set<string>();
  #held = 0;

  constructor(source: SnapshotSource, top: BlobId, label: string) {
    this.root = label;
    this.#source = source;
    this.#top = top;
  }

  get isComplete(): boolean {
    return this.#wanted.size === 0;
  }

  async loadWanted(): Promise<void> {
    const loads = [...this.#wanted.values()];
    this.#wanted.clear();
    for (const load of loads) await load();
  }

  withLeftOut(facts: Facts): Facts {
    const problems = [...this.#leftOut].map((path) => ({
      what: 'unreadable' as const,
      detail: 'too large to be searched inside a snapshot',
      file: `${this.root}${path}`,
    }));
    return { ...facts, problems: [...facts.problems, ...problems] };
  }

  resolve(path: string): string | undefined {
    return this.#find(path)?.path;
  }

  list(path: string): readonly string[] {
    const tree = this.#find(path)?.node.subtree;
    if (tree === undefined) return [];
    const entries = this.#trees.get(tree);
    if (entries !== undefined) return entries.map(({ name }) => name).sort();
    this.#wanted.set(`tree ${tree}`, () => this.#loadTree(tree).then(() => undefined));
    return [];
  }

  text(path: string): string | undefined {
    return this.#whole(path, maxTextBytes)?.toString('utf8');
  }

  bytes(path: string, offset: number, size: number): Uint8Array {
    const found = this.#find(path);
    if (found?.node.type !== 'file') return new Uint8Array(0);
    const whole = this.#contents.get(found.path);
    if (whole !== undefined) return whole.subarray(offset, offset + size);
    const key = `${found.path}\n${offset}+${size}`;
    return this.#content(key, () => readRange(this.#source, found.node, { offset, size })) ?? empty;
  }

  scan(path: string, visit: (piece: Uint8Array, offset: number) => boolean): void {
    const content = this.#whole(path, maxProgramBytes);
    if (content !== undefined) visit(content, 0);
  }

  #find(path: string): Found | undefined {
    const normal = posix.normalize(`/${path}`);
    if (this.#paths.has(normal)) return this.#paths.get(normal);
    this.#wanted.set(`path ${normal}`, async () => {
      this.#paths.set(normal, await this.#follow(normal));
    });
    return undefined;
  }

  #whole(path: string, limit: number): Buffer | undefined {
    const found = this.#find(path);
    if (found?.node.type !== 'file') return undefined;
    const { size } = found.node;
    const known = this.#contents.has(found.path);
    if (size > BigInt(limit) || (!known && this.#held + Number(size) > maxHeldBytes)) {
      if (limit === maxProgramBytes) this.#leftOut.add(found.path);
      return undefined;
    }
    return this.#content(found.path, () => readWholeFile(this.#source, found.node, limit));
  }

  #content(key: string, load: () => Promise<Buffer | undefined>): Buffer | undefined {
    if (this.#contents.has(key)) return this.#contents.get(key);
    this.#wanted.set(`content ${key}`, async () => {
      const bytes = this.#held > maxHeldBytes ? undefined : await load();
      this.#held += bytes?.length ?? 0;
      this.#contents.set(key, bytes);
    });
    return undefined;
  }

  async #loadTree(tree: BlobId): Promise<readonly TreeNode[]> {
    const known = this.#trees.get(tree);
    if (known !== undefined) return known;
    const entries = await entriesOf(this.#source, tree);
    this.#trees.set(tree, entries);
    return entries;
  }

  /** Links are followed inside the root, as a running machine would follow them. */
  async #follow(path: string): Promise<Found | undefined> {
    let left = path.split('/').filter(Boolean);
    let done: Found[] = [];
    for (let links = 0; links <= maxLinks; ) {
      const [part, ...rest] = left;
      if (part === undefined) return done.at(-1) ?? this.#rootFolder();
      left = rest;
      if (part === '.') continue;
      if (part === '..') {
        done = done.slice(0, -1);
        continue;
      }
      const tree = done.length === 0 ? this.#top : done.at(-1)?.node.subtree;
      if (tree === undefined) return undefined;
      const node = (await this.#loadTree(tree)).find(({ name }) => name === part);
      if (node === undefined) return undefined;
      if (node.type !== 'symlink') {
        done = [...done, { path: `${done.at(-1)?.path ?? ''}/${part}`, node }];
        continue;
      }
      links += 1;
      const target = node.linkTarget ?? '';
      if (target.startsWith('/')) done = [];
      left = [...target.split('/').filter(Boolean), ...left];
    }
    return undefined;
  }

  #rootFolder(): Found {
    return { path: '/', node: { ...rootNode, subtree: this.#top } };
  }
}

const empty = new Uint8Array(0);
const rootNode: TreeNode = {
  ...{ name: '', type: 'dir', mode: 0, mtime: 0n, atime: 0n, ctime: 0n, uid: 0, gid: 0 },
  ...{ user: '', group: '', inode: 0n, deviceId: 0n, size: 0n, links: 0n, device: 0n },
  ...{ content: null, error: '' },
};
