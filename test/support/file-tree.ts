/** A folder with every kind of entry, and what a restore must give back of it. */

import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  type BigIntStats,
  chmodSync,
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { findPeer } from './peers.ts';

/**
 * Makes files, folders, links of both kinds, FIFOs, names and targets that are not UTF-8, special
 * mode bits, sub-second and pre-1970 times, sparse and empty files, extended attributes; as root
 * also device nodes and foreign owners.
 */
export function makeFileTree(
  folder: string,
  { rawLinkTarget = false, seedBytes = 3_000_000 } = {},
): void {
  const at = (...parts: string[]): string => join(folder, ...parts);
  mkdirSync(at('deep', 'er', 'still'), { recursive: true });
  mkdirSync(at('empty folder'));
  writeFileSync(at('empty'), '');
  writeFileSync(at('text <&> "quoted" \\ \u00a0 ä漢😀.txt'), 'hello\n'.repeat(1000));
  writeFileSync(at('random'), randomBytes(seedBytes));
  writeFileSync(at('deep', 'er', 'still', 'small'), 'x');
  writeFileSync(
    Buffer.concat([Buffer.from(at('not-utf8-')), Buffer.from([0xff, 0xfe, 0x80])]),
    'raw',
  );
  writeFileSync(at('control\n\t\u0007'), 'control characters');
  writeFileSync(at('set-id'), 'mode bits');
  chmodSync(at('set-id'), 0o6755);
  writeFileSync(at('read-only'), 'no writing');
  chmodSync(at('read-only'), 0o400);
  mkdirSync(at('sticky'));
  chmodSync(at('sticky'), 0o1777);
  writeFileSync(at('linked-1'), 'two names');
  linkSync(at('linked-1'), at('deep', 'linked-2'));
  symlinkSync('deep/er', at('link to folder'));
  symlinkSync('/nonexistent/target', at('dangling'));
  // Only with restic 0.16 and newer do such targets survive.
  if (rawLinkTarget) symlinkSync(Buffer.from([0x2e, 0x2f, 0xe9]), at('link to raw bytes'));
  execFileSync('mkfifo', [at('fifo')]);
  makeSparse(at('sparse'), 64 * 1024 * 1024);
  if (findPeer('getfattr') !== undefined) {
    execFileSync('setfattr', ['-n', 'user.comment', '-v', 'kept', at('random')]);
    execFileSync('setfattr', ['-n', 'user.binary', '-v', '0x00ff10', at('deep')]);
  }
  if (process.getuid?.() === 0) {
    execFileSync('mknod', [at('character'), 'c', '1', '3']);
    execFileSync('mknod', [at('block'), 'b', '7', '99']);
    execFileSync('chown', ['12345:54321', at('text <&> "quoted" \\ \u00a0 ä漢😀.txt')]);
    execFileSync('chown', ['-h', '1:2', at('dangling')]);
  }
  execFileSync('touch', ['-d', '1969-12-30 23:59:59.750 UTC', at('empty')]);
  execFileSync('touch', ['-h', '-d', '2001-02-03 04:05:06.123456789', at('dangling')]);
  execFileSync('touch', ['-d', '2031-12-31 23:59:59.999999999', at('random'), at('empty folder')]);
}

function makeSparse(path: string, size: number): void {
  const file = openSync(path, 'w');
  writeSync(file, 'start');
  writeSync(file, 'middle', size / 2);
  closeSync(file);
  truncateSync(path, size);
}

/** What of an entry a restore must give back, as text that a diff can show. */
export function describeTree(folder: string): string[] {
  const lines: string[] = [];
  const firstNames = new Map<string, string>();
  const visit = (path: Buffer, name: string): void => {
    const stat = lstatSync(path, { bigint: true });
    lines.push(`${name} ${describeEntry(path, name, stat, firstNames)}`);
    if (!stat.isDirectory()) return;
    const entries = readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare);
    for (const entry of entries) {
      visit(Buffer.concat([path, Buffer.from('/'), entry]), `${name}/${entry.toString('latin1')}`);
    }
  };
  visit(Buffer.from(folder), '.');
  return [...lines, ...describeAttributes(folder)];
}

function describeEntry(
  path: Buffer,
  name: string,
  stat: BigIntStats,
  firstNames: Map<string, string>,
): string {
  const parts = [
    `mode=${stat.mode.toString(8)}`,
    `owner=${stat.uid}:${stat.gid}`,
    `mtime=${stat.mtimeNs}`,
  ];
  if (stat.isFile()) {
    parts.push(
      `size=${stat.size}`,
      `sha256=${createHash('sha256').update(readFileSync(path)).digest('hex')}`,
    );
  }
  if (stat.isSymbolicLink()) parts.push(`target=${readlinkSync(path, 'buffer').toString('hex')}`);
  if (stat.isBlockDevice() || stat.isCharacterDevice()) parts.push(`device=${stat.rdev}`);
  if (stat.nlink > 1n && !stat.isDirectory()) {
    const inode = `${stat.dev}:${stat.ino}`;
    parts.push(`same-as=${firstNames.get(inode) ?? name}`);
    if (!firstNames.has(inode)) firstNames.set(inode, name);
  }
  return parts.join(' ');
}

function describeAttributes(folder: string): string[] {
  if (findPeer('getfattr') === undefined) return [];
  const text = execFileSync('getfattr', ['-h', '-R', '-d', '-m', '^user\\.', '-e', 'hex', '.'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .sort();
}
