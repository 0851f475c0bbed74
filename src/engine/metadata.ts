/** What a node of a tree records besides content: from `lstat`, the user database and the system. */

import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { decodeByteString } from '../base/byte-string.ts';
import { messageOf, systemCodeOf } from '../base/errors.ts';
import type { Moment } from '../base/time.ts';
import { goModeFromStat } from '../repository/file-mode.ts';
import type { NodeHeadNumbers } from '../repository/node-head.ts';
import { encodeOwner, type TreeNode } from '../repository/tree.ts';
import type { Native } from './native.ts';
import type { StatRows } from './stat-rows.ts';
import { pathForSystem } from './walk.ts';

/** The numbers of `lstat` that a node needs, as bigints. */
export interface NodeStat {
  readonly mode: bigint;
  readonly mtimeNs: bigint;
  readonly atimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly uid: bigint;
  readonly gid: bigint;
  readonly ino: bigint;
  readonly dev: bigint;
  readonly size: bigint;
  readonly nlink: bigint;
  readonly rdev: bigint;
}

export type SourceType = 'file' | 'dir' | 'symlink' | 'dev' | 'chardev' | 'fifo' | 'socket';

export interface MetadataOptions {
  /** Records the access time; else the modification time stands in its place, as with restic. */
  readonly withAtime: boolean;
  /** Asked for when the first entry needs it. */
  readonly native: () => Native | undefined;
  readonly onWarning: (path: string, message: string) => void;
}

const hasCtime = process.platform !== 'win32';

function hasLinks(type: SourceType): boolean {
  return type === 'file' || type === 'symlink' || type === 'dev' || type === 'chardev';
}

/** Makes nodes; holds the names of users and groups that it has looked up. */
export class NodeMaker {
  readonly #options: MetadataOptions;
  readonly #users = new NameTable('passwd');
  readonly #groups = new NameTable('group');
  /** Most entries have the owner of the one before. */
  #lastOwner: { readonly uid: number; readonly gid: number; readonly text: Uint8Array } | undefined;
  readonly #head = emptyHead();

  constructor(options: MetadataOptions) {
    this.#options = options;
  }

