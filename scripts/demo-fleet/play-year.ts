/** Plays the days of a fleet against a real vault whose clock it drives. */

import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { enrol } from '../../src/agent/enrol.ts';
import type { Enrolment } from '../../src/agent/identity-store.ts';
import { compactFacts, sendFacts } from '../../src/agent/machine-facts.ts';
import { reportDrill } from '../../src/agent/report-drill.ts';
import { createInvite } from '../../src/vault/accounts/invites.ts';
import { trustAnchorOf } from '../../src/vault/certificates/server-certificate.ts';
import { parseVaultConfig } from '../../src/vault/config.ts';
import { vaultPaths } from '../../src/vault/data-folder.ts';
import { withVaultDatabase } from '../../src/vault/database/database.ts';
import { planPath } from '../../src/vault/plan-store.ts';
import { createVaultData, type RunningVault, startVault } from '../../src/vault/vault.ts';
import { windowsMachine } from '../../test/support/windows-machine.ts';
import { backsUpOn, drawFleet, type Machine, profileOn, seededDraw } from './fleet.ts';
import { demoExemption, demoPlan } from './plan.ts';
import { visit } from './visit.ts';

export interface YearOptions {
  /** A folder that is no vault yet. */
  readonly dataDir: string;
  readonly clients: number;
  readonly days: number;
  readonly seed: number;
  /** Where the last day ends, in ms since 1970. */
  readonly endMs: number;
  onDay?(day: number, days: number): void;
}

