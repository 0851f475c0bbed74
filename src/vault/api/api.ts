/**
 * The vault's HTTP API for people and programs, `/api/v1`, and the console's files. What a route takes
 * and gives is in contract.ts and schemas/; server/ holds what all routes share (caller, forgery,
 * problems), routes/ what each does. The REST protocol of restic is elsewhere (../server/).
 */

import type { FastifyInstance } from 'fastify';
import type { ConnectionObserver } from '../../door/connection.ts';
import { FailureLimit } from '../accounts/failure-limit.ts';
import type { ArrivedBackup } from '../backups/backup-tracker.ts';
import { readPlanText } from '../plan-store.ts';
import { addConsoleFiles } from './console-files.ts';
import { connectionEvents } from './events/connection-events.ts';
import { EventHub } from './events/event-hub.ts';
import { Examiner } from './examine/examiner.ts';
import { planText } from './reads/policy-reads.ts';
import type { ReadFacts } from './reads/read-facts.ts';
import { Reader } from './reads/reader.ts';
import { accountHandlers } from './routes/account-handlers.ts';
import { type ApiParts, momentOf } from './routes/api-parts.ts';
import { auditHandlers } from './routes/audit-handlers.ts';
import { clientHandlers } from './routes/client-handlers.ts';
import { doctorHandlers } from './routes/doctor-handlers.ts';
import { policyHandlers } from './routes/policy-handlers.ts';
import { type ReadingParts, readingHandlers } from './routes/reading-handlers.ts';
import { selfHandlers } from './routes/self-handlers.ts';
import { sessionHandlers } from './routes/session-handlers.ts';
import { vaultHandlers } from './routes/vault-handlers.ts';
import type { EventData } from './schemas/events.ts';
import { addApiRoutes, type Handlers } from './server/api-routes.ts';

export interface Api {
  readonly hub: EventHub;
  readonly observer: ConnectionObserver;
  tellBackup(backup: ArrivedBackup): void;
  tellStorage(): void;
  tellEnrolled(name: string): void;
  tellFacts(client: string): void;
  tellDrill(drill: { client: string; address: string; ok: boolean }): void;
  /** Ends event streams and threads, before connections are drained. */
  close(): Promise<void>;
}

export interface ApiOptions extends Omit<ApiParts, 'hub' | 'failures'> {
  readonly consoleFolder?: string | undefined;
  readonly guard: <T>(work: Promise<T>) => Promise<T>;
}

/** The thread that reads starts while a name and a password are typed, after the page has come. */
const pageFirstMs = 1000;

export function addApi(
  app: FastifyInstance,
  { consoleFolder, guard, ...options }: ApiOptions,
): Api {
  const hub = new EventHub();
  const parts: ApiParts = { ...options, hub, failures: new FailureLimit(options.clock) };
  const reader = new Reader(parts.paths.database);
  const reading: ReadingParts = { reader, readFacts: () => readFactsOf(parts) };
  const examiner = new Examiner();
  const own = vaultHandlers(parts);
  const handlers: Handlers = {
    ...selfHandlers(parts),
    ...sessionHandlers(parts),
    ...accountHandlers(parts),
    ...auditHandlers(parts),
    ...readingHandlers(reading),
    ...clientHandlers(parts),
    ...doctorHandlers(parts, examiner),
    ...own.handlers,
    ...policyHandlers(parts, reading),
  };
  addApiRoutes(app, { ...parts, handlers, guard });
  addConsoleFiles(app, {
    folder: consoleFolder,
    onOpen: () => void setTimeout(() => reader.prepare(), pageFirstMs).unref(),
  });
  return {
    hub,
    observer: connectionEvents(hub, {
      clock: parts.clock,
      findNames: (address, fingerprint) => parts.ledger.whoIs(address, fingerprint),
    }),
    tellBackup: (backup) => hub.publish('backup-arrived', backupEvent(backup)),
    tellEnrolled: (name) => hub.publish('invite-used', { at: momentOf(parts.clock.now()), name }),
    tellFacts: (client) =>
      hub.publish('clients-changed', {
        ...{ at: momentOf(parts.clock.now()), what: 'facts' },
        clients: [`certificate:${client}`],
      }),
    tellDrill: ({ client, address, ok }) =>
      hub.publish('drill-done', {
        ...{ at: momentOf(parts.clock.now()), id: `certificate:${client}`, name: client },
        ...{ address, ok },
      }),
    tellStorage() {
      const reading = parts.storage.reading;
      if (reading === undefined) return;
      const { usedBytes, freeBytes } = reading;
      hub.publish('storage-measured', { at: momentOf(parts.clock.now()), usedBytes, freeBytes });
    },
    async close() {
      hub.close();
      await Promise.all([reader.close(), examiner.close(), own.close()]);
    },
  };
}

function backupEvent(backup: ArrivedBackup): EventData<'backup-arrived'> {
  const { client: name, client_kind: kind, started_ms, arrived_ms } = backup;
  return {
    ...{ at: momentOf(arrived_ms), id: `${kind}:${name}`, name, address: backup.address },
    ...{ snapshot: backup.snapshot, repository: backup.repository },
    addedBytes: backup.added_bytes,
    durationMs: started_ms === null ? null : arrived_ms - started_ms,
  };
}

/** All that the reading thread does not find in the database. */
async function readFactsOf({
  paths,
  policy,
  tls,
  clock,
  config,
  storage,
}: ApiParts): Promise<ReadFacts> {
  return {
    nowMs: clock.now(),
    planText: planText(policy.plan),
    planFile: await readPlanText(paths.root),
    certificates: tls.certificates,
    storage: storage.reading,
    usedByOwner: storage.usedByOwner(),
    tags: config().tags,
  };
}
