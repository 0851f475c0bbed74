/**
 * System calls that Node lacks: extended attributes, times to the nanosecond, device nodes and
 * FIFOs, all without following a symbolic link. They come from the C library through koffi, which is
 * optional: {@link loadNative} gives undefined where it is missing or the system is not Linux or macOS.
 */

import { encodeByteString, hasEscapedBytes } from '../base/byte-string.ts';
import { type Koffi, loadKoffi } from '../base/koffi.ts';

export interface ExtendedAttributeRead {
  readonly name: string;
  /** Null when the value could not be read. */
  readonly value: Uint8Array | null;
}

/** Paths and names are byte strings. A failed call throws an Error with the system's `code`. */
export interface Native {
  /** Names in the system's order; empty where the file system knows no attributes. */
  listAttributes(path: string): string[];
  getAttribute(path: string, name: string): Uint8Array;
  setAttribute(path: string, name: string, value: Uint8Array): void;
  removeAttribute(path: string, name: string): void;
  /**
   * Sets access and modification time, of a symbolic link itself too. Nanoseconds since 1970.
   * @param entry its path, or the number of an open file
   */
  setTimes(entry: string | number, times: { readonly atime: bigint; readonly mtime: bigint }): void;
  /** Makes a device node. @param mode type and permissions as `st_mode` @param device as `st_rdev` */
  makeNode(path: string, mode: number, device: bigint): void;
  makeFifo(path: string, mode: number): void;
}

let loaded: { readonly native: Native | undefined } | undefined;

/** The bindings, loaded on the first call; undefined where they cannot be. */
export function loadNative(): Native | undefined {
  loaded ??= { native: tryLoad() };
  return loaded.native;
}

function tryLoad(): Native | undefined {
  if (process.platform !== 'linux' && process.platform !== 'darwin') return undefined;
  try {
    return bind(loadKoffi(), process.platform === 'darwin');
  } catch {
    return undefined;
  }
}

/** XATTR_NOFOLLOW of macOS <sys/xattr.h>. */
const macNoFollow = 1;
/** AT_FDCWD and AT_SYMLINK_NOFOLLOW of <fcntl.h>. */
const atCwd = { linux: -100, darwin: -2 };
const atSymlinkNoFollow = { linux: 0x100, darwin: 0x20 };
const maxAttributeBytes = 16 * 2 ** 20;