export interface Year {
  readonly machines: readonly Machine[];
  /** How many visits ended in which way; `stored` is a backup. */
  readonly results: ReadonlyMap<string, number>;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** Visits under way at once. */
const parallel = 6;
const drillEveryDays = 28;

export async function playYear(options: YearOptions): Promise<Year> {
  const { dataDir, clients, days, seed, endMs, onDay } = options;
  const startMs = endMs - days * dayMs;
  let nowMs = startMs;
  const clock = { now: () => nowMs };
  const draw = seededDraw(seed);
  const machines = drawFleet(draw, { clients, days });
  const passwords = new Map(
    machines.filter(({ enrolled }) => !enrolled).map(({ name }) => [name, makePassword()]),
  );
  await createVaultData(dataDir, { clock });
  await writeSettings(dataDir, { machines, passwords, endMs });
  const config = parseVaultConfig(configOf(machines), 'vault.yaml');
  const listen = { host: '127.0.0.1', port: 0 };
  const vault = await startVault({ dataDir, listen, config, clock });
  const agents = await mkdtemp(join(tmpdir(), 'sealift-demo-agents-'));
  const results = new Map<string, number>();
  const enrolments = new Map<string, Enrolment>();
  /** Machines whose repository exists. */
  const begun = new Set<string>();
  /** The day of the last restore drill. */
  const drilled = new Map<string, number>();
  try {
    for (let day = 0; day < days; day++) {
      // What a vault does by its own timers: its certificate is renewed in time.
      nowMs = Math.max(nowMs, startMs + day * dayMs);
      await vault.reload();
      const today = machines
        .filter((machine) => backsUpOn(machine, day))
        .sort((a, b) => a.hour - b.hour);
      await eachOf(today, async (machine) => {
        // Those of one hour run together, and the clock never goes back.
        nowMs = Math.max(nowMs, startMs + day * dayMs + machine.hour * hourMs);
        const { name, address, enrolled } = machine;
        if (enrolled && !enrolments.has(name)) {
          enrolments.set(name, await enrolMachine(machine, { vault, dataDir, clock, agents }));
        }
        const result = await visit({
          ...{ port: vault.port, name, address, profile: profileOn(machine, day) },
          proof: proofOf(enrolments.get(name), passwords.get(name)),
          isFirst: !begun.has(name),
          size: Math.ceil(machine.size * (0.5 + draw())),
        });
        if (result === 'stored') begun.add(name);
        const isDrillDay = day - (drilled.get(name) ?? Number.NEGATIVE_INFINITY) >= drillEveryDays;
        if (result === 'stored' && enrolled && doesDrills(machine) && isDrillDay) {
          drilled.set(name, day);
          await drill(machine, agents);
        }
        results.set(result, (results.get(result) ?? 0) + 1);
      });
      onDay?.(day, days);
    }
    nowMs = endMs;
    await vault.flush();
  } finally {
    await vault.close();
    await rm(agents, { recursive: true, force: true });
  }
  return { machines, results };
}

interface Settings {
  readonly machines: readonly Machine[];
  readonly passwords: ReadonlyMap<string, string>;
  readonly endMs: number;
}

/** The files that an operator would write: configuration, logins as rest-server keeps them, the plan. */
async function writeSettings(dataDir: string, settings: Settings): Promise<void> {
  const { machines, passwords, endMs } = settings;
  const paths = vaultPaths(dataDir);
  await writeFile(paths.config, configOf(machines));
  // SHA-1 because a scrypt for each of so many logins would take longer than the year; the passwords are random.
  const logins = [...passwords].map(
    ([name, password]) => `${name}:{SHA}${createHash('sha1').update(password).digest('base64')}\n`,
  );
  await writeFile(join(paths.repositories, '.htpasswd'), logins.join(''), { mode: 0o600 });
  const late = machines.find(
    ({ kind, changeDay, enrolled }) =>
      kind.before === 'tls10' && !enrolled && changeDay === Number.POSITIVE_INFINITY,
  );
  const exemption = late === undefined ? '' : demoExemption(late.name, endMs);
  await writeFile(planPath(dataDir), `${demoPlan(endMs)}${exemption}`);
}

function configOf(machines: readonly Machine[]): string {
  const tags: Record<string, string[]> = {};
  for (const { name, kind } of machines) {
    for (const tag of kind.tags) tags[tag] = [...(tags[tag] ?? []), name];
  }
  return stringify({ repositories: { private: true }, tags });
}

interface EnrolParts {
  readonly vault: RunningVault;
  readonly dataDir: string;
  readonly clock: { now(): number };
  /** Where the machines keep their keys. */
  readonly agents: string;
}

/** The agent's own enrolment and facts, by an invitation from the vault. */
async function enrolMachine(machine: Machine, parts: EnrolParts): Promise<Enrolment> {
  const { vault, dataDir, clock, agents } = parts;
  const { name, kind } = machine;
  const anchor = await trustAnchorOf(dataDir, parseVaultConfig('', 'vault.yaml'));
  const { token } = await withVaultDatabase(dataDir, (database) =>
    createInvite(database, { name, anchor, url: vault.url, clock }),
  );
  const enrolment = await enrol({ token, configDir: join(agents, name), name: 'vault' });
  if (kind.windows !== undefined) {
    const facts = { ...windowsMachine(kind.windows), name };
    await sendFacts(enrolment, JSON.stringify(compactFacts(facts)));
  }
  return enrolment;
}

/** Some five of six: the others are what the overview is for. */
function doesDrills({ hour }: Machine): boolean {
  return hour % 6 !== 0;
}

/** The report of a check of all data, as the agent makes it. */
async function drill({ name, size }: Machine, agents: string): Promise<void> {
  const problem = await reportDrill(
    { vault: 'vault', configDir: join(agents, name) },
    {
      ...{ kind: 'check', ok: true, snapshot: null, files: 0 },
      bytes: size,
      errors: 0,
      code: null,
    },
  );
  if (problem !== undefined) throw new Error(`the drill of ${name} was not told: ${problem}`);
}

function proofOf(enrolment: Enrolment | undefined, password: string | undefined) {
  if (enrolment !== undefined) {
    return { cert: enrolment.certificate, key: enrolment.key.reveal() };
  }
  if (password !== undefined) return { password };
  throw new Error('a machine has neither a certificate nor a password');
}

function makePassword(): string {
  return randomBytes(12).toString('base64url');
}

/** Works through a list in order, a few at a time; the first failure ends it. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
