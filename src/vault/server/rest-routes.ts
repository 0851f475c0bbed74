/**
 * The restic REST protocol (docs/format.md, REST backend), versions 1 and 2. Each request: parse the
 * path, authenticate, decide whether this identity may, act, answer.
 */

import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { systemCodeOf } from '../../base/errors.ts';
import type { ClientIdentity } from '../../door/connection.ts';
import { type Connection, findConnection } from '../../door/door-connection.ts';
import { currentListing, listingHeader } from '../../storage/listing-header.ts';
import type { Authenticator, Identity } from '../accounts/authenticator.ts';
import { wantsConsole } from '../api/console-files.ts';
import type { Upload } from '../backups/backup-tracker.ts';
import type { VaultConfig } from '../config.ts';
import type { LockOwners } from '../repositories/lock-owners.ts';
import { parseTarget, type Target } from '../repositories/repository-path.ts';
import type {
  ListedFile,
  RepositoryStore,
  SaveOutcome,
  StoredFile,
} from '../repositories/repository-store.ts';
import { sendFile } from '../repositories/send-file.ts';
import { parseRange } from './byte-range.ts';
import type { Connections } from './connections.ts';
import { clientIdentity, type Gate } from './gate.ts';
import { startReply } from './raw-reply.ts';
import { Refusal, unauthorized } from './refusal.ts';

const listV1 = 'application/vnd.x.restic.rest.v1';
const listV2 = 'application/vnd.x.restic.rest.v2';
/** A restic config is some 150 bytes. */
const maxConfigBytes = 1024 ** 2;

export interface RestDependencies {
  readonly store: RepositoryStore;
  readonly owners: LockOwners;
  readonly authenticator: Authenticator;
  readonly gate: Gate;
  /** As it is now. */
  readonly config: () => VaultConfig;
  readonly connections: Connections;
  readonly logger: Logger;
  /** A client has stored a file; locks too. */
  readonly onUpload: (
    upload: Omit<Upload, 'atMs'>,
    connection: Connection | undefined,
  ) => Promise<void>;
  /** What the owner of a repository may still store, in bytes; undefined without a quota. */
  readonly roomOf: (owner: string) => Promise<number | undefined>;
  /** A client has stored a snapshot. */
  readonly onSnapshot: (client: ClientIdentity, connection: Connection) => void;
}

interface Job {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly identity: Identity;
  readonly appendOnly: boolean;
}

export function addRestRoutes(app: FastifyInstance, dependencies: RestDependencies): void {
  const { authenticator, gate, config, connections } = dependencies;
  const rest = new RestHandlers(dependencies);
  app.route({
    method: ['GET', 'HEAD', 'POST', 'DELETE'],
    url: '/*',
    config: { isAdmitted: true },
    async handler(request, reply) {
      if (wantsConsole(request)) return reply.redirect('/console/', 302);
      const parsed = parseTarget((request.raw.url ?? '/').split('?')[0] ?? '/');
      const authentication = await authenticator.authenticate(request.raw);
      if (authentication.kind === 'unknown')
        throw unauthorized(authentication.reason, authentication.retryAfterS);
      const { identity } = authentication;
      request.client = `${identity.kind}:${identity.name}`;
      await gate.admit(request, reply, identity);
      if (parsed.kind === 'bad') throw new Refusal(400, parsed.reason);
      const { target } = parsed;
      const { repositories } = config();
      if (repositories.private && target.folders[0] !== identity.name) {
        throw new Refusal(
          403,
          `${identity.name} may only use repositories below /${identity.name}/`,
        );
      }
      const appendOnly = repositories.appendOnly || identity.appendOnly;
      return connections.guard(rest.handle(target, { request, reply, identity, appendOnly }));
    },
  });
}

class RestHandlers {
  readonly #store: RepositoryStore;
  readonly #owners: LockOwners;
  readonly #config: RestDependencies['config'];
  readonly #logger: Logger;
  readonly #onSnapshot: RestDependencies['onSnapshot'];
  readonly #onUpload: RestDependencies['onUpload'];
  readonly #roomOf: RestDependencies['roomOf'];

