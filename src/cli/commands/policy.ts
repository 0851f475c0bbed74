/** `sealift policy`: the retirement plan of a vault: shown, checked, applied, and tried on the ledger. */

import type { Command } from 'commander';
import { isSealiftError } from '../../base/errors.ts';
import { findBaseline } from '../../tls/baselines.ts';
import { checkPlan } from '../../tls/retirement/check-plan.ts';
import { encodePlan, planFields } from '../../tls/retirement/parse-plan.ts';
import type { Plan, Who } from '../../tls/retirement/plan.ts';
import { parsePlanTime } from '../../tls/retirement/plan-times.ts';
import { endOfPlan, simulate } from '../../tls/retirement/simulate.ts';
import { vaultDataFolder } from '../config-folder.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { integerParser, usageError, vaultOption } from '../global-options.ts';
import {
  changeLine,
  type FindingDocument,
  findingDocument,
  findingLine,
  standingDocuments,
  standingLines,
} from '../policy/plan-report.ts';
import {
  type PlanFile,
  planOf,
  readKnownClients,
  readPlanFile,
  readServerSide,
  readTags,
} from '../policy/plan-source.ts';
import type { RemotePolicy } from '../policy/remote-policy.ts';
import {
  type ShownSimulation,
  showSimulation,
  simulationDocument,
  simulationLines,
} from '../policy/simulation-report.ts';
import type { Runner } from '../runner.ts';

interface PolicyFlags {
  readonly data?: string;
  readonly vault?: string;
}

interface ApplyFlags extends PolicyFlags {
  readonly reason?: string;
}

interface SimulateFlags extends PolicyFlags {
  readonly policy?: string;
  readonly at?: string;
  readonly since?: number;
}

/** A quarter: jobs that run at its end are clients too. */
const defaultDays = 92;
const maxDays = 36_500;
const dayMs = 86_400_000;

const examples = `
Examples:
  sealift policy show > plan.yaml
  sealift policy check plan.yaml
  sealift policy simulate --policy plan.yaml --at 2027-09-01
  sealift policy apply plan.yaml --reason "the branch offices need October"
`;

export function addPolicy(program: Command, run: Runner): void {
  const policy = program
    .command('policy')
    .description('what TLS a vault speaks, and what of it ends when')
    .addHelpText('after', examples);
  withData(policy.command('show').description('print the plan that is in force')).action(run(show));
  withData(policy.command('check').description('find contradictions in a plan'))
    .argument('<file>', 'plan or policy')
    .action(run(check));
  withData(policy.command('apply').description('put a plan in force'))
    .argument('<file>', 'plan or policy')
    .option('--reason <text>', 'why dates move; it stays in the history')
    .action(run(apply));
  withData(policy.command('simulate').description('replay the ledger: who would fail'))
    .option('--policy <file>', "a plan, a policy or a baseline's name (default: what is in force)")
    .option('--at <date>', 'such as 2027-09-01 (default: when the plan has come to its end)')
    .option(
      '--since <days>',
      `how many days of the ledger to replay (default ${defaultDays})`,
      integerParser('--since', 1, maxDays),
    )
    .action(run(simulateLedger));
}

function withData(command: Command): Command {
  return command
    .option('--data <folder>', "data folder of the vault (default: that of 'sealift up')")
    .option(...vaultOption);
}

async function show(context: Context, flags: PolicyFlags): Promise<undefined> {
  const { out, say } = context;
  const { plan, text, file } = await inForce(context, flags);
  const nowMs = Date.now();
  if (out.modes.json) {
    const standings = standingDocuments(plan, nowMs);
    out.json({ file, plan: planFields(plan, { findBaseline }), standings });
    return;
  }
  // The plan alone on standard output: it can be sent to a file and edited.
  out.result((text ?? encodePlan(plan, { findBaseline })).trimEnd());
  if (!out.modes.quiet) for (const line of standingLines(say, plan, nowMs)) out.note(line);
}

interface PlanInForce {
  readonly plan: Plan;
  /** Undefined while the vault has no plan of its own. */
  readonly text: string | undefined;
  /** Null where the plan is not a file of this machine. */
  readonly file: string | null;
}

async function inForce(context: Context, flags: PolicyFlags): Promise<PlanInForce> {
  const remote = await remoteOf(context, flags);
  if (remote !== undefined) return { ...(await remote.show()), file: null };
  const dataDir = await dataOf(context, flags);
  const { planPath, readPlan, readPlanText } = await import('../../vault/plan-store.ts');
  const plan = await readPlan(dataDir);
  const text = await readPlanText(dataDir);
  return { plan, text, file: text === undefined ? null : planPath(dataDir) };
}

async function remoteOf(
  context: Context,
  { vault }: PolicyFlags,
): Promise<RemotePolicy | undefined> {
  if (vault === undefined) return undefined;
  const { RemotePolicy } = await import('../policy/remote-policy.ts');
  return RemotePolicy.at(vault, context);
}

async function check(
  context: Context,
  flags: PolicyFlags,
  [file = '']: readonly string[],
): Promise<ExitCode> {
  const { out, say } = context;
  let given: PlanFile;
  try {
    given = await readPlanFile('policy check', file);
  } catch (error) {
    // Here it is the answer, on standard output as the others.
    if (!isSealiftError(error, 'tls/policy-file')) throw error;
    const { message, fields } = error;
    const where = String(fields['field'] ?? '');
    if (out.modes.json) {
      out.json({ file, findings: [{ code: 'file', severity: 'error', where, fields, message }] });
    } else {
      out.result(`${say('error.error')}: ${message}`);
    }
    return exitCodes.failed;
  }
  const findings = await findingsOf(context, flags, given);
  if (out.modes.json) {
    out.json({ file, findings });
  } else {
    for (const finding of findings) out.result(findingLine(context, finding));
    if (findings.length === 0) out.info(say('policy.checked', { file }));
  }
  return findings.length === 0 ? exitCodes.done : exitCodes.failed;
}

