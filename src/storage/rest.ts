/** A repository behind restic's REST protocol: a vault or any rest-server (restic-format.md, section 22). */
import { concatBytes, equalBytes } from '../base/bytes.ts';
import { isSealiftError, SealiftError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
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
  type Pace,
  partsSize,
} from './backend.ts';
import { type HttpClient, type HttpClientOptions, httpClient, type Reply } from './http-client.ts';
import { currentListing, listingHeader } from './listing-header.ts';
import { displayRestUrl, splitSocketPath } from './location.ts';
import { readPart, readStart, readWhole } from './reply-body.ts';

export interface RestOptions extends Omit<HttpClientOptions, 'connections'> {
  /** Requests at once; 5 when left out. */
  readonly connections?: number;
  /** Used only if the URL has neither user nor password. */
  readonly username?: string;
  readonly password?: Secret;
}

const version2 = 'application/vnd.x.restic.rest.v2';
const defaultConnections = 5;
/** Three million packs, 50 TB at 16 MiB each; a longer list would not fit into one string either. */
const maxListBytes = 256 * 1024 ** 2;
/** More than any pack or index; a server that announces more is not believed. */
const maxFileBytes = 2 * 1024 ** 3 - 1;
/** What is quoted of a refusal. */
const maxReasonBytes = 4096;

/**
 * @param url http:, https: or http+unix:, ending with a slash
 * @throws 'usage/invalid' if a TLS option does not work
 */
export function restBackend(url: URL, options: RestOptions = {}): Backend {
  const connections = options.connections ?? defaultConnections;
  const client = httpClient(url, { ...options, connections });
  return new RestFiles({
    client,
    connections,
    location: displayRestUrl(url),
    basePath: splitSocketPath(url)?.path ?? url.pathname,
    headers: { Accept: version2, ...authorization(url, options) },
    listsAllSaved: false,
  }).backend();
}

interface RestServer {
  readonly client: HttpClient;
  readonly connections: number;
  readonly location: string;
  readonly basePath: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the server said when it stored the last lock. */
  listsAllSaved: boolean;
}

/** What a request is about, for its errors. */
interface Subject {
  readonly action: string;
  readonly file?: FileName;
}

/** Of {@link Backend.load}. */
interface LoadOptions {
  readonly range?: ByteRange | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly memory?: Uint8Array | undefined;
}

class RestFiles {
  readonly #server: RestServer;
  readonly #pace: Pace | undefined;

  constructor(server: RestServer, pace?: Pace) {
    this.#server = server;
    this.#pace = pace;
  }

  backend(): Backend {
    const { client, connections, location } = this.#server;
    return {
      location,
      connections,
      listsAllSaved: async () => this.#server.listsAllSaved,
      create: (signal) => this.#create(signal),
      stat: (file, signal) => this.#stat(file, signal),
      list: (type, signal) => this.#list(type, signal),
      load: (file, range, signal, memory) => this.#load(file, { range, signal, memory }),
      save: (file, parts, signal) => this.#save(file, parts, signal),
      remove: (file, signal) => this.#remove(file, signal),
      tls: () => client.tls(),
      withPace: (pace) => new RestFiles(this.#server, pace).backend(),
      close: async () => client.close(),
    };
  }

  #create(signal?: AbortSignal): Promise<void> {
    const { client, basePath, headers } = this.#server;
    return client.exchange(
      {
        method: 'POST',
        path: `${basePath}?create=true`,
        headers: { ...headers, 'Content-Type': 'binary/octet-stream' },
        signal,
      },
      async (reply) => {
        if (!isDone(reply)) throw await this.#refusal(reply, { action: 'creating a repository' });
        await readStart(reply.read, maxReasonBytes);
      },
    );
  }

