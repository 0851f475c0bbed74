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
import { RecentAnswers } from './recent-answers.ts';

const dayMs = 86_400_000;

export interface Fleet {
  readonly days: number;
  readonly sinceMs: number;
  readonly view: LedgerView;
  readonly clients: readonly ReportedClient[];
  usage(): Promise<Usage>;
}

/** The ledger of a period, whatever plan and tags it is judged by. */
interface Source {
  readonly number: number;
  readonly view: LedgerView;
  usage(): Promise<Usage>;
}

/** What the questions of this thread have in common. */
export class ReadCache {
  readonly sources = new RecentAnswers<Source>();
  readonly fleets = new RecentAnswers<Fleet>();
  #lastNumber = 0;

  nextNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }
}

export class ReadContext {
  readonly database: VaultDatabase;
  readonly facts: ReadFacts;
  readonly nowMs: number;
  readonly plan: Plan;
  readonly tagsOf: TagsOf;
  readonly #cache: ReadCache;
  /** Tags that the console gave, as text: with another one readiness may be another. */
  readonly #given: string;

  constructor(parts: {
    database: VaultDatabase;
    facts: ReadFacts;
    plan: Plan;
    tagsOf: TagsOf;
    given: string;
    cache: ReadCache;
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

  async fleet(days = defaultDays): Promise<Fleet> {
    const sinceMs = this.nowMs - (days - 1) * dayMs;
    const { database, nowMs, plan, tagsOf, facts } = this;
    const source = await this.#source(days, sinceMs);
    const key = JSON.stringify([source.number, facts.planText, facts.tags, this.#given]);
    return this.#cache.fleets.get(key, async () => {
      const { view, usage } = source;
      const clients = await reportClients(database, { sinceMs, nowMs, plan, tagsOf }, view);
      return { days, sinceMs, view, clients, usage };
    });
  }

  #source(days: number, sinceMs: number): Promise<Source> {
    const { database } = this;
    return this.#cache.sources.get(`${days} ${this.#dayKey}`, async () => {
      const view = await viewLedger(database, { sinceMs });
      let usage: Promise<Usage> | undefined;
      return {
        number: this.#cache.nextNumber(),
        view,
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
