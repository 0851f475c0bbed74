/** What `sealift policy simulate` found, as text and as JSON. */

import { printable } from '../../base/printable.ts';
import { reasonText } from '../../tls/reasons.ts';
import { capabilityName } from '../../tls/retirement/capability-text.ts';
import { needText } from '../../tls/retirement/need-text.ts';
import type { Capability } from '../../tls/retirement/plan.ts';
import { formatPlanTime } from '../../tls/retirement/plan-times.ts';
import type { SimulatedFailure, Simulation } from '../../tls/retirement/simulate.ts';
import { wouldAnyoneFail } from '../../tls/retirement/simulate.ts';
import type { ClientDoctor, Doctors } from '../../vault/facts/client-doctors.ts';
import type { ReplayEntry } from '../../vault/ledger/queries.ts';
import { doctorDocument, doctorLines } from '../fleet/client-doctor.ts';
import type { Language } from '../language.ts';
import type { Say } from '../texts/texts.ts';

export interface SimulationFacts {
  readonly plan: string;
  readonly days: number;
  readonly simulation: Simulation<ReplayEntry>;
  /** Of the clients that sent facts, by name. */
  readonly doctors?: Doctors;
}

/** One fingerprint of a client. Times as plans write them, UTC. */
export interface ShownEntry {
  readonly client: string | null;
  readonly kind: string;
  readonly class: 'client' | 'visitor' | 'scanner';
  readonly address: string;
  readonly fingerprint: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly connections: number;
  readonly backups: number;
  readonly lastBackup: string | null;
}

export interface ShownFailure extends ShownEntry {
  readonly cause: string;
  readonly alert: string | null;
  readonly capabilities: readonly Capability[];
  readonly why: string | null;
  readonly needs: string;
  readonly looksLike: readonly string[];
  readonly refusedToday: boolean;
  /** The first of what it looks like, by name. */
  readonly stack: string | null;
  /** For a client that sent its facts: its document, and what is printed of it. */
  readonly doctor: { readonly document: object; readonly lines: readonly string[] } | null;
}

/** What was found out by this process or by a vault elsewhere. */
export interface ShownSimulation {
  readonly plan: string;
  readonly at: string;
  readonly days: number;
  readonly wouldFail: boolean;
  readonly passing: number;
  readonly failures: readonly ShownFailure[];
  readonly oneOff: readonly ShownFailure[];
  readonly unknown: readonly ShownEntry[];
}

interface Speaker {
  readonly say: Say;
  readonly language: Language;
}

type Failure = SimulatedFailure<ReplayEntry>;

export function showSimulation(
  { plan, days, simulation, doctors }: SimulationFacts,
  speaker: Speaker,
): ShownSimulation {
  const { atMs, failures, oneOff, unknown, passing } = simulation;
  const show = (failure: Failure): ShownFailure =>
    showFailure(failure, doctorOf(failure, doctors), speaker);
  return {
    ...{ plan, at: timeText(atMs), days, wouldFail: wouldAnyoneFail(simulation), passing },
    failures: failures.map(show),
    oneOff: oneOff.map(show),
    unknown: unknown.map(showEntry),
  };
}

function showFailure(
  failure: Failure,
  doctor: ClientDoctor | undefined,
  speaker: Speaker,
): ShownFailure {
  const { entry, cause, alert = null, capabilities, reason, need, stacks, refusedToday } = failure;
  const { language } = speaker;
  return {
    ...showEntry(entry),
    ...{ cause, alert, capabilities },
    why: reason === undefined ? null : reasonText(reason, language),
    needs: needText(need, { family: stacks[0]?.family, language }),
    looksLike: stacks.map(({ id }) => id),
    refusedToday,
    stack: stacks[0]?.name ?? null,
    doctor:
      doctor === undefined
        ? null
        : {
            document: doctorDocument(doctor, language) ?? {},
            lines: doctorLines(doctor, speaker),
          },
  };
}