  #stat(file: FileName, signal?: AbortSignal): Promise<{ size: number }> {
    const { client, headers } = this.#server;
    return client.exchange(
      { method: 'HEAD', path: this.#path(file), headers, signal },
      async (reply) => {
        const subject = { action: 'asking for', file };
        if (!isDone(reply)) throw await this.#refusal(reply, subject);
        await readStart(reply.read, 0);
        return { size: this.#sizeOf(reply, subject) };
      },
    );
  }

  async #load(file: FileName, { range, signal, memory }: LoadOptions): Promise<Uint8Array> {
    const { client, location } = this.#server;
    const path = this.#path(file);
    const last = range ? range.offset + range.length - 1 : 0;
    const headers = range
      ? { ...this.#server.headers, Range: `bytes=${range.offset}-${last}` }
      : this.#server.headers;
    if (memory !== undefined && memory.length === range?.length && !this.#pace) {
      if (await client.readRange({ path, headers, memory, signal })) return memory;
    }
    return await client.exchange(
      { method: 'GET', path, headers, pace: this.#pace, signal },
      async (reply) => {
        const subject = { action: 'loading', file };
        if (reply.status === 416 && range) throw outOfRange(location, file, range, 0);
        if (!isDone(reply)) throw await this.#refusal(reply, subject);
        const size = this.#sizeOf(reply, subject);
        if (size > maxFileBytes) {
          throw this.#protocolError(`${describeFile(file)} has an unlikely size of ${size} bytes`);
        }
        const wanted = range ?? { offset: 0, length: size };
        // rest-server ignores the range of a config and sends it whole.
        const skip = reply.status === 206 ? 0 : wanted.offset;
        const announced = Math.max(0, size - skip);
        if (reply.status === 206 ? announced !== wanted.length : announced < wanted.length) {
          throw outOfRange(location, file, wanted, announced);
        }
        const bytes = await readPart(reply.read, { skip, length: wanted.length, memory });
        if (bytes.byteLength !== wanted.length) {
          throw outOfRange(location, file, wanted, bytes.byteLength);
        }
        return bytes;
      },
    );
  }

  async #save(file: FileName, parts: readonly Uint8Array[], signal?: AbortSignal): Promise<void> {
    const { client, headers } = this.#server;
    if (file.type === 'locks') this.#server.listsAllSaved = false;
    const refusal = await client.exchange(
      {
        method: 'POST',
        path: this.#path(file),
        headers: { ...headers, 'Content-Type': 'application/octet-stream' },
        body: parts,
        pace: this.#pace,
        signal,
      },
      async (reply) => {
        if (isDone(reply)) {
          await readStart(reply.read, maxReasonBytes);
          if (file.type === 'locks')
            this.#server.listsAllSaved = reply.headers[listingHeader] === currentListing;
          return undefined;
        }
        return this.#refusal(reply, { action: 'saving', file });
      },
    );
    if (!refusal) return;
    // A server does not overwrite. When the reply to an earlier try was lost, the file is there.
    if (refusal.code !== 'backend/forbidden') throw refusal;
    if (!(await this.#isStored(file, parts, refusal, signal))) throw refusal;
  }

  /** @throws 'backend/exists' if something else is stored under the name */
  async #isStored(
    file: FileName,
    parts: readonly Uint8Array[],
    refusal: SealiftError,
    signal?: AbortSignal,
  ): Promise<boolean> {
    try {
      const { size } = await this.#stat(file, signal);
      // The name of a config says nothing about its content, and all configs are of one size.
      const same =
        size === partsSize(parts) &&
        (file.type !== 'config' ||
          equalBytes(await this.#load(file, { signal }), concatBytes(...parts)));
      if (same) return true;
    } catch (error) {
      if (isSealiftError(error, 'backend/not-found')) return false;
      if (isSealiftError(error, 'backend/forbidden', 'backend/unauthorized')) throw refusal;
      throw error;
    }
    throw alreadyExists(this.#server.location, file);
  }

  #remove(file: FileName, signal?: AbortSignal): Promise<void> {
    const { client, headers } = this.#server;
    return client.exchange(
      { method: 'DELETE', path: this.#path(file), headers, signal },
      async (reply) => {
        if (!isDone(reply) && reply.status !== 404) {
          throw await this.#refusal(reply, { action: 'removing', file });
        }
        await readStart(reply.read, maxReasonBytes);
      },
    );
  }

  async *#list(type: FileType, signal?: AbortSignal): AsyncGenerator<FileEntry> {
    if (type === 'config') return;
    const { client, basePath, headers } = this.#server;
    const { items, sized } = await client.exchange(
      { method: 'GET', path: `${basePath}${type}/`, headers, signal },
      async (reply) => {
        // A server that makes folders on demand has none for what was never stored.
        if (reply.status === 404) return { items: [], sized: true };
        if (!isDone(reply)) throw await this.#refusal(reply, { action: `listing ${type} in` });
        const text = await this.#listText(reply, type);
        return { items: this.#parseList(text, type), sized: isVersion2(reply) };
      },
    );
    if (sized) yield* this.#sizedEntries(items, type);
    else yield* this.#entriesByStat(items, type, signal);
  }

  async #listText(reply: Reply, type: FileType): Promise<string> {
    const bytes = await readWhole(reply.read, maxListBytes);
    if (!bytes) {
      throw this.#protocolError(`the list of ${type} is larger than ${maxListBytes} bytes`);
    }
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  }

  #parseList(text: string, type: FileType): readonly unknown[] {
    try {
      const items: unknown = JSON.parse(text);
      // rest-server before 0.9 wrote null for an empty list.
      if (items === null) return [];
      if (Array.isArray(items)) return items;
    } catch (error) {
      throw this.#protocolError(`the list of ${type} is no JSON`, error);
    }
    throw this.#protocolError(`the list of ${type} is no JSON array`);
  }

  *#sizedEntries(items: readonly unknown[], type: FileType): Generator<FileEntry> {
    for (const item of items) {
      const entry = parseEntry(item);
      if (!entry)
        throw this.#protocolError(`the list of ${type} has an entry without name or size`);
      if (isStorageName(entry.name)) yield entry;
    }
  }

  /** Version 1 lists names only. */
  async *#entriesByStat(
    items: readonly unknown[],
    type: FileType,
    signal?: AbortSignal,
  ): AsyncGenerator<FileEntry> {
    const names: string[] = [];
    for (const item of items) {
      if (typeof item !== 'string') {
        throw this.#protocolError(`the list of ${type} has an entry that is no name`);
      }
      if (isStorageName(item)) names.push(item);
    }
    const batchSize = this.#server.connections;
    for (let start = 0; start < names.length; start += batchSize) {
      const batch = names.slice(start, start + batchSize);
      const entries = await Promise.all(
        batch.map((name) => this.#findEntry({ type, name }, signal)),
      );
      for (const entry of entries) if (entry) yield entry;
    }
  }

  /** Undefined for what was removed since it was listed. */
  async #findEntry(file: FileName, signal?: AbortSignal): Promise<FileEntry | undefined> {
    try {
      return { name: file.name, ...(await this.#stat(file, signal)) };
    } catch (error) {
      if (isSealiftError(error, 'backend/not-found')) return undefined;
      throw error;
    }
  }

  #path(file: FileName): string {
    return this.#server.basePath + describeFile(file);
  }

  #sizeOf(reply: Reply, subject: Subject): number {
    const length = reply.headers['content-length'];
    if (length === undefined || !/^\d{1,15}$/.test(length)) {
      throw this.#protocolError(`the server gave no size when ${this.#describe(subject)}`);
    }
    return Number(length);
  }

  #describe({ action, file }: Subject): string {
    const { location } = this.#server;
    return file ? `${action} ${describeFile(file)} in ${location}` : `${action} ${location}`;
  }

