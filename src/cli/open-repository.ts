/**
 * The one place where a location becomes an open repository: location, backend with its wrappers,
 * password, lock, index.
 */

import { messageOf, SealiftError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import { formatDuration } from '../base/units.ts';
import { withLock } from '../engine/lock.ts';
import {
  type IndexedRepository,
  type LoadIndexOptions,
  loadIndex,
  type OpenRepository,
  openRepository,
} from '../engine/open.ts';
import type { Backend } from '../storage/backend.ts';
import { limitBackend } from '../storage/limit.ts';
import { localBackend } from '../storage/local.ts';
import { parseLocation } from '../storage/location.ts';
import type { RestOptions } from '../storage/rest.ts';
import { retryBackend } from '../storage/retry.ts';
import { configFolder } from './config-folder.ts';
import type { Context } from './context.ts';
import { fromEnvironment, usageError } from './global-options.ts';
import { keepHeapsSmall } from './heap.ts';
import { readPassword } from './password.ts';
import { Throttle } from './progress.ts';
import { readInputFile } from './read-input-file.ts';
import type { TextKey } from './texts/en.ts';

/** Longest time that a request is repeated, as restic's 15 minutes. */
const retryElapsedMs = 15 * 60_000;

/**
 * What a job does, and so which lock it takes: `read` and `append` (backup, key add) share, `check`
 * and `exclusive` do not. Those that only read can go without (--no-lock).
 */
export type LockKind = 'read' | 'append' | 'check' | 'exclusive' | 'none';

export interface OpenOptions {
  readonly lock: LockKind;
  /** True when standard input carries data and cannot carry a password. */
  readonly inputIsTaken?: boolean;
  /** What a person is asked for the password with, where it is not the usual question. */
  readonly passwordQuestion?: TextKey;
}

/** Opens the repository, locks it, does the job, unlocks and closes it. */
export async function withRepository<T>(
  context: Context,
  options: OpenOptions,
  job: (repository: OpenRepository, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  keepHeapsSmall();
  const backend = await openBackend(context);
  try {
    const password = await readPassword(context, options);
    const repository = await openRepository(backend, password, {
      signal: context.signal,
      ...optional('keyHint', context.flags.keyHint ?? fromEnvironment(context.env, 'KEY_HINT')),
    });
    return await locked(context, repository, options.lock, (signal) => job(repository, signal));
  } finally {
    await backend.close();
  }
}

/** Like {@link withRepository}, with the index in memory. */
export function withIndex<T>(
  context: Context,
  options: OpenOptions,
  job: (repository: IndexedRepository, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withRepository(context, options, async (repository, signal) => {
    const indexed = await loadIndex(repository, { signal, onProgress: indexProgress(context) });
    context.out.status([]);
    return job(indexed, signal);
  });
}

/** Shows how far the index is loaded, until another status takes its place. */
export function indexProgress({ out, say }: Context): LoadIndexOptions['onProgress'] & {} {
  const throttle = new Throttle(100);
  return (progress) => {
    if (throttle.due()) out.status([say('progress.loadIndex', { ...progress })]);
  };
}

function locked<T>(
  context: Context,
  repository: OpenRepository,
  kind: LockKind,
  job: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (kind === 'none') return job(context.signal);
  const { flags, out, say, signal } = context;
  const retryLockMs = flags.retryLock ?? 0;
  return withLock(
    repository,
    {
      exclusive: kind === 'check' || kind === 'exclusive',
      noLock: !flags.lock && (kind === 'read' || kind === 'check'),
      retryLockMs,
      signal,
      onWait: () => {
        if (!out.modes.json && !out.modes.quiet) {
          out.note(say('lock.waiting', { time: formatDuration(retryLockMs / 1000) }));
        }
      },
      onRefreshError: (error) => out.warn(say('lock.refreshFailed', { message: messageOf(error) })),
    },
    job,
  );
}

/** The backend that the options name, with retries and rate limits around it. */
export async function openBackend(context: Context): Promise<Backend> {
  const { flags, out, say } = context;
  const located = await locate(context, await readLocation(context));
  const limited = limitBackend(located, {
    ...optional('uploadBytesPerSecond', kibibytes(flags.limitUpload)),
    ...optional('downloadBytesPerSecond', kibibytes(flags.limitDownload)),
  });
  return retryBackend(limited, {
    maxElapsedMs: retryElapsedMs,
    onRetry: ({ error, delayMs }) => {
      out.warn(
        say('retry.again', { message: messageOf(error), time: `${Math.ceil(delayMs / 1000)} s` }),
      );
    },
  });
}

/** Where the repository is, as the user wrote it. */
export async function readLocation({ flags, env }: Context): Promise<string> {
  const file = flags.repositoryFile;
  if (flags.repo !== undefined && file !== undefined) {
    throw usageError('--repo and --repository-file exclude each other');
  }
  if (flags.repo !== undefined) return flags.repo;
  const named =
    file ??
    (fromEnvironment(env, 'REPOSITORY') ? undefined : fromEnvironment(env, 'REPOSITORY_FILE'));
  if (named !== undefined) return (await readTextFile('repository file', named)).trim();
  const location = fromEnvironment(env, 'REPOSITORY');
  if (location !== undefined) return location;
  throw usageError('no repository is named', 'Name it with -r LOCATION or SEALIFT_REPOSITORY.');
}

async function locate(context: Context, text: string): Promise<Backend> {
  const location = parseLocation(text);
  switch (location.kind) {
    case 'local':
      return localBackend(location.path);
    case 'rest': {
      const { restBackend } = await import('../storage/rest.ts');
      return restBackend(location.url, await restOptions(context));
    }
    case 'sealift':
      return enrolledBackend(context, location.name);
    case 'azure':
    case 's3':
      throw new SealiftError(
        'backend/location',
        `this version of Sealift stores nothing at ${location.kind}: locations`,
        { hint: 'Use a folder, rest:https://host:port/name/ or sealift:NAME.' },
      );
  }
}

async function restOptions(context: Context): Promise<RestOptions> {
  const { flags, env, out, say } = context;
  const ca = flags.cacert ?? fromEnvironment(env, 'CACERT');
  const clientCert = flags.tlsClientCert ?? fromEnvironment(env, 'TLS_CLIENT_CERT');
  const username = fromEnvironment(env, 'REST_USERNAME');
  const password = fromEnvironment(env, 'REST_PASSWORD');
  if (flags.insecureTls === true) out.warn(say('warning.insecureTls'));
  return {
    ...tlsChoices(context),
    onReply: await replyObserver(context),
    ...(flags.insecureTls === true ? { insecureTls: true } : {}),
    ...(ca === undefined ? {} : { ca: await readTextFile('--cacert', ca) }),
    ...(clientCert === undefined
      ? {}
      : { clientCert: await readTextFile('--tls-client-cert', clientCert) }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: new Secret(password) }),
  };
}

/** A vault knows an enrolled machine by its certificate, so verification is never off. */
async function enrolledBackend(context: Context, name: string): Promise<Backend> {
  if (context.flags.insecureTls === true) {
    throw usageError(
      '--insecure-tls is refused for sealift: repositories',
      'The enrolment carries the identity of the vault; leave the option out.',
    );
  }
  const { clientPem, loadEnrolment } = await import('../agent/identity-store.ts');
  const { renewIfDue } = await import('../agent/renew.ts');
  const { restBackend } = await import('../storage/rest.ts');
  const enrolment = await renewIfDue(await loadEnrolment(name, configFolder(context.env)));
  return restBackend(new URL(`${encodeURIComponent(enrolment.clientName)}/`, enrolment.url), {
    ...tlsChoices(context),
    onReply: await replyObserver(context),
    ca: enrolment.ca,
    clientCert: clientPem(enrolment).reveal(),
  });
}

/** Only a repository behind TLS needs the language of the retirement plan. */
async function replyObserver(context: Context): Promise<RestOptions['onReply'] & {}> {
  const { noticePrinter } = await import('./tls-notice.ts');
  return noticePrinter(context);
}

function tlsChoices({ flags, env }: Context): Pick<RestOptions, 'tlsMin' | 'groups'> {
  const tlsMin = flags.tlsMin ?? env['SEALIFT_TLS_MIN'];
  const groups = flags.tlsGroups ?? env['SEALIFT_TLS_GROUPS'];
  if (tlsMin !== undefined && tlsMin !== '' && tlsMin !== '1.2' && tlsMin !== '1.3') {
    throw usageError(`SEALIFT_TLS_MIN is 1.2 or 1.3, not '${tlsMin}'`);
  }
  return { ...(tlsMin ? { tlsMin } : {}), ...(groups ? { groups } : {}) };
}

async function readTextFile(option: string, path: string): Promise<string> {
  return Buffer.from(await readInputFile(option, path)).toString('utf8');
}

function kibibytes(count: number | undefined): number | undefined {
  return count === undefined || count === 0 ? undefined : count * 1024;
}

/** A property that is left out when its value is undefined. */
export function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}
