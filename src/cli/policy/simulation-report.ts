/** What `sealift policy simulate` found, as text and as JSON. */

import { printable } from '../../base/printable.ts';
import { reasonText } from '../../tls/reasons.ts';
import { capabilityName } from '../../tls/retirement/capability-text.ts';
import { needText } from '../../tls/retirement/need-text.ts';
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

interface Speaker {
  readonly say: Say;
  readonly language: Language;
}

type Failure = SimulatedFailure<ReplayEntry>;

export function simulationDocument(
  { plan, days, simulation, doctors }: SimulationFacts,
  language: Language,
): Record<string, unknown> {
  const { atMs, failures, oneOff, unknown, passing } = simulation;
  return {
    ...{ plan, at: timeText(atMs), days, wouldFail: wouldAnyoneFail(simulation), passing },
    failures: failures.map((failure) => ({
      ...failureDocument(failure, language),
      doctor: doctorDocument(doctorOf(failure, doctors), language),
    })),
    oneOff: oneOff.map((failure) => failureDocument(failure, language)),
    unknown: unknown.map(entryDocument),
  };
}

function failureDocument(failure: Failure, language: Language): Record<string, unknown> {
  const { entry, cause, alert = null, capabilities, reason, need, stacks, refusedToday } = failure;
  return {
    ...entryDocument(entry),
    ...{ cause, alert, capabilities },
    why: reason === undefined ? null : reasonText(reason, language),
    needs: needText(need, { family: stacks[0]?.family, language }),
    looksLike: stacks.map(({ id }) => id),
    refusedToday,
  };
}

function entryDocument(entry: ReplayEntry): Record<string, unknown> {
  const { client = null, kind, address, fingerprint, connections, backups } = entry;
  return {
    ...{ client, kind, class: entry.class, address, fingerprint },
    firstSeen: timeText(entry.firstSeenMs),
    lastSeen: timeText(entry.lastSeenMs),
    ...{ connections, backups },
    lastBackup: entry.lastBackupMs === undefined ? null : timeText(entry.lastBackupMs),
  };
}

export function simulationLines(facts: SimulationFacts, speaker: Speaker): string[] {
  const { say } = speaker;
  const { failures, oneOff, unknown, passing, atMs } = facts.simulation;
  const nobody = failures.length + oneOff.length === 0;
  return [
    say('policy.simulated', { plan: facts.plan, at: timeText(atMs), days: facts.days, passing }),
    ...(nobody ? [say('policy.nobodyFails')] : []),
    ...(failures.length > 0 ? ['', say('policy.failing', { count: failures.length })] : []),
    ...failures.flatMap((failure) => {
      const doctor = doctorOf(failure, facts.doctors);
      const lines = doctor === undefined ? [] : doctorLines(doctor, speaker);
      return [...failureLines(failure, speaker), ...lines.map((line) => `    ${line}`)];
    }),
    ...(oneOff.length > 0 ? ['', say('policy.oneOff', { count: oneOff.length })] : []),
    ...oneOff.map((failure) => `  ${oneOffLine(failure, speaker)}`),
    ...(unknown.length > 0 ? ['', say('policy.unknown', { count: unknown.length })] : []),
    ...unknown.map((entry) => `  ${nameOf(entry)} ${entry.fingerprint}`),
  ].map(printable);
}

function failureLines(failure: Failure, { say, language }: Speaker): string[] {
  const { entry, cause, alert, capabilities, reason, need, stacks, refusedToday } = failure;
  const names = capabilities.map((capability) => capabilityName(capability, language));
  const [stack] = stacks;
  const { connections, backups } = entry;
  const lines = [
    say('policy.failBy', {
      by: names.length > 0 ? names.join(', ') : say('policy.failByPolicy'),
      ...{ cause, alert },
    }),
    ...(reason === undefined
      ? []
      : [say('policy.failWhy', { reason: reasonText(reason, language) })]),
    say('policy.failSeen', {
      ...{ first: timeText(entry.firstSeenMs), last: timeText(entry.lastSeenMs) },
      ...{ connections, backups },
      lastBackup: entry.lastBackupMs === undefined ? undefined : timeText(entry.lastBackupMs),
    }),
    say('policy.failNeeds', { need: needText(need, { family: stack?.family, language }) }),
    ...(refusedToday ? [say('policy.failToday')] : []),
  ];
  const head = say('policy.failHead', {
    ...{ name: nameOf(entry), fingerprint: entry.fingerprint, stack: stack?.name },
  });
  return [`  ${head}`, ...lines.map((line) => `    ${line}`)];
}

function doctorOf({ entry }: Failure, doctors: Doctors | undefined): ClientDoctor | undefined {
  // Facts come with a certificate: a login of the same name is somebody else.
  if (entry.client === undefined || entry.kind !== 'certificate') return undefined;
  return doctors?.get(entry.client);
}

function oneOffLine({ entry, reason }: Failure, { say, language }: Speaker): string {
  return say('policy.oneOffEntry', {
    ...{ name: nameOf(entry), type: say(classKeys[entry.class]) },
    last: timeText(entry.lastSeenMs),
    reason: reason === undefined ? undefined : reasonText(reason, language),
  });
}

const classKeys = {
  client: 'ledger.classClient',
  visitor: 'ledger.classVisitor',
  scanner: 'ledger.classScanner',
} as const;

function nameOf({ client, address }: ReplayEntry): string {
  return client === undefined ? address : `${client} (${address})`;
}

/** UTC, as plans write times, without fractions of a second. */
function timeText(ms: number): string {
  return formatPlanTime(Math.floor(ms / 1000) * 1000);
}
