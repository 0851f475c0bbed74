/**
 * The vault: a server that stores repositories. This file puts its parts together; the REST protocol
 * is in server/, files in repositories/, who may in accounts/, keys and certificates in certificates/.
 * It knows nothing of what is inside a repository and needs no repository's password.
 */

import { access, mkdir } from 'node:fs/promises';
import { type Logger, pino } from 'pino';
import { isSealiftError, messageOf, SealiftError } from '../base/errors.ts';
import { type Clock, systemClock } from '../base/time.ts';
import { createDoor, type Door, type DoorOptions } from '../door/door.ts';
import { notePlanFile } from './audit/plan-audit.ts';
import { ensureAuthority, loadServerMaterial } from './certificates/server-certificate.ts';
import { defaultVaultConfig, readVaultConfig, type VaultConfig } from './config.ts';
import type { ListenAddress } from './config-fields.ts';
import { privateFolderMode, vaultPaths, writeFileAtomically } from './data-folder.ts';
import { openVaultDatabase } from './database/database.ts';
import { Ledger } from './ledger/ledger.ts';
import { NoticeBook } from './notices/notice-book.ts';
import { NoticeSender } from './notices/notice-sender.ts';
import { readPlanText } from './plan-store.ts';
import { connectionLog, observers } from './server/connection-log.ts';
import { Connections } from './server/connections.ts';
import { createHttpSide } from './server/http-server.ts';
import {
  measureJob,
  noticeJobs,
  pruneJob,
  sessionJob,
  startJobs,
  storageJobs,
} from './server/jobs.ts';
import { LiveConfig } from './server/live-config.ts';
import { createMetrics } from './server/metrics.ts';
import { listenForMetrics, type MetricsListener } from './server/metrics-listener.ts';
import { applicationProtocols, PolicyKeeper } from './server/policy-keeper.ts';
import { addRoutes, sessionLimits } from './server/routes.ts';
import { StorageMeter } from './server/storage-meter.ts';
import { TlsKeeper } from './server/tls-keeper.ts';
import { TagBook } from './tags/client-tags.ts';

/** Certificates, vault.yaml and the plan. */
const fileCheckEveryMs = 5000;

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
  readonly listen?: ListenAddress;
  /** Goes before the configuration's: an address that decides as the plan will at that date. */
  readonly preview?: { readonly listen: ListenAddress; readonly at: number };
  /** Goes before the configuration's. */
  readonly metricsListen?: ListenAddress;
  /** A configuration that is read from no file, and so never again. */
  readonly config?: VaultConfig;
  /** Another file than the data folder's `vault.yaml`. */
  readonly configFile?: string;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Where the built console lies; dist/console of the checkout when left out. */
  readonly consoleFolder?: string;
  /** How often files are looked at for changes. */
  readonly certificateCheckMs?: number;
}

export interface RunningVault {
  /** `https://host:port/` */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Where the plan of another date can be tried. */
  readonly preview:
    | { readonly url: string; readonly port: number; readonly at: number }
    | undefined;
  /** `http://host:port/metrics` */
  readonly metricsUrl: string | undefined;
  readonly caFile: string;
  /** Why no TLS connection can be made at the moment, if so. */
  readonly tlsProblem: string | undefined;
  /** The ledger has everything on disk that was seen until now. */
  flush(): Promise<void>;
  /** Reads certificates, configuration and plan anew (SIGHUP). Users and clients need no reload. */
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
 * @throws SealiftError `vault/config` | `vault/data-folder` | `vault/listen` | `tls/policy`
 */
export async function startVault(options: VaultOptions): Promise<RunningVault> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    return await start(options, closers);
  } catch (error) {
    for (const close of closers.reverse()) await close();
    throw error;
  }
}

