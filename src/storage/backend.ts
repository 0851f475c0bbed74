/**
 * Where repository files live. This room knows names and bytes of whole files, not what is in them:
 * the formats are `src/repository`, the order of reads and writes is `src/engine`.
 *
 * A backend is the plain adapter of one kind of storage; retry, rate limit, verification and faults
 * wrap this one interface. `test/support/backend-conformance.ts` states what every adapter must do.
 */
import { SealiftError } from '../base/errors.ts';

/** The kinds of file, named as the folders of the layout (restic-format.md, section 2). */
export type FileType = 'config' | 'data' | 'index' | 'keys' | 'locks' | 'snapshots';

export const fileTypes: readonly FileType[] = [
  'config',
  'data',
  'index',
  'keys',
  'locks',
  'snapshots',
];

export interface FileName {
  readonly type: FileType;
  /** 64 lower-case hex digits; empty for `config`. */
  readonly name: string;
}

export interface FileEntry {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/** Bytes `offset` to `offset + length` of a file; length is positive. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** What was agreed in the TLS handshake of the first connection. */
export interface TlsSession {
  /** As Node and OpenSSL spell it: `TLSv1.3`. */
  readonly version: string;
  /** The registry's name: `TLS_AES_128_GCM_SHA256`. */
  readonly cipher: string;
  /** Key-exchange group, `X25519MLKEM768`; undefined where this Node does not tell. */
  readonly group: string | undefined;
  /** True when the group contains ML-KEM, so that recorded traffic stays secret from a quantum computer. */
  readonly postQuantum: boolean;
}

/** Waits until so many bytes may travel on; a rate limit (`limit.ts`) is one. */
export interface Pace {
  upload(bytes: number, signal?: AbortSignal): Promise<void>;
  download(bytes: number, signal?: AbortSignal): Promise<void>;
}

/** An aborted call throws the signal's reason and touches the storage no more. */
export interface Backend {
  /** For people; a password is left out. */
  readonly location: string;
  /** How many calls at once are sensible. */
  readonly connections: number;
  /**
   * False where a failed save can leave a part of the file under its name, so that a retry has to
   * remove it first. True when left out.
   */
  readonly replacesAtomically?: boolean;
  /**
   * True where a listing shows every file whose save was over, on any machine, before the listing
   * began. Missing where nobody knows: over a network a listing may be some time behind.
   */
  listsAllSaved?(): Promise<boolean>;
  /** Makes the layout; harmless where it exists. */
  create(signal?: AbortSignal): Promise<void>;
  /** @throws 'backend/not-found' */
  stat(file: FileName, signal?: AbortSignal): Promise<{ readonly size: number }>;
  /** Every file of the type once, in no order; names that are not 64 hex digits are left out. */
  list(type: FileType, signal?: AbortSignal): AsyncIterable<FileEntry>;
  /**
   * The whole file, or exactly the range.
   * @param memory as large as the range, which the backend may put the bytes into; it is the caller's again
   *   when the promise is fulfilled, and nobody's to use again when it is rejected
   * @throws 'backend/not-found', 'backend/range' if the file ends before the range does
   */
  load(
    file: FileName,
    range?: ByteRange,
    signal?: AbortSignal,
    memory?: Uint8Array,
  ): Promise<Uint8Array>;
  /**
   * Stores the parts, one after the other, as one file that becomes visible only when complete.
   * Saving under a name that exists is fine, since names tell the content; but a config with other
   * content is not replaced (two machines may be creating the repository): remove it first.
   * @param parts borrowed until the promise settles
   * @throws 'backend/exists', 'backend/full', 'backend/forbidden', 'backend/unreachable'
   */
  save(file: FileName, parts: readonly Uint8Array[], signal?: AbortSignal): Promise<void>;
  /** Removing what is absent is no error. */
  remove(file: FileName, signal?: AbortSignal): Promise<void>;
  /** Undefined where no TLS is used or no connection was made yet. */
  tls(): TlsSession | undefined;
  /**
   * The same backend, asking the pace before every piece that it sends or receives. Where it is
   * missing, a limit can only wait between whole files.
   */
  withPace?(pace: Pace): Backend;
  close(): Promise<void>;
  /**
   * Where the file is on this machine, for worker threads that read packs by themselves. Missing where
   * reading must go through {@link load}: over a network, or with a limit or a fault wrapped around.
   */
  pathOf?(file: FileName): string;
}

/** Every call handed on as it is: what a wrapper spreads before it adds its own. No pace is handed on. */
export function forwardTo(backend: Backend): Backend {
  return {
    location: backend.location,
    connections: backend.connections,
    replacesAtomically: backend.replacesAtomically ?? true,
    listsAllSaved: async () => (await backend.listsAllSaved?.()) ?? false,
    create: (signal) => backend.create(signal),
    stat: (file, signal) => backend.stat(file, signal),
    list: (type, signal) => backend.list(type, signal),
    load: (file, range, signal, memory) => backend.load(file, range, signal, memory),
    save: (file, parts, signal) => backend.save(file, parts, signal),
    remove: (file, signal) => backend.remove(file, signal),
    tls: () => backend.tls(),
    close: () => backend.close(),
  };
}

const storageName = /^[0-9a-f]{64}$/;

/** True for 64 lower-case hex digits, the form of every stored name but `config`. */
export function isStorageName(name: string): boolean {
  return storageName.test(name);
}

/** `keys/3f…`, `config`: the file for messages. */
export function describeFile(file: FileName): string {
  return file.type === 'config' ? 'config' : `${file.type}/${file.name}`;
}

export function notFound(location: string, file: FileName, cause?: unknown): SealiftError {
  return new SealiftError('backend/not-found', `${describeFile(file)} is not in ${location}`, {
    cause,
    fields: { location, file: describeFile(file) },
  });
}

/** A save would have replaced what is stored under the name with other content. */
export function alreadyExists(location: string, file: FileName): SealiftError {
  const hint =
    file.type === 'config'
      ? 'use the repository that is there, or choose another place for a new one'
      : 'run `sealift check --read-data` to see whether the stored file is damaged';
  return new SealiftError(
    'backend/exists',
    `${describeFile(file)} is already in ${location}, with other content`,
    { hint, fields: { location, file: describeFile(file) } },
  );
}

/** The file is shorter than the range asks, or the storage sent another count of bytes. */
export function outOfRange(
  location: string,
  file: FileName,
  range: ByteRange,
  found: number,
): SealiftError {
  return new SealiftError(
    'backend/range',
    `${describeFile(file)} in ${location} gave ${found} of ${range.length} bytes at offset ${range.offset}`,
    {
      hint: 'run `sealift check` to see whether files in the repository are damaged',
      fields: {
        location,
        file: describeFile(file),
        offset: range.offset,
        expected: range.length,
        found,
      },
    },
  );
}

export function partsSize(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.byteLength, 0);
}
