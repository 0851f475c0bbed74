/** A backend in memory: the twin that tests of every room run against. */
import { concatBytes, equalBytes } from '../base/bytes.ts';
import {
  alreadyExists,
  type Backend,
  type ByteRange,
  describeFile,
  type FileEntry,
  type FileName,
  type FileType,
  isStorageName,
  notFound,
  outOfRange,
} from './backend.ts';

export interface MemoryBackend extends Backend {
  /** What is stored, by `keys/3f…` or `config`. Tests may damage it. */
  readonly files: Map<string, Uint8Array>;
}

const location = 'memory';

export function memoryBackend(): MemoryBackend {
  const files = new Map<string, Uint8Array>();

  function get(file: FileName): Uint8Array {
    const bytes = files.get(describeFile(file));
    if (!bytes) throw notFound(location, file);
    return bytes;
  }

  return {
    location,
    connections: 8,
    files,

    async create(signal) {
      signal?.throwIfAborted();
    },

    async stat(file, signal) {
      signal?.throwIfAborted();
      return { size: get(file).byteLength };
    },

    async *list(type, signal) {
      for (const entry of entriesOf(files, type)) {
        signal?.throwIfAborted();
        yield entry;
      }
    },

    async load(file, range, signal) {
      signal?.throwIfAborted();
      const bytes = get(file);
      return range ? sliceExactly(file, bytes, range) : bytes.slice();
    },

    async save(file, parts, signal) {
      signal?.throwIfAborted();
      const bytes = concatBytes(...parts);
      const existing = files.get(describeFile(file));
      if (file.type === 'config' && existing && !equalBytes(existing, bytes)) {
        throw alreadyExists(location, file);
      }
      files.set(describeFile(file), bytes);
    },

    async remove(file, signal) {
      signal?.throwIfAborted();
      files.delete(describeFile(file));
    },

    tls: () => undefined,
    close: async () => {},
  };
}

/** Taken at once, so that a caller may save and remove while it walks the list. */
function entriesOf(files: ReadonlyMap<string, Uint8Array>, type: FileType): FileEntry[] {
  const prefix = `${type}/`;
  const entries: FileEntry[] = [];
  for (const [path, bytes] of files) {
    const name = path.slice(prefix.length);
    if (path.startsWith(prefix) && isStorageName(name)) {
      entries.push({ name, size: bytes.byteLength });
    }
  }
  return entries;
}

function sliceExactly(file: FileName, bytes: Uint8Array, range: ByteRange): Uint8Array {
  const slice = bytes.slice(range.offset, range.offset + range.length);
  if (slice.byteLength !== range.length) {
    throw outOfRange(location, file, range, slice.byteLength);
  }
  return slice;
}