function showEntry(entry: ReplayEntry): ShownEntry {
  const { client = null, kind, address, fingerprint, connections, backups } = entry;
  return {
    ...{ client, kind, class: entry.class, address, fingerprint },
    firstSeen: timeText(entry.firstSeenMs),
    lastSeen: timeText(entry.lastSeenMs),
    ...{ connections, backups },
    lastBackup: entry.lastBackupMs === undefined ? null : timeText(entry.lastBackupMs),
  };
}

export function simulationDocument(shown: ShownSimulation): Record<string, unknown> {
  const { failures, oneOff, unknown, ...facts } = shown;
  return {
    ...facts,
    failures: failures.map((failure) => ({
      ...failureDocument(failure),
      doctor: failure.doctor?.document ?? null,
    })),
    oneOff: oneOff.map(failureDocument),
    unknown,
  };
}

function failureDocument({ stack: _, doctor: __, ...document }: ShownFailure): object {
  return document;
}

export function simulationLines(shown: ShownSimulation, speaker: Speaker): string[] {
  const { say } = speaker;
  const { plan, at, days, passing, failures, oneOff, unknown } = shown;
  const nobody = failures.length + oneOff.length === 0;
  return [
    say('policy.simulated', { plan, at, days, passing }),
    ...(nobody ? [say('policy.nobodyFails')] : []),
    ...(failures.length > 0 ? ['', say('policy.failing', { count: failures.length })] : []),
    ...failures.flatMap((failure) => [
      ...failureLines(failure, speaker),
      ...(failure.doctor?.lines ?? []).map((line) => `    ${line}`),
    ]),
    ...(oneOff.length > 0 ? ['', say('policy.oneOff', { count: oneOff.length })] : []),
    ...oneOff.map((failure) => `  ${oneOffLine(failure, speaker)}`),
    ...(unknown.length > 0 ? ['', say('policy.unknown', { count: unknown.length })] : []),
    ...unknown.map((entry) => `  ${nameOf(entry)} ${entry.fingerprint}`),
  ].map(printable);
}

function failureLines(failure: ShownFailure, { say, language }: Speaker): string[] {
  const { cause, alert, capabilities, why, needs, stack, refusedToday, fingerprint } = failure;
  const { firstSeen, lastSeen, lastBackup, connections, backups } = failure;
  const names = capabilities.map((capability) => capabilityName(capability, language));
  const lines = [
    say('policy.failBy', {
      by: names.length > 0 ? names.join(', ') : say('policy.failByPolicy'),
      ...{ cause, alert: alert ?? undefined },
    }),
    ...(why === null ? [] : [say('policy.failWhy', { reason: why })]),
    say('policy.failSeen', {
      ...{ first: firstSeen, last: lastSeen, connections, backups },
      lastBackup: lastBackup ?? undefined,
    }),
    say('policy.failNeeds', { need: needs }),
    ...(refusedToday ? [say('policy.failToday')] : []),
  ];
  const head = say('policy.failHead', {
    ...{ name: nameOf(failure), fingerprint, stack: stack ?? undefined },
  });
  return [`  ${head}`, ...lines.map((line) => `    ${line}`)];
}

function doctorOf({ entry }: Failure, doctors: Doctors | undefined): ClientDoctor | undefined {
  // Facts come with a certificate: a login of the same name is somebody else.
  if (entry.client === undefined || entry.kind !== 'certificate') return undefined;
  return doctors?.get(entry.client);
}

function oneOffLine(failure: ShownFailure, { say }: Speaker): string {
  return say('policy.oneOffEntry', {
    ...{ name: nameOf(failure), type: say(classKeys[failure.class]) },
    ...{ last: failure.lastSeen, reason: failure.why ?? undefined },
  });
}

const classKeys = {
  client: 'ledger.classClient',
  visitor: 'ledger.classVisitor',
  scanner: 'ledger.classScanner',
} as const;

function nameOf({ client, address }: ShownEntry): string {
  return client === null ? address : `${client} (${address})`;
}

/** UTC, as plans write times, without fractions of a second. */
function timeText(ms: number): string {
  return formatPlanTime(Math.floor(ms / 1000) * 1000);
}