  #protocolError(problem: string, cause?: unknown): SealiftError {
    const { location } = this.#server;
    return new SealiftError('backend/protocol', `${location}: ${problem}`, {
      hint: 'check that the location names a REST repository server, and look into its log',
      cause,
      fields: { location },
    });
  }

  /** The error for a status other than success, with the server's own words where it gave any. */
  async #refusal(reply: Reply, subject: Subject): Promise<SealiftError> {
    const { location } = this.#server;
    const { file } = subject;
    const said = quotable(await readStart(reply.read, maxReasonBytes), reply);
    const words = said === '' ? '' : `: ${said}`;
    const message = `${this.#describe(subject)} was answered with HTTP ${reply.status}${words}`;
    const fields = {
      location,
      status: reply.status,
      ...(said === '' ? {} : { reply: said }),
      ...(file ? { file: describeFile(file) } : {}),
    };
    switch (reply.status) {
      case 401:
        return new SealiftError('backend/unauthorized', message, {
          hint: 'check user name and password in the location or in RESTIC_REST_USERNAME and RESTIC_REST_PASSWORD, or the client certificate',
          fields,
        });
      case 403:
        // A vault's, whose sentence says what ends and what to do.
        if (reply.headers['sealift-refusal'] !== undefined)
          return new SealiftError('tls/retired', `${location}: ${said}`, {
            hint: 'update this machine or its backup program, so that it speaks what the server asks for',
            fields: { ...fields, reason: said },
          });
        return new SealiftError('backend/forbidden', message, {
          hint: 'ask whoever runs the server whether this login may do that; an append-only server refuses to remove',
          fields,
        });
      case 404:
        return file
          ? notFound(location, file)
          : new SealiftError('backend/not-found', message, { fields });
      case 507:
        return new SealiftError('backend/full', message, {
          hint: 'free space or raise the quota on the server, or remove old snapshots with `sealift forget --prune`',
          fields,
        });
    }
    if (reply.status >= 300 && reply.status < 400) {
      return new SealiftError('backend/protocol', redirectMessage(message, reply), {
        hint: 'redirects are not followed, so that no login goes elsewhere; put the new address into the location',
        fields,
      });
    }
    if (reply.status >= 500 && reply.status !== 501) {
      return new SealiftError('backend/unreachable', message, {
        hint: "look into the server's log",
        retryable: true,
        fields,
      });
    }
    // An upload that was cut short or changed on its way is answered with 400, a slow one with 408,
    // a hasty client with 429.
    const retryable = [408, 425, 429].includes(reply.status) || (reply.status === 400 && !!file);
    return new SealiftError('backend/protocol', message, {
      hint: 'check that the location names a REST repository server',
      retryable,
      fields,
    });
  }
}

