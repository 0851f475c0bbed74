/**
 * Owner, extended attributes, times and mode of a restored entry, in this order: a change of owner
 * clears set-id bits, so the mode comes last. Also makes the entries that Node's `fs` cannot make.
 */

import { chmodSync, fchmodSync, fchownSync, futimesSync, lchownSync, lutimesSync } from 'node:fs';
import { messageOf, systemCodeOf } from '../base/errors.ts';
import { statModeFromGo } from '../repository/file-mode.ts';
import type { ExtendedAttribute, TreeNode } from '../repository/tree.ts';
import type { Native } from './native.ts';
import { pathForSystem } from './walk.ts';

/** What a node says about its entry, without its content. */
export interface RestoredMetadata {
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: bigint;
  readonly atime: bigint;
  readonly extendedAttributes: readonly ExtendedAttribute[];
}

export function metadataOf(node: TreeNode): RestoredMetadata {
  return {
    type: node.type,
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    mtime: node.mtime,
    atime: node.atime,
    extendedAttributes: node.extendedAttributes ?? [],
  };
}

export interface ApplyOptions {
  /** The file is open for writing under this number, which saves looking its path up. */
  readonly fd?: number | undefined;
  readonly native: Native | undefined;
  /** The entry was there before, so that it may carry attributes which the snapshot does not know. */
  readonly existed: boolean;
  /** False for a damaged file: a later run must not take it for unchanged. */
  readonly withTimes: boolean;
  readonly onWarning: (kind: MetadataWarning, detail: string) => void;
}

export type MetadataWarning = 'attributes-need-native' | 'attributes-unsupported' | 'times-rounded';

const nsPerSecond = 1e9;
const nsPerUs = 1000n;
const isPrivileged = (): boolean => process.geteuid?.() === 0;

/**
 * Applies all of it; later steps are tried when one fails.
 * @returns what failed, for messages
 */
export function applyMetadata(
  path: string,
  metadata: RestoredMetadata,
  options: ApplyOptions,
): string[] {
  const failures: string[] = [];
  const step = (what: string, run: () => void): void => {
    try {
      run();
    } catch (error) {
      if (isForgiven(error)) return;
      failures.push(`${what}: ${messageOf(error)}`);
    }
  };
  const { fd } = options;
  const systemPath = pathForSystem(path);
  if (process.platform !== 'win32') {
    const { uid, gid } = metadata;
    step('owner', () =>
      fd === undefined ? lchownSync(systemPath, uid, gid) : fchownSync(fd, uid, gid),
    );
  }
  step('extended attributes', () => applyAttributes(path, metadata, options));
  if (options.withTimes) step('times', () => applyTimes(path, metadata, options));
  if (metadata.type !== 'symlink') {
    const mode = statModeFromGo(metadata.mode);
    step('mode', () => (fd === undefined ? chmodSync(systemPath, mode) : fchmodSync(fd, mode)));
  }
  return failures;
}

/** An ordinary user cannot give files away or set what belongs to the system: restic ignores it too. */
function isForgiven(error: unknown): boolean {
  const code = systemCodeOf(error);
  return (code === 'EPERM' || code === 'EACCES') && !isPrivileged();
}

function applyTimes(
  path: string,
  { atime, mtime }: RestoredMetadata,
  { fd, native, onWarning }: ApplyOptions,
): void {
  if (native) {
    native.setTimes(fd ?? path, { atime, mtime });
    return;
  }
  if (mtime % nsPerUs !== 0n) onWarning('times-rounded', path);
  if (fd === undefined) {
    lutimesSync(pathForSystem(path), secondsOf(atime), secondsOf(mtime));
  } else futimesSync(fd, secondsOf(atime), secondsOf(mtime));
}

/** Seconds with the fraction cut to microseconds, so that a file is never newer than it was. */
function secondsOf(ns: bigint): number {
  return Number(ns / nsPerUs) / (nsPerSecond / 1000);
}

function applyAttributes(
  path: string,
  { extendedAttributes, type }: RestoredMetadata,
  { native, existed, onWarning }: ApplyOptions,
): void {
  if (!native) {
    if (extendedAttributes.length > 0) onWarning('attributes-need-native', path);
    return;
  }
  let refused: unknown;
  for (const { name, value } of extendedAttributes) {
    try {
      native.setAttribute(path, name, value ?? new Uint8Array());
    } catch (error) {
      if (isUnsupported(error) || (type === 'symlink' && systemCodeOf(error) === 'EPERM')) {
        onWarning('attributes-unsupported', path);
      } else refused ??= error;
    }
  }
  if (existed) removeOthers(path, extendedAttributes, native);
  if (refused !== undefined) throw refused;
}

function removeOthers(path: string, wanted: readonly ExtendedAttribute[], native: Native): void {
  const names = new Set(wanted.map(({ name }) => name));
  for (const name of native.listAttributes(path)) {
    // Security labels are given by the system's policy; taking them away is not ours.
    if (!names.has(name) && !name.startsWith('security.')) native.removeAttribute(path, name);
  }
}

function isUnsupported(error: unknown): boolean {
  const code = systemCodeOf(error);
  return code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'ENOSYS';
}
