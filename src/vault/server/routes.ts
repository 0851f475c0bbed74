/** Puts the routes of a vault together: health, enrolment, the REST protocol, behind one gate. */

import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../../base/time.ts';
import { Authenticator } from '../accounts/authenticator.ts';
import type { SessionLimits } from '../accounts/console-sessions.ts';
import { HtpasswdFile } from '../accounts/htpasswd.ts';
import { fitsAny } from '../accounts/name-patterns.ts';
import { Throttle } from '../accounts/throttle.ts';
import { type Api, addApi } from '../api/api.ts';
import type { VaultAddresses } from '../api/routes/api-parts.ts';
import { BackupTracker, recordArrival } from '../backups/backup-tracker.ts';
import type { VaultConfig } from '../config.ts';
import type { VaultPaths } from '../data-folder.ts';
import type { VaultDatabase } from '../database/database.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { NoticeBook } from '../notices/notice-book.ts';
import { LockOwners } from '../repositories/lock-owners.ts';
import { RepositoryStore } from '../repositories/repository-store.ts';
import type { TagBook } from '../tags/client-tags.ts';
import type { Connections } from './connections.ts';
import { addEnrolmentRoutes } from './enrolment-routes.ts';
import { Gate } from './gate.ts';
import { addHealthRoute, type HttpSide } from './http-server.ts';
import type { LiveConfig } from './live-config.ts';
import { addMachineRoutes } from './machine-routes.ts';
import type { Metrics } from './metrics.ts';
import type { PolicyKeeper } from './policy-keeper.ts';
import { addRestRoutes } from './rest-routes.ts';
import type { StorageMeter } from './storage-meter.ts';
import type { TlsKeeper } from './tls-keeper.ts';

export interface RouteParts {
  readonly storage: StorageMeter;
  readonly tls: TlsKeeper;
  readonly tags: TagBook;
  readonly addresses: () => VaultAddresses;
  readonly counts: () => { readonly open: number; readonly halfOpen: number };
  readonly consoleFolder?: string | undefined;
  readonly http: HttpSide;
  readonly connections: Connections;
  readonly database: VaultDatabase;
  readonly ledger: Ledger;
  readonly live: LiveConfig;
  readonly paths: VaultPaths;
  readonly root: string;
  readonly policy: PolicyKeeper;
  readonly book: NoticeBook;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function addRoutes(parts: RouteParts): Api {
  const { http, connections, database, ledger, live, paths, root, clock, logger } = parts;
  const { app } = http;
  const config = (): VaultConfig => live.current;
  const htpasswd = new HtpasswdFile(config().repositories.htpasswd ?? join(root, '.htpasswd'));
  const throttle = new Throttle({ clock });
  const authenticator = new Authenticator({ database, htpasswd, clock, throttle });
  const gate = new Gate({
    database,
    policy: parts.policy,
    notices: parts.book,
    metrics: parts.metrics,
    clock,
    logger,
    hasRatchet: ({ kind, name, shared }) =>
      config().ratchet.enabled &&
      !shared &&
      !(kind === 'user' && fitsAny(config().ratchet.shared, name)),
  });
  app.addHook('onRequest', async (request, reply) => gate.enter(request, reply));
  addHealthRoute(app, connections);
  addEnrolmentRoutes(app, {
    ...{ database, authenticator, gate, paths, throttle, clock, logger },
    onEnrolled: (name) => api.tellEnrolled(name),
  });
  addMachineRoutes(app, {
    ...{ database, authenticator, gate, clock },
    onFacts: (client) => api.tellFacts(client),
    onDrill: (drill) => api.tellDrill(drill),
  });
  const tracker = new BackupTracker();
  const api = addApi(app, {
    ...{ database, authenticator, throttle, ledger, paths, root, config, clock, logger },
    ...{ policy: parts.policy, storage: parts.storage, tls: parts.tls, tags: parts.tags },
    ...{ addresses: parts.addresses, connections: parts.counts },
    limits: () => sessionLimits(config()),
    consoleFolder: parts.consoleFolder,
    guard: (work) => connections.guard(work),
  });
  addRestRoutes(app, {
    store: new RepositoryStore(root),
    owners: new LockOwners(database, clock),
    authenticator,
    gate,
    config,
    connections,
    logger,
    async onUpload(upload, connection) {
      parts.storage.add(upload.repository.split('/')[0] ?? '', upload.bytes);
      const arrived = tracker.add({ ...upload, atMs: clock.now() }, connection);
      if (arrived === undefined) return;
      await recordArrival(database, arrived);
      api.tellBackup(arrived);
    },
    async roomOf(owner) {
      const quota = await database
        .selectFrom('quotas')
        .select('bytes')
        .where('owner', '=', owner)
        .executeTakeFirst();
      return quota && quota.bytes - parts.storage.usedBy(owner);
    },
    onSnapshot(client, connection) {
      const { listener, address, fingerprint } = connection;
      ledger.recordBackup({ client, listener, address, fingerprint, atMs: clock.now() });
    },
  });
  return api;
}

/** How long a session of the console lasts. */
export function sessionLimits({ console }: VaultConfig): SessionLimits {
  return { idleMs: console.idleTimeout, wholeMs: console.sessionTimeout };
}