  /** What the numbers say of an entry, as its node begins in a tree; valid until the next call. */
  head(name: string, type: SourceType, rows: StatRows, row: number): NodeHeadNumbers {
    const head = this.#head;
    head.name = name;
    head.type = type;
    head.mode = goModeFromStat(rows.mode(row));
    rows.moment(row, 'mtimeNs', head.mtime);
    rows.moment(row, this.#options.withAtime ? 'atimeNs' : 'mtimeNs', head.atime);
    rows.moment(row, hasCtime ? 'ctimeNs' : 'mtimeNs', head.ctime);
    head.owner = this.#ownerText(rows.uid(row), rows.gid(row));
    head.inode = rows.whole(row, 'ino');
    head.deviceId = rows.whole(row, 'dev');
    head.size = type === 'file' ? rows.whole(row, 'size') : 0;
    head.links = hasLinks(type) ? rows.whole(row, 'nlink') : 0;
    return head;
  }

  #ownerText(uid: number, gid: number): Uint8Array {
    const last = this.#lastOwner;
    if (last?.uid === uid && last.gid === gid) return last.text;
    const text = Buffer.from(
      encodeOwner({ uid, gid, user: this.#users.find(uid), group: this.#groups.find(gid) }),
    );
    this.#lastOwner = { uid, gid, text };
    return text;
  }

  /**
   * The node of an entry, without content or subtree.
   * @param path where its link target and extended attributes are read
   * @throws the system's error when a link's target cannot be read
   */
  make(name: string, path: string, type: SourceType, stat: NodeStat): TreeNode {
    const attributes = this.#attributes(path);
    const uid = Number(stat.uid);
    const gid = Number(stat.gid);
    return {
      name,
      type,
      mode: goModeFromStat(Number(stat.mode)),
      mtime: stat.mtimeNs,
      atime: this.#options.withAtime ? stat.atimeNs : stat.mtimeNs,
      ctime: hasCtime ? stat.ctimeNs : stat.mtimeNs,
      uid,
      gid,
      user: this.#users.find(uid),
      group: this.#groups.find(gid),
      // Node's bigints are signed, the format's numbers are not.
      inode: BigInt.asUintN(64, stat.ino),
      deviceId: BigInt.asUintN(64, stat.dev),
      size: type === 'file' ? stat.size : 0n,
      links: hasLinks(type) ? stat.nlink : 0n,
      ...(type === 'symlink' ? { linkTarget: readLink(path) } : {}),
      ...(attributes.length > 0 ? { extendedAttributes: attributes } : {}),
      device: type === 'dev' || type === 'chardev' ? BigInt.asUintN(64, stat.rdev) : 0n,
      content: type === 'file' ? [] : null,
      error: '',
    };
  }

  #attributes(path: string): { name: string; value: Uint8Array | null }[] {
    const { onWarning } = this.#options;
    const native = this.#options.native();
    if (native === undefined) return [];
    const found: { name: string; value: Uint8Array | null }[] = [];
    try {
      for (const name of native.listAttributes(path)) {
        try {
          found.push({ name, value: native.getAttribute(path, name) });
        } catch (error) {
          onWarning(path, `extended attribute ${name} cannot be read: ${messageOf(error)}`);
        }
      }
    } catch (error) {
      // A file that has gone is noticed where its content is read.
      if (systemCodeOf(error) !== 'ENOENT') {
        onWarning(path, `extended attributes cannot be listed: ${messageOf(error)}`);
      }
    }
    return found;
  }
}

function emptyHead(): NodeHeadNumbers {
  const moment = (): Moment => ({ seconds: 0, nanos: 0 });
  return {
    name: '',
    type: 'file',
    mode: 0,
    mtime: moment(),
    atime: moment(),
    ctime: moment(),
    owner: new Uint8Array(),
    inode: 0,
    deviceId: 0,
    size: 0,
    links: 0,
  };
}

function readLink(path: string): string {
  return decodeByteString(readlinkSync(pathForSystem(path), { encoding: 'buffer' }));
}

/** Names by number: from the system's file, else asked of the name service once a number. */
class NameTable {
  readonly #kind: 'passwd' | 'group';
  #names: Map<number, string> | undefined;

  constructor(kind: 'passwd' | 'group') {
    this.#kind = kind;
  }

  /** Empty when the number has no name. */
  find(id: number): string {
    if (process.platform === 'win32') return '';
    this.#names ??= readNameFile(`/etc/${this.#kind}`);
    let name = this.#names.get(id);
    if (name === undefined) {
      name = this.#ask(id);
      this.#names.set(id, name);
    }
    return name;
  }

  #ask(id: number): string {
    try {
      if (this.#kind === 'passwd' && process.getuid?.() === id) return userInfo().username;
      const [command, args] =
        process.platform === 'darwin'
          ? this.#kind === 'passwd'
            ? ['id', ['-un', String(id)]]
            : ['dscacheutil', ['-q', 'group', '-a', 'gid', String(id)]]
          : ['getent', [this.#kind, String(id)]];
      const output = execFileSync(command as string, args as string[], {
        encoding: 'utf8',
        timeout: 5000,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const named = /^name: (.*)$/m.exec(output)?.[1];
      return named ?? output.split(/[:\n]/)[0] ?? '';
    } catch {
      return '';
    }
  }
}

function readNameFile(path: string): Map<number, string> {
  const names = new Map<number, string>();
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return names;
  }
  for (const line of text.split('\n')) {
    const [name, , id] = line.split(':');
    if (name === undefined || id === undefined || name.startsWith('#')) continue;
    // The first name of a number wins, as it does for the C library.
    if (!names.has(Number(id))) names.set(Number(id), name);
  }
  return names;
}
