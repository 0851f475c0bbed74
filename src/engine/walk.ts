/**
 * The source side of a backup: paths as the system wants them, entries of a folder in the order of
 * the format, and the layout of targets in the root tree. Nothing here reads a file's content.
 */

import { readdirSync } from 'node:fs';
import path from 'node:path';
import {
  compareByteStrings,
  decodeByteString,
  encodeByteString,
  hasEscapedBytes,
} from '../base/byte-string.ts';
import { SealiftError } from '../base/errors.ts';

/** The path as `node:fs` takes it: bytes where the name is not UTF-8, else the string. */
export function pathForSystem(bytePath: string): string | Buffer {
  return hasEscapedBytes(bytePath) ? Buffer.from(encodeByteString(bytePath)) : bytePath;
}

/** Joins without cleaning: names are taken from the disk as they are. */
export function joinPath(folder: string, name: string): string {
  return folder.endsWith('/') || folder.endsWith(path.sep)
    ? folder + name
    : folder + path.sep + name;
}

/**
 * Which of two folders of one target the walk comes to first, negative for `a`. Both as {@link joinPath}
 * made them.
 */
export function compareInWalk(a: string, b: string): number {
  if (a === b) return 0;
  const [as, bs] = [a.split(path.sep), b.split(path.sep)];
  const shared = Math.min(as.length, bs.length);
  for (let at = 0; at < shared; at += 1) {
    const order = compareByteStrings(as[at] ?? '', bs[at] ?? '');
    if (order !== 0) return order;
  }
  return as.length - bs.length;
}

/** Names in a folder as byte strings, ascending by their raw bytes. */
export function readNames(folder: string): string[] {
  const systemPath = pathForSystem(folder);
  let names = readdirSync(systemPath, { encoding: 'utf8' });
  // Bytes that are no UTF-8 arrive as U+FFFD: then the names are asked for again, as bytes.
  if (names.some((name) => name.includes('\ufffd'))) {
    names = readdirSync(systemPath, { encoding: 'buffer' }).map((name) => decodeByteString(name));
  }
  // UTF-16 order is byte order below the surrogates.
  if (names.some((name) => /[\ud800-\uffff]/.test(name))) return names.sort(compareByteStrings);
  return names.sort();
}

/**
 * One entry of the root tree or of a folder above a target. A leaf has `path` (what to back up
 * whole); others have `entries`, and `metadataPath` when a real folder gives them metadata.
 */
export interface TargetNode {
  path: string | undefined;
  metadataPath: string | undefined;
  /** The folder that a relative or absolute target counts from; tells clashing names apart. */
  root: string;
  readonly entries: Map<string, TargetNode>;
}

/**
 * Arranges targets as restic does: an absolute one by its path components, a relative one without
 * its leading `..`, and `.` or `/` as the entries of that folder.
 * @param targets byte strings as the user gave them
 * @throws SealiftError `usage/invalid` when a target is given twice in a way that cannot be laid out
 * @see restic internal/archiver/tree.go
 */
export function layOutTargets(targets: readonly string[]): TargetNode {
  const top = targetNode('');
  for (const target of expandBareTargets(targets)) addTarget(top, target);
  for (const entry of top.entries.values()) unroll(entry);
  return top;
}

/** The entries of a node in the order of the walk. */
export function inWalkOrder(node: TargetNode): [string, TargetNode][] {
  return Array.from(node.entries).sort(([a], [b]) => compareByteStrings(a, b));
}

/** The paths to be backed up whole, in the order of the walk. */
export function targetPaths(node: TargetNode): string[] {
  if (node.path !== undefined) return [node.path];
  return inWalkOrder(node).flatMap(([, entry]) => targetPaths(entry));
}

function targetNode(root: string): TargetNode {
  return { path: undefined, metadataPath: undefined, root, entries: new Map() };
}

function expandBareTargets(targets: readonly string[]): string[] {
  const out: string[] = [];
  for (const target of targets) {
    const clean = path.normalize(target).replace(/(?<=[^/\\:])[/\\]+$/, '');
    if (componentsOf(clean).names.length > 0) out.push(clean);
    else for (const name of readNames(clean)) out.push(joinOf(clean, name));
  }
  return out;
}

function componentsOf(target: string): { names: string[]; virtualPrefix: boolean } {
  const { root } = path.parse(target);
  const volume = process.platform === 'win32' ? root.replace(/[/\\]+$/, '') : '';
  const names: string[] = [];
  for (const part of target
    .slice(root.length)
    .split(process.platform === 'win32' ? /[/\\]/ : '/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') names.pop();
    else names.push(part);
  }
  if (volume === '') return { names, virtualPrefix: false };
  return {
    names: [/^.:$/.test(volume) ? volume.slice(0, 1) : volume, ...names],
    virtualPrefix: true,
  };
}

function rootOf(target: string): string {
  if (path.isAbsolute(target)) return path.parse(target).root;
  const ups = target.split(/[/\\]/).filter((part) => part === '..');
  return ups.length === 0 ? '.' : ups.join(path.sep);
}

function joinOf(folder: string, name: string): string {
  return folder === '.' ? name : joinPath(folder, name);
}

function addTarget(top: TargetNode, target: string): void {
  const { names, virtualPrefix } = componentsOf(target);
  const first = names[0];
  if (first === undefined) return;
  const root = rootOf(target);
  let node = targetNode(root);
  let name = first;
  for (let count = 1; ; count += 1) {
    const other = top.entries.get(name);
    if (other === undefined) break;
    if (other.root === root) {
      node = other;
      break;
    }
    name = `${first}-${count}`;
  }
  top.entries.set(name, node);
  let folder = virtualPrefix ? root : joinOf(root, first);
  for (const component of names.slice(1)) {
    node.metadataPath = folder;
    const next: TargetNode = node.entries.get(component) ?? targetNode(root);
    node.entries.set(component, next);
    node = next;
    folder = joinOf(folder, component);
  }
  node.path = target;
}

/** A target below another target: the upper one is replaced by its entries, so only leaves have a path. */
function unroll(node: TargetNode): void {
  if (node.path !== undefined && node.entries.size > 0) {
    const upper = node.path;
    for (const name of readNames(upper)) {
      const existing = node.entries.get(name);
      if (existing === undefined) {
        const leaf = targetNode(node.root);
        leaf.path = joinPath(upper, name);
        node.entries.set(name, leaf);
      } else existing.path ??= joinPath(upper, name);
    }
    node.metadataPath = upper;
    node.path = undefined;
  }
  for (const entry of node.entries.values()) unroll(entry);
}

/** Absolute, clean form of a target, as snapshots record it. */
export function absoluteTarget(target: string): string {
  if (target === '') throw new SealiftError('usage/invalid', 'a target is empty');
  return path.resolve(target);
}