function bind(koffi: Koffi, mac: boolean): Native {
  const library = koffi.load(null);
  const codes = new Map(Object.entries(koffi.os.errno).map(([name, value]) => [value, name]));
  const bytes = 'const uint8_t *';
  const attribute = mac
    ? {
        list: library.func(
          `int64_t listxattr(${bytes}path, _Out_ uint8_t *list, size_t size, int options)`,
        ),
        listSize: library.func(
          'int64_t listxattr(const char *path, void *list, size_t size, int options)',
        ),
        get: library.func(
          `int64_t getxattr(${bytes}path, ${bytes}name, _Out_ uint8_t *value, size_t size, uint32_t position, int options)`,
        ),
        set: library.func(
          `int setxattr(${bytes}path, ${bytes}name, ${bytes}value, size_t size, uint32_t position, int options)`,
        ),
        remove: library.func(`int removexattr(${bytes}path, ${bytes}name, int options)`),
      }
    : {
        list: library.func(`int64_t llistxattr(${bytes}path, _Out_ uint8_t *list, size_t size)`),
        listSize: library.func(`int64_t llistxattr(const char *path, void *list, size_t size)`),
        get: library.func(
          `int64_t lgetxattr(${bytes}path, ${bytes}name, _Out_ uint8_t *value, size_t size)`,
        ),
        set: library.func(
          `int lsetxattr(${bytes}path, ${bytes}name, ${bytes}value, size_t size, int flags)`,
        ),
        remove: library.func(`int lremovexattr(${bytes}path, ${bytes}name)`),
      };
  const utimensat = library.func(
    `int utimensat(int folder, ${bytes}path, ${bytes}times, int flags)`,
  );
  const futimens = library.func(`int futimens(int file, ${bytes}times)`);
  /** Two structures of seconds and nanoseconds, filled anew for each call. */
  const times = new Uint8Array(32);
  const timeFields = new BigInt64Array(times.buffer);
  const mknod = library.func(
    `int mknod(${bytes}path, uint32_t mode, ${mac ? 'int32_t' : 'uint64_t'} device)`,
  );
  const mkfifo = library.func(`int mkfifo(${bytes}path, uint32_t mode)`);
  const platform = mac ? 'darwin' : 'linux';
  const listTail = mac ? [macNoFollow] : [];
  const getTail = mac ? [0, macNoFollow] : [];
  const setTail = mac ? [0, macNoFollow] : [0];
  const removeTail = mac ? [macNoFollow] : [];

  function check(result: number | bigint, call: string, path: string): number {
    const value = Number(result);
    if (value >= 0) return value;
    const errno = koffi.errno();
    const code = codes.get(errno) ?? `errno ${errno}`;
    throw Object.assign(new Error(`${code}: ${call} '${path}'`), { code, errno, path });
  }

  /** Reads in one call where a small buffer is enough, else asks for the size first. */
  function readAll(
    call: (buffer: Uint8Array | null, size: number) => number,
    isShort: (error: unknown) => boolean,
  ): Uint8Array {
    const small = new Uint8Array(256);
    try {
      return small.slice(0, call(small, small.length));
    } catch (error) {
      if (!isShort(error)) throw error;
    }
    const size = Math.min(call(null, 0), maxAttributeBytes);
    const large = new Uint8Array(size);
    return large.subarray(0, call(large, size));
  }

  const isShort = (error: unknown): boolean => codeOf(error) === 'ERANGE';

  return {
    listAttributes: (path) => {
      try {
        // Most entries have none, which a call with a string for the path tells at half the cost.
        if (
          !hasEscapedBytes(path) &&
          Number(attribute.listSize(path, null, 0, ...listTail)) === 0
        ) {
          return [];
        }
        const cPath = cString(path);
        const list = readAll(
          (buffer, size) =>
            check(attribute.list(cPath, buffer, size, ...listTail), 'listxattr', path),
          isShort,
        );
        return splitNames(list);
      } catch (error) {
        if (isUnsupported(error)) return [];
        throw error;
      }
    },
    getAttribute: (path, name) => {
      const cPath = cString(path);
      const cName = cString(name);
      return readAll(
        (buffer, size) =>
          check(attribute.get(cPath, cName, buffer, size, ...getTail), 'getxattr', path),
        isShort,
      );
    },
    setAttribute: (path, name, value) => {
      const result = attribute.set(cString(path), cString(name), value, value.length, ...setTail);
      check(result, 'setxattr', path);
    },
    removeAttribute: (path, name) => {
      check(attribute.remove(cString(path), cString(name), ...removeTail), 'removexattr', path);
    },
    setTimes: (entry, { atime, mtime }) => {
      setTimespec(timeFields, 0, atime);
      setTimespec(timeFields, 2, mtime);
      if (typeof entry === 'number') {
        check(futimens(entry, times), 'futimens', `file ${entry}`);
        return;
      }
      const flags = atSymlinkNoFollow[platform];
      check(utimensat(atCwd[platform], cString(entry), times, flags), 'utimensat', entry);
    },
    makeNode: (path, mode, device) => {
      check(mknod(cString(path), mode, mac ? Number(device) : device), 'mknod', path);
    },
    makeFifo: (path, mode) => {
      check(mkfifo(cString(path), mode), 'mkfifo', path);
    },
  };
}

/** @param fields in the machine's byte order, as the call reads them */
function setTimespec(fields: BigInt64Array, at: number, ns: bigint): void {
  const fraction = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  fields[at] = (ns - fraction) / 1_000_000_000n;
  fields[at + 1] = fraction;
}

/** Extended attributes do not exist on this file system; restic treats these codes alike. */
function isUnsupported(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'ENOSYS';
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function cString(text: string): Uint8Array {
  const bytes = encodeByteString(text);
  const ended = new Uint8Array(bytes.length + 1);
  ended.set(bytes);
  return ended;
}

function splitNames(list: Uint8Array): string[] {
  return Buffer.from(list)
    .toString('utf8')
    .split('\0')
    .filter((name) => name !== '');
}
