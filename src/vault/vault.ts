/**
 * The vault: a server that stores repositories. This file puts its parts together; the REST protocol
 * is in server/, files in repositories/, who may in accounts/, keys and certificates in certificates/.
 * It knows nothing of what is inside a repository and needs no repository's password.
 */

import { access, mkdir } from 'node:fs/promises';
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import { isSealiftError, messageOf, SealiftError, systemCodeOf } from '../base/errors.ts';
import { type Clock, systemClock } from '../base/time.ts';
import { Authenticator } from './accounts/authenticator.ts';
import { HtpasswdFile } from './accounts/htpasswd.ts';
import { Throttle } from './accounts/throttle.ts';
import { ensureAuthority, loadServerMaterial } from './certificates/server-certificate.ts';
import { defaultVaultConfig, readVaultConfig, type VaultConfig } from './config.ts';
import { privateFolderMode, vaultPaths, writeFileAtomically } from './data-folder.ts';
import { openVaultDatabase } from './database/database.ts';
import { LockOwners } from './repositories/lock-owners.ts';
import { RepositoryStore } from './repositories/repository-store.ts';
import { sweepLocks, sweepTempFiles } from './repositories/sweep.ts';
import { Connections } from './server/connections.ts';
import { addEnrolmentRoutes } from './server/enrolment-routes.ts';
import { Refusal, refusalOf } from './server/refusal.ts';
import { logRequest } from './server/request-log.ts';
import { addRestRoutes } from './server/rest-routes.ts';
import { startTicking } from './server/ticking.ts';
import { TlsKeeper } from './server/tls-keeper.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** `user:NAME` or `client:NAME`, once the request was authenticated; for the log. */
    client: string | null;
  }
}

/** restic keeps idle connections for 90 s; closing later than the client avoids a race. */
const keepAliveMs = 120_000;
const maxHeaderBytes = 16 * 1024;
const sweepEveryMs = 60_000;
const certificateCheckEveryMs = 5000;

export interface VaultData {
  readonly dataDir: string;
  /** The vault's CA certificate, for `--cacert`. */
  readonly caFile: string;
  /** False if the folder was a vault before. */
  readonly created: boolean;
}

export interface VaultOptions {
  readonly dataDir: string;
  /** Goes before the configuration's; port 0 takes a free one. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** The data folder's `vault.yaml` when left out. */
  readonly config?: VaultConfig;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly certificateCheckMs?: number;
}

export interface RunningVault {
  /** `https://host:port/` */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly caFile: string;
  /** Why no TLS connection can be made at the moment, if so. */
  readonly tlsProblem: string | undefined;
  /** Reads certificates anew (SIGHUP). Users and clients need no reload. */
  reload(): Promise<void>;
  /** Finishes requests in flight, ends idle and hung connections, and stops in bounded time. */
  close(): Promise<void>;
}

/**
 * Makes a data folder a vault: authority, server certificate, configuration, database, folders. What
 * exists stays, so it can be called at each start.
 * @throws SealiftError `vault/data-folder`
 */
export async function createVaultData(
  dataDir: string,
  { clock = systemClock }: { clock?: Clock } = {},
): Promise<VaultData> {
  const paths = vaultPaths(dataDir);
  const created = await makeFolder(paths.root, paths.repositories);
  await ensureAuthority(paths, clock);
  await writeInitialConfig(paths.config);
  const database = await openVaultDatabase(dataDir);
  await database.destroy();
  try {
    await loadServerMaterial({ paths, tls: defaultVaultConfig.tls, clock });
  } catch (error) {
    // A vault whose certificate is damaged starts all the same, and says so itself.
    if (!isSealiftError(error, 'vault/certificate')) throw error;
  }
  return { dataDir: paths.root, caFile: paths.caCertificate, created };
}

/**
 * Starts the vault of a data folder that {@link createVaultData} has made. A certificate that cannot
 * be used does not keep it from starting: it says so, refuses connections and tries again.
 * @throws SealiftError `vault/config` | `vault/data-folder` | `vault/listen`
 */
