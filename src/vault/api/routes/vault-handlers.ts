/** The vault itself: health, storage, quotas, scrubs, certificates. */

import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import packageJson from '../../../../package.json' with { type: 'json' };
import { listClients } from '../../accounts/clients.ts';
import { fingerprintOf, splitChain } from '../../certificates/authority.ts';
import { identityFiles } from '../../certificates/server-certificate.ts';
import { beginScrub, runScrub, type StoredScrub } from '../../repositories/recorded-scrub.ts';
import type { Certificates, ScrubRun } from '../schemas/vault.ts';
import type { Handlers } from '../server/api-routes.ts';
import { conflict } from '../server/problem.ts';
import { type ApiParts, audit, momentOf, momentOrNull } from './api-parts.ts';

type VaultRoutes =
  | 'getVault'
  | 'getStorage'
  | 'setQuota'
  | 'listScrubs'
  | 'startScrub'
  | 'listCertificates';

export interface VaultHandlers {
  readonly handlers: Pick<Handlers, VaultRoutes>;
  /** Ends a scrub that runs. */
  close(): Promise<void>;
}

export function vaultHandlers(parts: ApiParts): VaultHandlers {
  const { database, clock, storage } = parts;
  const startedMs = clock.now();
  const scrubber = new Scrubber(parts);
  return {
    close: () => scrubber.close(),
    handlers: {
      getVault: async () => vaultDocument(parts, startedMs),

      async getStorage() {
        const quotas = await database.selectFrom('quotas').selectAll().execute();
        const owners = new Map<
          string,
          { usedBytes: number; files: number; repositories: number }
        >();
        const repositories = [...storage.repositories].map(([path, { bytes, files }]) => {
          const owner = path.split('/')[0] ?? '';
          const sum = owners.get(owner) ?? { usedBytes: 0, files: 0, repositories: 0 };
          owners.set(owner, {
            usedBytes: sum.usedBytes + bytes,
            files: sum.files + files,
            repositories: sum.repositories + 1,
          });
          return { path, owner, usedBytes: bytes, files };
        });
        for (const { owner } of quotas)
          if (!owners.has(owner)) owners.set(owner, { usedBytes: 0, files: 0, repositories: 0 });
        return {
          measuredAt: momentOrNull(storage.measuredMs),
          usedBytes: storage.reading?.usedBytes ?? null,
          freeBytes: storage.reading?.freeBytes ?? null,
          repositories,
          owners: [...owners].map(([name, sum]) => ({
            ...{ name, ...sum },
            quotaBytes: quotas.find(({ owner }) => owner === name)?.bytes ?? null,
          })),
        };
      },

      async setQuota({ params, body }, call) {
        const { owner } = params;
        await database.transaction().execute(async (transaction) => {
          const before = await transaction
            .selectFrom('quotas')
            .select('bytes')
            .where('owner', '=', owner)
            .executeTakeFirst();
          if (body.bytes === null)
            await transaction.deleteFrom('quotas').where('owner', '=', owner).execute();
          else
            await transaction.replaceInto('quotas').values({ owner, bytes: body.bytes }).execute();
          await audit(parts, call, {
            ...{ database: transaction, action: 'quota/set', target: owner },
            ...{ before: before?.bytes ?? null, after: body.bytes },
          });
        });
      },

      async listScrubs() {
        const rows = await database
          .selectFrom('scrubs')
          .selectAll()
          .orderBy('id', 'desc')
          .limit(100)
          .execute();
        return { runs: rows.map(scrubDocument) };
      },

      async startScrub(_request, call) {
        const run = await scrubber.start(call.caller.user);
        await audit(parts, call, { database, action: 'scrub/start', target: String(run.id) });
        return scrubDocument(run);
      },

      listCertificates: async () => certificatesDocument(parts),
    },
  };
}