async function findingsOf(
  context: Context,
  flags: PolicyFlags,
  { plan, text }: PlanFile,
): Promise<readonly FindingDocument[]> {
  const remote = await remoteOf(context, flags);
  if (remote !== undefined) return remote.check(text);
  const known = flags.data === undefined ? undefined : await readKnown(context, flags);
  const findings = checkPlan(plan, { nowMs: Date.now(), known });
  return findings.map((finding) => findingDocument(context.language, finding));
}

async function apply(
  context: Context,
  flags: ApplyFlags,
  [file = '']: readonly string[],
): Promise<undefined> {
  const { out, say } = context;
  const given = await readPlanFile('policy apply', file);
  const remote = await remoteOf(context, flags);
  const applied =
    remote === undefined
      ? await applyHere(context, flags, given)
      : {
          ...(await remote.apply(given, flags.reason)),
          ...{ place: flags.vault ?? '', setAside: undefined },
        };
  const { changes, findings, place, setAside } = applied;
  const { name } = given.plan;
  if (out.modes.json) {
    const moved = planFields({ ...given.plan, history: changes }, { findBaseline })['history'];
    out.json({
      ...{ file: remote === undefined ? place : null, plan: name, changes: moved ?? [] },
      ...{ findings, setAside: setAside ?? null },
    });
    return;
  }
  for (const finding of findings) out.note(findingLine(context, finding));
  if (setAside !== undefined) out.warn(say('policy.setAside', { file: setAside }));
  for (const change of changes) out.info(changeLine(say, change));
  out.info(say('policy.applied', { name, file: place }));
}

async function applyHere(context: Context, flags: ApplyFlags, { plan, text }: PlanFile) {
  const dataDir = await dataOf(context, flags);
  const known = await readKnown(context, flags);
  const { applyPlan, planPath, readPlanText } = await import('../../vault/plan-store.ts');
  const nowMs = Date.now();
  const { noteAppliedPlan } = await import('../../vault/audit/plan-audit.ts');
  const before = await readPlanText(dataDir);
  const applied = await applyPlan(dataDir, plan, { nowMs, reason: flags.reason, text, known });
  await noteAppliedPlan(dataDir, { name: plan.name, before, reason: flags.reason ?? '', nowMs });
  const { changes, findings, setAside } = applied;
  return {
    ...{ changes, setAside, place: planPath(dataDir) },
    findings: findings.map((finding) => findingDocument(context.language, finding)),
  };
}

async function simulateLedger(context: Context, flags: SimulateFlags): Promise<ExitCode> {
  const { out } = context;
  const nowMs = Date.now();
  const { policy, since: days = defaultDays } = flags;
  const atMs = flags.at === undefined ? undefined : momentOf(flags.at);
  const remote = await remoteOf(context, flags);
  const shown =
    remote === undefined
      ? await simulateHere(context, flags, { atMs, days, nowMs })
      : await remote.simulate({ policy, atMs, days, nowMs });
  if (out.modes.json) out.json(simulationDocument(shown));
  else for (const line of simulationLines(shown, context)) out.result(line);
  return shown.wouldFail ? exitCodes.failed : exitCodes.done;
}

async function simulateHere(
  context: Context,
  flags: SimulateFlags,
  when: { readonly atMs: number | undefined; readonly days: number; readonly nowMs: number },
): Promise<ShownSimulation> {
  const { days, nowMs } = when;
  const dataDir = await dataOf(context, flags);
  const { readPlan } = await import('../../vault/plan-store.ts');
  const today = await readPlan(dataDir);
  const plan = flags.policy === undefined ? today : await planOf('--policy', flags.policy);
  const atMs = when.atMs ?? endOfPlan(plan, nowMs);
  const { withVaultDatabase } = await import('../../vault/database/database.ts');
  const { replayEntries } = await import('../../vault/ledger/queries.ts');
  const { policyOf, readDoctors } = await import('../../vault/facts/client-doctors.ts');
  const sinceMs = nowMs - (days - 1) * dayMs;
  const entries = await withVaultDatabase(dataDir, (database) =>
    replayEntries(database, { sinceMs }),
  );
  const simulation = simulate(entries, plan, {
    ...{ atMs, today: { plan: today, nowMs }, server: await readServerSide(dataDir) },
    tagsOf: await readTags(dataDir),
  });
  const doctors = await withVaultDatabase(dataDir, (database) =>
    readDoctors(
      database,
      simulation.failures.flatMap(({ entry }) => entry.client ?? []),
      policyOf(plan, atMs),
    ),
  );
  return showSimulation({ plan: plan.name, days, simulation, doctors }, context);
}

function momentOf(text: string): number {
  const ms = text === 'now' ? Date.now() : parsePlanTime(text);
  if (ms !== undefined) return ms;
  throw usageError(`--at takes a date such as 2027-09-01 or 2027-09-01T09:00+02:00, not '${text}'`);
}

/** Commands that only look at a vault must not make one. */
async function dataOf({ env }: Context, { data }: PolicyFlags): Promise<string> {
  const { requireVault } = await import('../fleet/require-vault.ts');
  const dataDir = data ?? vaultDataFolder(env);
  await requireVault(dataDir);
  return dataDir;
}

async function readKnown(context: Context, flags: PolicyFlags): Promise<Who[] | undefined> {
  return readKnownClients(await dataOf(context, flags));
}