export async function startVault(options: VaultOptions): Promise<RunningVault> {
  const { dataDir, clock = systemClock, logger = pino({ level: 'silent' }) } = options;
  const paths = vaultPaths(dataDir);
  const config = options.config ?? (await readVaultConfig(dataDir));
  const listen = options.listen ?? config.listen;
  const root = config.repositories.path ?? paths.repositories;
  const database = await openVaultDatabase(dataDir);
  const store = new RepositoryStore(root);
  const owners = new LockOwners(database, clock);
  const htpasswd = new HtpasswdFile(config.repositories.htpasswd ?? join(root, '.htpasswd'));
  const throttle = new Throttle({ clock });
  const authenticator = new Authenticator({ database, htpasswd, clock, throttle });
  const tls = new TlsKeeper({ paths, config, clock, logger, names: [listen.host] });
  await tls.load();

  const { app, server } = createApp({ config, tls, logger });
  const connections = connectionsOf(server, { app, logger });
  addHealthRoute(app, connections);
  addEnrolmentRoutes(app, { database, authenticator, paths, throttle, clock, logger });
  addRestRoutes(app, { store, owners, authenticator, config, connections, logger });
  tls.attach(server);
  try {
    await app.ready();
    await listenOn(server, listen);
  } catch (error) {
    await app.close();
    await database.destroy();
    throw error;
  }

  const onError = (job: string) => (error: unknown) =>
    logger.error({ err: error, job }, `the vault could not ${job}`);
  const stops = [
    startTicking(options.certificateCheckMs ?? certificateCheckEveryMs, {
      job: () => tls.refresh(),
      onError: onError('check its certificate'),
    }),
    startTicking(sweepEveryMs, {
      job: (signal) =>
        sweepLocks({
          store,
          owners,
          clock,
          signal,
          onRemoved: ({ folders, name, ageMs }) =>
            logger.info({ repository: folders.join('/'), lock: name, ageMs }, 'stale lock removed'),
        }),
      atOnce: true,
      onError: onError('sweep locks'),
    }),
    startTicking(24 * 60 * sweepEveryMs, {
      job: (signal) => sweepTempFiles({ store, clock, signal }),
      atOnce: true,
      onError: onError('sweep temp files'),
    }),
  ];
  const port = portOf(server);
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  logger.info({ host: listen.host, port, minVersion: config.tls.minVersion }, 'vault listens');

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    logger.info('vault stops');
    const ticksEnded = Promise.all(stops.map((stop) => stop()));
    await connections.close(config.limits.stopTimeout);
    await app.close();
    await ticksEnded;
    await database.destroy();
    logger.info('vault stopped');
  };
  return {
    url: `https://${host}:${port}/`,
    host: listen.host,
    port,
    caFile: paths.caCertificate,
    get tlsProblem() {
      return tls.problem;
    },
    reload: () => tls.reload(),
    close() {
      closing ??= close();
      return closing;
    },
  };
}

function createApp({
  config,
  tls,
  logger,
}: {
  config: VaultConfig;
  tls: TlsKeeper;
  logger: Logger;
}): { app: FastifyInstance; server: Server } {
  const { limits } = config;
  let server: Server | undefined;
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    // Bodies are streamed by the handlers, with limits of their own.
    bodyLimit: Number.MAX_SAFE_INTEGER,
    routerOptions: { maxParamLength: 4096 },
    serverFactory(handler) {
      server = createServer(
        {
          ...tls.options(),
          requestCert: true,
          // Decided by the routes: a login needs no certificate.
          rejectUnauthorized: false,
          handshakeTimeout: limits.handshakeTimeout,
          headersTimeout: limits.headersTimeout,
          requestTimeout: limits.requestTimeout,
          keepAliveTimeout: keepAliveMs,
          connectionsCheckingInterval: Math.min(5000, limits.headersTimeout),
          maxHeaderSize: maxHeaderBytes,
        },
        handler,
      );
      server.timeout = limits.idleTimeout;
      server.maxConnections = limits.maxConnections;
      // Fastify's type is that of a plain HTTP server, which an HTTPS server has all methods of.
      return server as unknown as HttpServer;
    },
  });
  if (server === undefined) throw new Error('Fastify made no server');
  app.decorateRequest('client', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.setNotFoundHandler((_request, reply) => {
    void reply
      .code(405)
      .header('allow', 'GET, HEAD, POST, DELETE')
      .send({ error: 'unknown method' });
  });
  app.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error);
    if (refusal.status >= 500) logger.error({ err: error, path: request.url }, 'request failed');
    void reply.code(refusal.status).headers(refusal.headers).send({ error: refusal.message });
  });
  return { app, server };
}

function connectionsOf(
  server: Server,
  { app, logger }: { app: FastifyInstance; logger: Logger },
): Connections {
  const connections = new Connections(server);
  app.addHook('onRequest', async (request, reply) => {
    connections.track(request.raw, reply.raw);
    logRequest(
      logger,
      { request: request.raw, response: reply.raw },
      () => request.client ?? undefined,
    );
  });
  server.on('tlsClientError', (error: Error, socket: IncomingMessage['socket']) => {
    logger.warn(
      { from: socket.remoteAddress, code: systemCodeOf(error), reason: messageOf(error) },
      'TLS handshake failed',
    );
  });
  return connections;
}

function addHealthRoute(app: FastifyInstance, connections: Connections): void {
  app.get('/_sealift/v1/health', async (_request, reply) => {
    if (connections.draining) throw new Refusal(503, 'the vault is stopping');
    void reply.header('cache-control', 'no-store');
    return { status: 'ok', api: 1 };
  });
}

async function listenOn(
  server: Server,
  { host, port }: { host: string; port: number },
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(
        new SealiftError(
          'vault/listen',
          `cannot listen on ${host} port ${port}: ${error.message}`,
          {
            cause: error,
            fields: { host, port },
            hint: 'Choose another address or port with --listen, or stop what uses it.',
          },
        ),
      );
    };
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

async function makeFolder(root: string, repositories: string): Promise<boolean> {
  try {
    const created = await mkdir(root, { recursive: true, mode: privateFolderMode });
    await mkdir(repositories, { recursive: true, mode: privateFolderMode });
    return created !== undefined;
  } catch (error) {
    throw new SealiftError('vault/data-folder', `cannot make ${root}: ${messageOf(error)}`, {
      cause: error,
      fields: { path: root },
    });
  }
}

async function writeInitialConfig(file: string): Promise<void> {
  try {
    await access(file);
  } catch {
    await writeFileAtomically(file, initialConfig);
  }
}

const initialConfig = `# The vault's configuration. What is left out takes its default.
tls:
  minVersion: '1.2' # 1.3 is preferred and spoken with whoever can
repositories:
  private: true # each login and client has the repositories below its own name
  appendOnly: false
`;
