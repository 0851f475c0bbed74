/** `sealift policy`: the retirement plan of a vault: shown, checked, applied, and tried on the ledger. */

import type { Command } from 'commander';
import { isSealiftError } from '../../base/errors.ts';
import { findBaseline } from '../../tls/baselines.ts';
import { checkPlan } from '../../tls/retirement/check-plan.ts';
import { encodePlan, planFields } from '../../tls/retirement/parse-plan.ts';
import type { Plan, Who } from '../../tls/retirement/plan.ts';
import { parsePlanTime } from '../../tls/retirement/plan-times.ts';
import { endOfPlan, simulate, wouldAnyoneFail } from '../../tls/retirement/simulate.ts';
import { vaultDataFolder } from '../config-folder.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { integerParser, usageError } from '../global-options.ts';
import {
  changeLine,
  findingDocument,
  findingLine,
  standingDocuments,
  standingLines,
} from '../policy/plan-report.ts';
import {
  planOf,
  readKnownClients,
  readPlanFile,
  readServerSide,
  readTags,
} from '../policy/plan-source.ts';
import { simulationDocument, simulationLines } from '../policy/simulation-report.ts';
import type { Runner } from '../runner.ts';

interface PolicyFlags {
  readonly data?: string;
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
  return command.option(
    '--data <folder>',
    "data folder of the vault (default: that of 'sealift up')",
  );
}

async function show(context: Context, flags: PolicyFlags): Promise<undefined> {
  const { out, say } = context;
  const dataDir = await dataOf(context, flags);
  const { planPath, readPlan, readPlanText } = await import('../../vault/plan-store.ts');
  const plan = await readPlan(dataDir);
  const text = await readPlanText(dataDir);
  const nowMs = Date.now();
  if (out.modes.json) {
    const file = text === undefined ? null : planPath(dataDir);
    const standings = standingDocuments(plan, nowMs);
    out.json({ file, plan: planFields(plan, { findBaseline }), standings });
    return;
  }
  // The plan alone on standard output: it can be sent to a file and edited.
  out.result((text ?? encodePlan(plan, { findBaseline })).trimEnd());
  if (!out.modes.quiet) for (const line of standingLines(say, plan, nowMs)) out.note(line);
}

async function check(
  context: Context,
  flags: PolicyFlags,
  [file = '']: readonly string[],
): Promise<ExitCode> {
  const { out, say } = context;
  let plan: Plan;
  try {
    ({ plan } = await readPlanFile('policy check', file));
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
  const known = flags.data === undefined ? undefined : await readKnown(context, flags);
  const findings = checkPlan(plan, { nowMs: Date.now(), known });
  if (out.modes.json) {
    out.json({
      file,
      findings: findings.map((finding) => findingDocument(context.language, finding)),
    });
  } else {
    for (const finding of findings) out.result(findingLine(context, finding));
    if (findings.length === 0) out.info(say('policy.checked', { file }));
  }
  return findings.length === 0 ? exitCodes.done : exitCodes.failed;
}

async function apply(
  context: Context,
  flags: ApplyFlags,
  [file = '']: readonly string[],
): Promise<undefined> {
  const { out, say } = context;
  const { plan, text } = await readPlanFile('policy apply', file);
  const dataDir = await dataOf(context, flags);
  const known = await readKnown(context, flags);
  const { applyPlan, planPath, readPlanText } = await import('../../vault/plan-store.ts');
  const nowMs = Date.now();
  const { noteAppliedPlan } = await import('../../vault/audit/plan-audit.ts');
  const before = await readPlanText(dataDir);
  const applied = await applyPlan(dataDir, plan, { nowMs, reason: flags.reason, text, known });
  await noteAppliedPlan(dataDir, { name: plan.name, before, reason: flags.reason ?? '', nowMs });
  const { changes, findings, setAside } = applied;
  if (out.modes.json) {
    const moved = planFields({ ...applied.plan, history: changes }, { findBaseline })['history'];
    out.json({
      ...{ file: planPath(dataDir), plan: plan.name, changes: moved ?? [] },
      findings: findings.map((finding) => findingDocument(context.language, finding)),
      setAside: setAside ?? null,
    });
    return;
  }
  for (const finding of findings) out.note(findingLine(context, finding));
  if (setAside !== undefined) out.warn(say('policy.setAside', { file: setAside }));
  for (const change of changes) out.info(changeLine(say, change));
  out.info(say('policy.applied', { name: plan.name, file: planPath(dataDir) }));
}

async function simulateLedger(context: Context, flags: SimulateFlags): Promise<ExitCode> {
  const { out, say, language } = context;
  const nowMs = Date.now();
  const dataDir = await dataOf(context, flags);
  const { readPlan } = await import('../../vault/plan-store.ts');
  const today = await readPlan(dataDir);
  const plan = flags.policy === undefined ? today : await planOf('--policy', flags.policy);
  const atMs = flags.at === undefined ? endOfPlan(plan, nowMs) : momentOf(flags.at);
  const { withVaultDatabase } = await import('../../vault/database/database.ts');
  const { replayEntries } = await import('../../vault/ledger/queries.ts');
  const { policyOf, readDoctors } = await import('../../vault/facts/client-doctors.ts');
  const { since: days = defaultDays } = flags;
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
  const facts = { plan: plan.name, days, simulation, doctors };
  if (out.modes.json) out.json(simulationDocument(facts, language));
  else for (const line of simulationLines(facts, { say, language })) out.result(line);
  return wouldAnyoneFail(simulation) ? exitCodes.failed : exitCodes.done;
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
