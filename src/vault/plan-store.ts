/**
 * Where a vault keeps its retirement plan: `policy.yaml` in the data folder. It is replaced as a whole,
 * and a running vault takes it up; the history of moved dates travels in the file itself.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap, parseDocument } from 'yaml';
import { isSealiftError, messageOf, SealiftError, systemCodeOf } from '../base/errors.ts';
import { findBaseline, getBaseline } from '../tls/baselines.ts';
import { checkPlan, type PlanFinding } from '../tls/retirement/check-plan.ts';
import { dateChanges } from '../tls/retirement/date-changes.ts';
import {
  encodePlan,
  historyFields,
  isPlanText,
  parsePlan,
  planOfPolicy,
} from '../tls/retirement/parse-plan.ts';
import type { DateChange, Plan, Who } from '../tls/retirement/plan.ts';
import { readVaultConfig, type VaultConfig } from './config.ts';
import { vaultPaths, writeFileAtomically } from './data-folder.ts';

/** The plan's file in a data folder. */
export function planPath(dataDir: string): string {
  return join(vaultPaths(dataDir).root, 'policy.yaml');
}

/** What a vault without a plan speaks: TLS 1.2 with ECDHE and authenticated encryption, and TLS 1.3. */
export function defaultPlan(minVersion: VaultConfig['tls']['minVersion']): Plan {
  return planOfPolicy(getBaseline(minVersion === '1.3' ? 'modern' : 'intermediate'));
}

/** @throws SealiftError `tls/policy-file` that names file, line and field; `vault/config` */
export async function readPlan(dataDir: string): Promise<Plan> {
  const file = planPath(dataDir);
  const text = await readPlanText(dataDir);
  if (text !== undefined) return parsePlan(text, { file, findBaseline });
  const { tls } = await readVaultConfig(dataDir);
  return defaultPlan(tls.minVersion);
}

/** The file as it is; undefined when the vault has none. */
export async function readPlanText(dataDir: string): Promise<string | undefined> {
  const file = planPath(dataDir);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (systemCodeOf(cause) === 'ENOENT') return undefined;
    throw new SealiftError('vault/data-folder', `cannot read ${file}: ${messageOf(cause)}`, {
      cause,
      fields: { path: file },
      hint: 'Check that the folder belongs to this account.',
    });
  }
}

export interface ApplyPlanOptions {
  readonly nowMs: number;
  /** Why dates move; needed only if some do. */
  readonly reason?: string | undefined;
  /** The file that the plan was read from: its comments and its order are kept. */
  readonly text?: string | undefined;
  /** Everybody whom the ledger knows, to find names that nobody has. */
  readonly known?: readonly Who[] | undefined;
}

export interface AppliedPlan {
  /** With its history. */
  readonly plan: Plan;
  readonly changes: readonly DateChange[];
  /** Warnings only. */
  readonly findings: readonly PlanFinding[];
  /** Where the file before was put, because it could not be read as a plan; its history is in it. */
  readonly setAside: string | undefined;
}

/**
 * Makes a plan the vault's own.
 * @throws SealiftError `tls/plan` if it contradicts itself, or moves a date without a reason
 */
export async function applyPlan(
  dataDir: string,
  plan: Plan,
  { nowMs, reason = '', text, known }: ApplyPlanOptions,
): Promise<AppliedPlan> {
  const findings = checkPlan(plan, { nowMs, known });
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw contradiction(errors);
  const wrongText = await readWrongText(dataDir);
  const before = wrongText === undefined ? await readPlan(dataDir) : plan;
  const changes = dateChanges(before, plan, { atMs: nowMs, reason: reason.trim() });
  if (changes.length > 0 && reason.trim() === '') throw withoutReason(changes);
  const own = plan.history.filter((change) => !before.history.some(isSameChange(change)));
  const applied = { ...plan, history: [...before.history, ...own, ...changes] };
  const setAside = wrongText === undefined ? undefined : wrongPath(dataDir);
  // The copy first: a crash in between leaves one too many, never one too few.
  if (setAside !== undefined) await writeFileAtomically(setAside, wrongText ?? '');
  await writeFileAtomically(planPath(dataDir), textOf(applied, text));
  return { plan: applied, changes, findings, setAside };
}

function wrongPath(dataDir: string): string {
  return join(vaultPaths(dataDir).root, 'policy.wrong.yaml');
}

/** The file in force if it is no plan: whoever broke it by hand must be able to mend it by applying one. */
async function readWrongText(dataDir: string): Promise<string | undefined> {
  try {
    await readPlan(dataDir);
    return undefined;
  } catch (error) {
    if (!isSealiftError(error, 'tls/policy-file')) throw error;
    return readPlanText(dataDir);
  }
}

function contradiction(errors: readonly PlanFinding[]): SealiftError {
  const found = errors.map(({ code, where }) => `${where} (${code})`);
  return new SealiftError('tls/plan', `the plan contradicts itself: ${found.join(', ')}`, {
    hint: '`sealift policy check FILE` explains each contradiction; nothing was changed.',
    fields: { found },
  });
}

function withoutReason(changes: readonly DateChange[]): SealiftError {
  const found = changes.map(({ capability, phase }) => `${capability} ${phase}`);
  return new SealiftError('tls/plan', `dates move without a reason: ${found.join(', ')}`, {
    hint: 'Give the reason with --reason; it stays in the history of the plan. Nothing was changed.',
    fields: { found },
  });
}

function isSameChange(change: DateChange): (other: DateChange) => boolean {
  const text = JSON.stringify(historyFields([change]));
  return (other) => JSON.stringify(historyFields([other])) === text;
}

/** The user's own text with the history in it, if it can be kept; read back before it counts. */
function textOf(plan: Plan, text: string | undefined): string {
  const encoded = encodePlan(plan, { findBaseline });
  if (text === undefined) return encoded;
  if (plan.history.length === 0) return text;
  if (!isPlanText(text)) return encoded;
  const document = parseDocument(text);
  if (!isMap(document.contents)) return encoded;
  document.set('history', historyFields(plan.history));
  const kept = document.toString({ lineWidth: 0 });
  const read = encodePlan(parsePlan(kept, { file: plan.name, findBaseline }), { findBaseline });
  return read === encoded ? kept : encoded;
}