async function vaultDocument(parts: ApiParts, startedMs: number) {
  const { clock, addresses, connections, ledger, paths, policy, tls, config, hub } = parts;
  const { url, preview } = addresses();
  const { lagMs, counters } = ledger;
  const database = await stat(paths.database);
  const problems = [
    ...(tls.problem === undefined ? [] : [{ code: 'vault/certificate', detail: tls.problem }]),
    ...(lagMs > 60_000
      ? [{ code: 'vault/data-folder', detail: 'the ledger waits for its database' }]
      : []),
  ];
  return {
    at: momentOf(clock.now()),
    startedAt: momentOf(startedMs),
    version: packageJson.version,
    api: 1 as const,
    node: process.versions.node,
    openssl: process.versions.openssl,
    platform: `${process.platform} ${process.arch}`,
    url,
    previewUrl: preview?.url ?? null,
    previewAt: momentOrNull(preview?.at),
    caFile: paths.caCertificate,
    caFingerprint: (await readCertificates(paths.caCertificate))[0]?.fingerprint ?? null,
    status: problems.length === 0 ? ('ok' as const) : ('degraded' as const),
    problems,
    plan: policy.plan.name,
    connections: connections(),
    ledger: {
      lagMs,
      writtenRows: counters.writtenRows,
      failedBatches: counters.failedBatches,
      keepDays: config().ledger.keepDays,
      databaseBytes: database.size,
    },
    appendOnly: config().repositories.appendOnly,
    watchers: hub.watchers,
  };
}

/** One scrub at a time, in the background; its result is kept. */
class Scrubber {
  readonly #parts: ApiParts;
  #running: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;

  constructor(parts: ApiParts) {
    this.#parts = parts;
  }

  async start(by: string): Promise<StoredScrub> {
    if (this.#running !== undefined) throw conflict('a scrub is running already');
    const { database, clock } = this.#parts;
    const stop = new AbortController();
    let settle = (): void => undefined;
    this.#running = { stop, ended: new Promise((done) => (settle = () => done())) };
    const row = await beginScrub(database, { by, clock });
    void this.#run(row, stop.signal).finally(() => {
      this.#running = undefined;
      settle();
    });
    return row;
  }

  async close(): Promise<void> {
    this.#running?.stop.abort();
    await this.#running?.ended;
  }

  async #run(run: StoredScrub, signal: AbortSignal): Promise<void> {
    const { database, clock, root, hub, logger } = this.#parts;
    const tell = (state: ScrubRun['state'], { files = 0, damaged = 0 } = {}): void =>
      hub.publish('scrub-changed', {
        ...{ at: momentOf(clock.now()), id: String(run.id), state, files, damaged },
      });
    try {
      const { files, damaged } = await runScrub(database, run, { root, clock, signal });
      tell('done', { files, damaged: damaged.length });
    } catch (error) {
      if (!signal.aborted) logger.error({ err: error }, 'the scrub failed');
      tell(signal.aborted ? 'stopped' : 'failed');
    }
  }
}

function scrubDocument(row: StoredScrub): ScrubRun {
  const { state, by, repositories, files, bytes } = row;
  return {
    ...{ id: String(row.id), state, by, repositories, files, bytes },
    startedAt: momentOf(row.started_ms),
    endedAt: momentOrNull(row.ended_ms),
    damaged: JSON.parse(row.damaged),
    damagedCount: row.damaged_count,
  };
}

async function certificatesDocument(parts: ApiParts): Promise<Certificates> {
  const { paths, config, tls, clock, database } = parts;
  const [authority] = await readCertificates(paths.caCertificate);
  const chains = await Promise.all(
    identityFiles(paths, config().tls).map(({ certificate }) => readCertificates(certificate)),
  );
  return {
    at: momentOf(clock.now()),
    server: chains.flat(),
    authority: authority ?? null,
    problem: tls.problem ?? null,
    clients: (await listClients(database)).map((client) => ({
      ...{ name: client.name, state: client.state, serial: client.serial },
      ...{ fingerprint: client.fingerprint, appendOnly: client.appendOnly },
      createdAt: momentOf(client.createdMs),
      expiresAt: momentOf(client.notAfterMs),
      lastSeenAt: momentOrNull(client.lastSeenMs),
    })),
  };
}

/** Of a PEM file; none where it cannot be read, which the vault's own problem explains. */
async function readCertificates(file: string): Promise<Certificates['server']> {
  try {
    return splitChain(await readFile(file, 'utf8')).map((pem) => {
      const certificate = new X509Certificate(pem);
      return {
        subject: certificate.subject.replaceAll('\n', ', '),
        issuer: certificate.issuer.replaceAll('\n', ', '),
        names: (certificate.subjectAltName ?? '').split(', ').filter((name) => name !== ''),
        serial: certificate.serialNumber.toLowerCase(),
        fingerprint: fingerprintOf(certificate.raw),
        keyType: certificate.publicKey.asymmetricKeyType ?? '',
        notBefore: momentOf(Date.parse(certificate.validFrom)),
        notAfter: momentOf(Date.parse(certificate.validTo)),
      };
    });
  } catch {
    return [];
  }
}