function authorization(url: URL, options: RestOptions): Record<string, string> {
  const inUrl = url.username !== '' || url.password !== '';
  const username = inUrl ? decodeURIComponent(url.username) : options.username;
  const password = inUrl ? decodeURIComponent(url.password) : options.password?.reveal();
  if (username === undefined && password === undefined) return {};
  const pair = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64');
  return { Authorization: `Basic ${pair}` };
}

function isDone(reply: Reply): boolean {
  return reply.status >= 200 && reply.status < 300;
}

function isVersion2(reply: Reply): boolean {
  return reply.headers['content-type'] === version2;
}

function parseEntry(item: unknown): FileEntry | undefined {
  if (typeof item !== 'object' || item === null || !('name' in item) || !('size' in item)) {
    return undefined;
  }
  const { name, size } = item;
  const valid = typeof name === 'string' && typeof size === 'number' && size >= 0;
  return valid && Number.isSafeInteger(size) ? { name, size } : undefined;
}

/** One line of plain text; a page for browsers says nothing. */
function quotable(bytes: Uint8Array, reply: Reply): string {
  if (/html/i.test(reply.headers['content-type'] ?? '')) return '';
  const text = errorOf(Buffer.from(bytes).toString());
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}

/** A vault's answers are JSON with the reason in `error`. */
function errorOf(text: string): string {
  try {
    const document: unknown = JSON.parse(text);
    const isObject = typeof document === 'object' && document !== null;
    return isObject && 'error' in document && typeof document.error === 'string'
      ? document.error
      : text;
  } catch {
    return text;
  }
}

function redirectMessage(message: string, reply: Reply): string {
  const target = reply.headers.location;
  if (target === undefined || !URL.canParse(target)) return message;
  const url = new URL(target);
  return `${message}, which points to ${url.origin}${url.pathname}`;
}