/** @param closers what is open so far, to be closed in reverse order if something later fails */
async function start(
  options: VaultOptions,
  closers: (() => Promise<unknown>)[],
): Promise<RunningVault> {
  const { dataDir, clock = systemClock, logger = pino({ level: 'silent' }) } = options;
  const paths = vaultPaths(dataDir);
  const read = (): Promise<VaultConfig> => readVaultConfig(dataDir, options.configFile);
  const config = options.config ?? (await read());
  const live = new LiveConfig(config, { read: options.config ? undefined : read, logger });
  const listen = options.listen ?? config.listen;
  const preview = options.preview ?? config.preview;
  const root = config.repositories.path ?? paths.repositories;
  const database = await openVaultDatabase(dataDir);
  closers.push(() => database.destroy());
  const ledger = await Ledger.open(paths.database, { log: logger, nowMs: clock.now() });
  closers.push(() => ledger.close());
  const names = [listen.host, preview?.listen.host ?? ''];
  const tls = await TlsKeeper.open({ paths, config: config.tls, clock, logger, names });
  const findNames = (address: string, fingerprint: string) => ledger.whoIs(address, fingerprint);
  const tags = await TagBook.open(database);
  const policy = await PolicyKeeper.open({
    dataDir,
    minVersion: config.tls.minVersion,
    clock,
    logger,
    findNames,
    findTags: (name) => tags.tagsOf(name, live.current),
    certificates: () => tls.certificates,
    previewMs: preview?.at,
  });
  const notePlan = async (yaml: string | undefined): Promise<void> => {
    const { name } = policy.plan;
    if (yaml !== undefined) await notePlanFile(database, { name, yaml, nowMs: clock.now() });
  };
  await notePlan(await readPlanText(dataDir));
  const storage = new StorageMeter(root);
  const book = new NoticeBook({ database, clock, findNames });
  const metricsListen = options.metricsListen ?? config.metrics?.listen;
  const metrics = createMetrics(
    {
      connections: () => ({ open: door.openCount, halfOpen: door.halfOpenCount }),
      ledgerLagMs: () => ledger.lagMs,
      storage: () => storage.reading,
    },
    { processMetrics: metricsListen !== undefined },
  );
  const notices = new NoticeSender({
    database,
    clock,
    logger,
    config: config.notices,
    onResult: (channel, result) => metrics.countNotice(channel, result),
  });

  const connections = new Connections();
  const http = createHttpSide({ limits: config.limits, connections, logger });
  closers.push(() => http.close());
  const api = addRoutes({
    storage,
    tls,
    tags,
    addresses: () => ({
      url: urlOf(listen.host, door.port),
      preview:
        preview && door.preview
          ? { url: urlOf(preview.listen.host, door.preview.port), at: preview.at }
          : undefined,
    }),
    counts: () => ({ open: door.openCount, halfOpen: door.halfOpenCount }),
    consoleFolder: options.consoleFolder,
    http,
    connections,
    database,
    ledger,
    live,
    paths,
    root,
    policy,
    book,
    metrics,
    clock,
    logger,
  });
  closers.push(() => api.close());
  await http.app.ready();

  const door: Door = await openDoor({
    listen,
    judge: policy.judgeOf('main'),
    ...(preview && { preview: { listen: preview.listen, judge: policy.judgeOf('preview') } }),
    limits: {
      helloBytes: config.limits.helloSize,
      helloMs: config.limits.helloTimeout,
      handshakeMs: config.limits.handshakeTimeout,
    },
    clock,
    observer: observers(
      ledger,
      metrics.observer,
      book.observer,
      connectionLog(logger),
      api.observer,
    ),
    onProblem: (error) => logger.error({ err: error }, 'the door had a problem'),
    serve: {
      kind: 'terminate',
      secureContextOptions: () => tls.contextOptions(),
      serverOptions: {
        ALPNProtocols: applicationProtocols,
        requestCert: true,
        // Decided by the routes: a login needs no certificate.
        rejectUnauthorized: false,
      },
      onSecure(socket, connection) {
        if (connections.count < live.current.limits.maxConnections) {
          http.serve(socket);
          return;
        }
        connection.mark({ outcome: 'failed', reason: 'limit/connections' });
        socket.destroy();
      },
    },
  });
  closers.push(() => door.close(0));
  tls.watch(() => reloadDoor(door, logger));
  const metricsListener: MetricsListener | undefined =
    metricsListen && (await listenForMetrics(metrics, metricsListen));

  const applyConfig = (): void => {
    const { current } = live;
    tls.configure(current.tls);
    notices.configure(current.notices);
    http.configure(current.limits);
  };
  const stops = startJobs(
    [
      {
        name: 'look for changed files',
        everyMs: options.certificateCheckMs ?? fileCheckEveryMs,
        async run() {
          if (await live.refresh()) {
            applyConfig();
            await tls.reload();
          } else await tls.refresh();
          await notePlan(await policy.refresh());
          await tags.refresh();
        },
      },
      ...noticeJobs(book, notices),
      ...storageJobs({ root, database, clock, logger }),
      pruneJob({ ledger, clock, keepDays: () => live.current.ledger.keepDays }),
      sessionJob({ database, clock, limits: () => sessionLimits(live.current) }),
      measureJob({ storage, database, clock, onMeasured: () => api.tellStorage() }),
    ],
    logger,
  );
  const { port } = door;
  logger.info({ host: listen.host, port, plan: policy.plan.name }, 'vault listens');

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    logger.info('vault stops');
    await api.close();
    const ticksEnded = Promise.all(stops.map((stop) => stop()));
    const ended = door.close(live.current.limits.stopTimeout);
    connections.drain();
    await ended;
    await connections.settle();
    await http.close();
    await metricsListener?.close();
    await ticksEnded;
    await book.flush().catch((error: unknown) => logger.error({ err: error }, 'notices were lost'));
    await ledger.close();
    await database.destroy();
    logger.info('vault stopped');
  };
  return {
    url: urlOf(listen.host, port),
    host: listen.host,
    port,
    preview:
      preview && door.preview
        ? {
            url: urlOf(preview.listen.host, door.preview.port),
            port: door.preview.port,
            at: preview.at,
          }
        : undefined,
    metricsUrl: metricsListener?.url,
    caFile: paths.caCertificate,
    get tlsProblem() {
      return tls.problem;
    },
    flush: () => ledger.flush(),
    async reload() {
      if (await live.refresh()) applyConfig();
      await tls.reload();
      await notePlan(await policy.refresh({ always: true }));
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** @throws SealiftError `vault/listen` */
async function openDoor(options: DoorOptions): Promise<Door> {
  try {
    return await createDoor(options);
  } catch (error) {
    if (!isSealiftError(error, 'door/listen')) throw error;
    throw new SealiftError('vault/listen', error.message, {
      cause: error.cause,
      fields: error.fields,
      hint: 'Choose another address or port with --listen, or stop what uses it.',
    });
  }
}

function reloadDoor(door: Door, logger: Logger): void {
  try {
    door.reload();
  } catch (error) {
    logger.error({ err: error }, 'the TLS contexts before stay in use');
  }
}

function urlOf(host: string, port: number): string {
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}/`;
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
  minVersion: '1.2' # 1.3 is preferred and spoken with whoever can; policy.yaml goes before it
repositories:
  private: true # each login and client has the repositories below its own name
  appendOnly: false
`;
