/** `sealift policy` on a remote vault, by its API. */

import { textsIn } from '../../doctor/texts/texts.ts';
import { findBaseline } from '../../tls/baselines.ts';
import { encodePlan, parsePlan, planOfPolicy } from '../../tls/retirement/parse-plan.ts';
import type { DateChange, Plan } from '../../tls/retirement/plan.ts';
import { formatPlanTime } from '../../tls/retirement/plan-times.ts';
import { endOfPlan } from '../../tls/retirement/simulate.ts';
import type {
  PlanFinding,
  PolicyState,
  SimulatedEntry,
  SimulatedFailure,
  Simulation,
} from '../../vault/api/schemas/policy.ts';
import type { Context } from '../context.ts';
import { usageError } from '../global-options.ts';
import type { Language } from '../language.ts';
import { sayIn } from '../texts/texts.ts';
import { askRemote, type RemoteVault, remoteVault } from '../vault-api-client.ts';
import { type PlanFile, readPlanFile } from './plan-source.ts';
import type { ShownEntry, ShownFailure, ShownSimulation } from './simulation-report.ts';

export interface RemotePlan {
  readonly plan: Plan;
  /** As it stands in the vault, comments and all. */
  readonly text: string;
}

export class RemotePolicy {
  readonly #vault: RemoteVault;
  readonly #lang: Language;

  private constructor(vault: RemoteVault, lang: Language) {
    this.#vault = vault;
    this.#lang = lang;
  }

  static async at(
    url: string,
    { env, flags: { cacert }, language }: Pick<Context, 'env' | 'flags' | 'language'>,
  ): Promise<RemotePolicy> {
    return new RemotePolicy(await remoteVault(url, { env, cacert }), language);
  }

  async show(): Promise<RemotePlan> {
    return this.#planOf(await this.#state());
  }

  /** Against the clients that the vault knows. */
  async check(text: string): Promise<readonly PlanFinding[]> {
    const body = { draft: { yaml: text }, lang: this.#lang };
    return (await askRemote(this.#vault, 'checkPolicy', { body })).findings;
  }

  /** Puts a plan in force, unless another one came in between. @returns what it moved and what is said of it */
  async apply(
    { text }: PlanFile,
    reason: string | undefined,
  ): Promise<{
    readonly changes: readonly DateChange[];
    readonly findings: readonly PlanFinding[];
  }> {
    if (reason === undefined || reason.trim() === '') {
      throw usageError('policy apply --vault needs --reason', 'It goes into the audit log.');
    }
    const before = await this.#state();
    const after = await askRemote(this.#vault, 'applyPolicy', {
      query: { lang: this.#lang },
      body: { draft: { yaml: text }, reason, base: before.revision },
    });
    const { history } = this.#planOf(after).plan;
    const known = this.#planOf(before).plan.history.length;
    return { changes: history.slice(known), findings: after.findings };
  }

  async simulate({
    policy,
    atMs,
    days,
    nowMs,
  }: {
    /** A baseline's name or a file; what is in force when left out. */
    readonly policy: string | undefined;
    /** When the plan has come to its end, if left out. */
    readonly atMs: number | undefined;
    readonly days: number;
    readonly nowMs: number;
  }): Promise<ShownSimulation> {
    const draft = policy === undefined ? undefined : await draftOf(policy);
    const end = draft === undefined ? undefined : endOfPlan(draft.plan, nowMs);
    const at = atMs ?? end;
    const answer = await askRemote(this.#vault, 'simulatePolicy', {
      body: {
        ...{ days, lang: this.#lang },
        ...(draft === undefined ? {} : { draft: { yaml: draft.text } }),
        ...(at === undefined ? {} : { at: formatPlanTime(at) }),
      },
    });
    return shownSimulation(answer.draft ?? answer.current, { days: answer.days, lang: this.#lang });
  }

  #state(): Promise<PolicyState> {
    return askRemote(this.#vault, 'getPolicy', { query: { lang: this.#lang } });
  }

  #planOf({ yaml }: PolicyState): RemotePlan {
    return { plan: parsePlan(yaml, { file: this.#vault.url, findBaseline }), text: yaml };
  }
}

async function draftOf(policy: string): Promise<PlanFile> {
  const baseline = findBaseline(policy);
  if (baseline === undefined) return readPlanFile('--policy', policy);
  const plan = planOfPolicy(baseline);
  return { plan, text: encodePlan(plan, { findBaseline }) };
}

function shownSimulation(
  { plan, at, wouldFail, passing, failures, oneOff, unknownEntries }: Simulation,
  { days, lang }: { readonly days: number; readonly lang: Language },
): ShownSimulation {
  return {
    ...{ plan, at: timeOf(at), days, wouldFail, passing },
    failures: failures.map((failure) => shownFailure(failure, lang)),
    oneOff: oneOff.map((failure) => shownFailure(failure, lang)),
    unknown: unknownEntries.map(shownEntry),
  };
}

function shownEntry(entry: SimulatedEntry): ShownEntry {
  const { client, kind, address, fingerprint, connections, backups, lastBackupAt } = entry;
  return {
    ...{ client, kind, class: entry.class, address, fingerprint },
    firstSeen: timeOf(entry.firstSeenAt),
    lastSeen: timeOf(entry.lastSeenAt),
    ...{ connections, backups },
    lastBackup: lastBackupAt === null ? null : timeOf(lastBackupAt),
  };
}

function shownFailure(failure: SimulatedFailure, lang: Language): ShownFailure {
  const { cause, alert, capabilities, why, needs, looksLike, refusedToday, doctor } = failure;
  return {
    ...shownEntry(failure),
    ...{ cause, alert, capabilities, why, needs, looksLike, refusedToday },
    stack: looksLike[0] ?? null,
    doctor: doctor && shownDoctor(doctor, lang),
  };
}

function shownDoctor(
  { day, status, system, remedies }: NonNullable<SimulatedFailure['doctor']>,
  lang: Language,
): NonNullable<ShownFailure['doctor']> {
  const say = sayIn(lang);
  const word = textsIn(lang).status[status];
  return {
    document: { day, status, system, remedies: remedies.map((title) => ({ title })) },
    lines: [
      say('facts.doctor', { day, status: word, system: system ?? undefined }),
      ...remedies.map((text) => `  ${say('facts.remedy', { text })}`),
    ],
  };
}

/** As plans write times, without fractions of a second. */
function timeOf(moment: string): string {
  return formatPlanTime(Math.floor(Date.parse(moment) / 1000) * 1000);
}
