/**
 * What the reading routes work with, in a thread of their own: the ledger of 10,000 clients is put
 * together there, so that no page that somebody opens makes a backup wait.
 */

import type { CertificateType } from '../../../tls/certificate-types.ts';
import { cipherSuiteName } from '../../../tls/cipher-suites.ts';
import { groupName } from '../../../tls/groups.ts';
import type { ServerSide } from '../../../tls/negotiate.ts';
import type { Plan, Who } from '../../../tls/retirement/plan.ts';
import { findVersion, formatCode } from '../../../tls/versions.ts';
import type { VaultDatabase } from '../../database/database.ts';
import { type LedgerView, viewLedger } from '../../ledger/entities.ts';
import { type ReportedClient, reportClients } from '../../ledger/fleet-report.ts';
import type { ReplayEntry } from '../../ledger/queries.ts';
import { readUsage, type Usage } from '../../ledger/usage.ts';
import type { TagsOf } from '../../tags/client-tags.ts';
import { defaultDays } from '../schemas/common.ts';
import type { ReadFacts } from './read-facts.ts';

const dayMs = 86_400_000;
/** A view is used again for so many times the time that it took, so that reading stays a small part. */
const reuseFactor = 10;
const maxReuseMs = 10_000;
const maxViews = 4;

export interface Fleet {
  readonly days: number;
  readonly sinceMs: number;
  readonly view: LedgerView;
  readonly clients: readonly ReportedClient[];
  usage(): Promise<Usage>;
}

interface KeptFleet {
  readonly fleet: Promise<Fleet>;
  readonly key: string;
  /** Of `performance.now()`. */
  readonly madeMs: number;
  tookMs: number;
}

/** Fleets that were put together a moment ago. */
export class FleetCache {
  #kept: KeptFleet[] = [];

  get(key: string, make: () => Promise<Fleet>): Promise<Fleet> {
    const nowMs = performance.now();
    this.#kept = this.#kept.filter(
      ({ madeMs, tookMs }) => nowMs - madeMs < Math.min(maxReuseMs, tookMs * reuseFactor),
    );
    const known = this.#kept.find((kept) => kept.key === key);
    if (known !== undefined) return known.fleet;
    const fleet = make();
    const kept: KeptFleet = { fleet, key, madeMs: nowMs, tookMs: 0 };
    fleet.then(
      () => {
        kept.tookMs = performance.now() - nowMs;
      },
      () => {
        this.#kept = this.#kept.filter((one) => one !== kept);
      },
    );
    this.#kept = [...this.#kept, kept].slice(-maxViews);
    return fleet;
  }
}

export class ReadContext {
  readonly database: VaultDatabase;
  readonly facts: ReadFacts;
  readonly nowMs: number;
  readonly plan: Plan;
  readonly tagsOf: TagsOf;
  readonly #cache: FleetCache;
  /** Tags that the console gave, as text: with another one readiness may be another. */
  readonly #given: string;

  constructor(parts: {
    database: VaultDatabase;
    facts: ReadFacts;
    plan: Plan;
    tagsOf: TagsOf;
    given: string;
    cache: FleetCache;
  }) {
    this.database = parts.database;
    this.facts = parts.facts;
    this.nowMs = parts.facts.nowMs;
    this.plan = parts.plan;
    this.tagsOf = parts.tagsOf;
    this.#cache = parts.cache;
    this.#given = parts.given;
  }

  /** The certificates that the vault shows, for what is predicted of a handshake. */
  get server(): ServerSide {
    const certificates: readonly CertificateType[] | undefined = this.facts.certificates;
    return certificates === undefined ? {} : { certificates };
  }

  fleet(days = defaultDays): Promise<Fleet> {
    const sinceMs = this.nowMs - (days - 1) * dayMs;
    const { facts } = this;
    const key = JSON.stringify([days, facts.planText, facts.tags, this.#given, this.#dayKey]);
    return this.#cache.get(key, async () => {
      const view = await viewLedger(this.database, { sinceMs });
      const { database, nowMs, plan, tagsOf } = this;
      const clients = await reportClients(database, { sinceMs, nowMs, plan, tagsOf }, view);
      let usage: Promise<Usage> | undefined;
      return {
        ...{ days, sinceMs, view, clients },
        usage() {
          usage ??= readUsage(database, view);
          return usage;
        },
      };
    });
  }

  get #dayKey(): number {
    return Math.floor(this.nowMs / dayMs);
  }

  whoOf({ client, address, fingerprint }: ReplayEntry): Who {
    return client === undefined
      ? { address, fingerprint, clients: [], tags: [] }
      : { address, fingerprint, clients: [client], tags: this.tagsOf(client) };
  }
}

/** How the API names a client: schemas/clients.ts. */
export function idOf(client: {
  readonly kind: string;
  readonly name: string;
  readonly fingerprint: string | undefined;
}): string {
  const { kind, name, fingerprint = '' } = client;
  const isNamed = kind === 'certificate' || kind === 'login';
  return isNamed ? `${kind}:${name}` : `${kind}:${name}|${fingerprint}`;
}

export function idOfClient({ summary }: ReportedClient): string {
  return idOf({ ...summary, fingerprint: summary.fingerprints[0] });
}

export function idOfEntry({ kind, client, address, fingerprint }: ReplayEntry): string {
  return idOf({ kind, name: client ?? address, fingerprint });
}

/** RFC 3339, UTC. */
export function momentOf(ms: number): string {
  return new Date(ms).toISOString();
}

export function momentOrNull(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : momentOf(ms);
}

/** `1.2`, `ssl3`, or a code that no version has. */
export function versionText(code: number): string {
  return findVersion(code)?.short ?? formatCode(code);
}

export function versionOrNull(code: number | null | undefined): string | null {
  return code === null || code === undefined ? null : versionText(code);
}

export function suiteOrNull(code: number | null | undefined): string | null {
  return code === null || code === undefined ? null : cipherSuiteName(code);
}

export function groupOrNull(code: number | null | undefined): string | null {
  return code === null || code === undefined ? null : groupName(code);
}