  constructor(parts: RestDependencies) {
    const { store, owners, config, logger, onSnapshot, onUpload, roomOf } = parts;
    this.#onUpload = onUpload;
    this.#roomOf = roomOf;
    this.#store = store;
    this.#owners = owners;
    this.#config = config;
    this.#logger = logger;
    this.#onSnapshot = onSnapshot;
  }

  handle(target: Target, job: Job): Promise<FastifyReply> {
    switch (target.kind) {
      case 'repository':
        return this.#repository(target.folders, job);
      case 'list':
        return this.#list(target, job);
      case 'config':
        return this.#file({ folders: target.folders, type: 'config' }, job);
      case 'file':
        return this.#file(target, job);
    }
  }

  async #repository(folders: readonly string[], { request, reply }: Job): Promise<FastifyReply> {
    if (request.method === 'DELETE')
      throw new Refusal(501, 'the vault does not delete whole repositories');
    if (request.method !== 'POST') throw methodNotAllowed('POST');
    const query = request.query as Readonly<Record<string, unknown>>;
    if (query['create'] !== 'true') throw new Refusal(400, 'create=true is missing');
    await this.#store.create(folders);
    return reply.code(200).send();
  }

  async #list(target: Target & { kind: 'list' }, { request, reply }: Job): Promise<FastifyReply> {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed('GET, HEAD');
    const batches = await this.#store.list(target.folders, target.type);
    if (batches === undefined) throw new Refusal(404, 'there is no repository here');
    const version = request.headers.accept === listV2 ? 2 : 1;
    reply.code(200).header('content-type', version === 2 ? listV2 : listV1);
    if (request.method === 'HEAD') return reply.send();
    return reply.send(Readable.from(listText(batches, version)));
  }

  #file(file: StoredFile, job: Job): Promise<FastifyReply> {
    switch (job.request.method) {
      case 'HEAD':
        return this.#head(file, job);
      case 'GET':
        return this.#download(file, job);
      case 'POST':
        return this.#upload(file, job);
      default:
        return this.#remove(file, job);
    }
  }

  async #head(file: StoredFile, { reply }: Job): Promise<FastifyReply> {
    const size = await this.#store.size(file);
    if (size === undefined) throw new Refusal(404, 'there is no such file');
    return reply
      .code(200)
      .headers({ ...fileHeaders, 'content-length': size })
      .send();
  }

  async #download(file: StoredFile, { request, reply }: Job): Promise<FastifyReply> {
    const opened = await this.#store.open(file);
    if (opened === undefined) throw new Refusal(404, 'there is no such file');
    const { handle, size } = opened;
    const range = parseRange(request.headers.range, size);
    const length = range.kind === 'part' ? range.size : size;
    if (range.kind === 'unsatisfiable' || length === 0) {
      await handle.close();
      if (length === 0)
        return reply
          .code(200)
          .headers({ ...fileHeaders, 'content-length': 0 })
          .send();
      throw new Refusal(416, `the file has ${size} bytes`, { 'content-range': `bytes */${size}` });
    }
    const isPart = range.kind === 'part';
    const start = isPart ? range.start : 0;
    const raw = startReply(reply, isPart ? 206 : 200, {
      ...fileHeaders,
      'content-length': length,
      ...(isPart ? { 'content-range': `bytes ${start}-${start + length - 1}/${size}` } : {}),
    });
    try {
      await sendFile(handle, { start, length }, raw);
      raw.end();
    } catch (error) {
      // The head is out: that the body ends early is all that the client can be told.
      if (!raw.destroyed) this.#logger.error({ err: error, path: request.url }, 'download failed');
      raw.destroy();
    } finally {
      await handle.close();
    }
    return reply;
  }

  async #upload(file: StoredFile, job: Job): Promise<FastifyReply> {
    const { request, reply, identity } = job;
    const maxFileBytes =
      file.type === 'config' ? maxConfigBytes : this.#config().repositories.maxFileSize;
    const announcedBytes = parseLength(request.headers['content-length']);
    if ((announcedBytes ?? 0) > maxFileBytes) throw tooLarge(maxFileBytes);
    const room = file.type === 'locks' ? undefined : await this.#roomOf(file.folders[0] ?? '');
    if (room !== undefined && (announcedBytes ?? 0) >= room) throw quotaUsedUp();
    // A body in chunks announces nothing: it is counted while it comes.
    const maxBytes = Math.min(maxFileBytes, room ?? maxFileBytes);
    const outcome = await this.#save(file, job, { maxBytes, announcedBytes });
    switch (outcome.kind) {
      case 'healed':
        this.#logger.warn(
          { path: request.url, client: `${identity.kind}:${identity.name}` },
          'a damaged file was replaced by an upload that matches its name',
        );
        return reply.code(200).send();
      case 'stored':
        if (file.type === 'snapshots') this.#countBackup(job);
        await this.#note(file, job, announcedBytes);
        // Whoever has stored a lock looks for those of others next (docs/decisions/011).
        if (file.type === 'locks' && (await this.#store.listsAllSaved(file.folders)))
          reply.header(listingHeader, currentListing);
        return reply.code(200).send();
      case 'present':
        return reply.code(200).send();
      case 'exists':
        throw new Refusal(403, 'this name exists with other content, and nothing is overwritten');
      case 'wrong-hash':
        throw new Refusal(400, `the content has the SHA-256 ${outcome.found}, not its name`);
      case 'short':
        throw new Refusal(400, 'the content is empty or cut short');
      case 'too-large':
        throw maxBytes < maxFileBytes ? quotaUsedUp() : tooLarge(maxFileBytes);
    }
  }

  /** For the console's history; a failure of it must not make the client send the file again. */
  async #note(file: StoredFile, job: Job, announced: number | undefined): Promise<void> {
    const { request, identity } = job;
    try {
      await this.#onUpload(
        {
          ...{ client: clientIdentity(identity), repository: file.folders.join('/') },
          ...{ type: file.type, name: file.type === 'config' ? 'config' : file.name },
          bytes: announced ?? (await this.#store.size(file)) ?? 0,
        },
        findConnection(request.raw.socket),
      );
    } catch (error) {
      this.#logger.error({ err: error }, 'an upload was stored and could not be noted');
    }
  }

  #countBackup({ request, identity }: Job): void {
    const connection = findConnection(request.raw.socket);
    if (connection !== undefined) this.#onSnapshot(clientIdentity(identity), connection);
  }

  async #save(
    file: StoredFile,
    { request, identity }: Job,
    limits: { maxBytes: number; announcedBytes: number | undefined },
  ): Promise<SaveOutcome> {
    const beforePublish = async (): Promise<void> => {
      // Who repeats the upload of a lock that is there already does not become its owner.
      const isNew = file.type === 'locks' && (await this.#store.size(file)) === undefined;
      if (isNew) await this.#owners.record(file, identity);
    };
    try {
      return await this.#store.save(file, request.raw, { ...limits, beforePublish });
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') throw new Refusal(404, 'there is no repository here');
      throw error;
    }
  }

  async #remove(file: StoredFile, { reply, identity, appendOnly }: Job): Promise<FastifyReply> {
    if (appendOnly) {
      if (file.type !== 'locks') throw new Refusal(403, 'in append-only mode nothing is deleted');
      const gone = (await this.#store.size(file)) === undefined;
      if (!gone && !(await this.#owners.isOwner(file, identity)))
        throw new Refusal(403, 'in append-only mode a client deletes only the locks it made');
    }
    await this.#store.remove(file);
    if (file.type === 'locks') await this.#owners.forget(file);
    return reply.code(200).send();
  }
}

const fileHeaders = {
  'content-type': 'application/octet-stream',
  'accept-ranges': 'bytes',
} as const;

/** The JSON of a list, batch by batch: there may be hundreds of thousands of names. */
async function* listText(
  batches: AsyncIterable<ListedFile[]>,
  version: 1 | 2,
): AsyncGenerator<string> {
  let separator = '[';
  for await (const batch of batches) {
    if (batch.length === 0) continue;
    const items = batch.map((file) => JSON.stringify(version === 2 ? file : file.name));
    yield separator + items.join(',');
    separator = ',';
  }
  yield separator === '[' ? '[]' : ']';
}

function parseLength(header: string | undefined): number | undefined {
  return header === undefined ? undefined : Number(header);
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal(413, `the vault takes files of up to ${maxBytes} bytes`);
}

function quotaUsedUp(): Refusal {
  return new Refusal(507, 'the quota of this account is used up');
}

function methodNotAllowed(allow: string): Refusal {
  return new Refusal(405, `this path knows only ${allow}`, { allow });
}
