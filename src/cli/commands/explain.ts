/** `sealift explain`: the cause of a failure, ranked, with the check that tells causes apart and the fix. */

import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import { messageOf, SealiftError } from '../../base/errors.ts';
import { diagnose } from '../../doctor/doctor.ts';
import { observationsOfDiagnosis } from '../../doctor/explain/diagnosis.ts';
import {
  type Explanation,
  explain,
  explainLines,
  type Observation,
  withObservations,
} from '../../doctor/explain/explain.ts';
import { readLogLines } from '../../doctor/explain/read-log.ts';
import type { ServerCheck } from '../../doctor/explain/server/check-server.ts';
import { observationsOfServer } from '../../doctor/explain/server/observations.ts';
import { policyOfServer } from '../../doctor/explain/server/server-facts.ts';
import { readMachines } from '../../doctor/facts/read-machines.ts';
import { askServer } from '../ask-server.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { explanationDocument, renderExplanation } from '../explain-report.ts';
import { usageError } from '../global-options.ts';
import type { Runner } from '../runner.ts';
import { renderServerCheck, serverCheckDocument } from '../server-check-report.ts';

interface ExplainFlags {
  readonly from?: string;
  readonly server?: string;
  readonly facts?: string;
}

export function addExplain(program: Command, run: Runner): void {
  program
    .command('explain')
    .description('the cause of a failed connection, with the fix')
    .addHelpText(
      'before',
      'Try it:  sealift explain 10054\n         sealift explain --from CBEngineCurr.errlog\n' +
        '         sealift explain 10054 --server vault.example:8443\n',
    )
    .argument('[text...]', 'an error number, a message or lines of a log (default: standard input)')
    .option('--from <file>', 'read a whole log, in any encoding; - is standard input')
    .option('--server <host:port>', 'make the check: what this server does with each TLS version')
    .option('--facts <path>', 'facts of the machine that failed, as the doctor reads them')
    .action(run(runExplain));
}

async function runExplain(
  context: Context,
  flags: ExplainFlags,
  operands: readonly string[],
): Promise<ExitCode> {
  const explanation = await explainInput(flags, operands);
  const check = flags.server === undefined ? undefined : await askServer(context, flags.server);
  const weighed = withObservations(explanation, [
    ...(flags.facts === undefined ? [] : await observeMachine(flags.facts, check)),
    ...(check === undefined ? [] : observationsOfServer(check)),
  ]);
  const isAsked = operands.length > 0 || flags.from !== undefined || check === undefined;
  print(context, weighed, { check, isAsked });
  return weighed.known ? exitCodes.done : exitCodes.unknown;
}

/** The doctor's verdict on the machine at a path, for the server that was asked, else for the usual one. */
async function observeMachine(path: string, check?: ServerCheck): Promise<Observation[]> {
  const policy = check === undefined ? undefined : policyOfServer(check);
  for await (const machine of readMachines([path])) {
    if ('error' in machine) throw machine.error;
    return observationsOfDiagnosis(diagnose(machine.facts, { policy }));
  }
  return [];
}

async function explainInput(
  { from, server }: ExplainFlags,
  operands: readonly string[],
): Promise<Explanation> {
  if (from !== undefined && operands.length > 0) {
    throw usageError('explain takes a text or --from, not both');
  }
  if (operands.length > 0) return explain(operands.join(' '));
  if (from !== undefined && from !== '-') return explainFile(from);
  // With a server to ask, a text is welcome and not needed; a pipe nobody writes to would block.
  if (from === undefined && server !== undefined) return explain('');
  if (from === undefined && process.stdin.isTTY) {
    throw usageError(
      'explain needs something to explain',
      'Give the error number or message, or --from LOGFILE.',
    );
  }
  return explainLines(readLogLines(process.stdin));
}

async function explainFile(path: string): Promise<Explanation> {
  try {
    return await explainLines(readLogLines(createReadStream(path)));
  } catch (error) {
    throw new SealiftError('usage/invalid', `--from ${path}: ${messageOf(error)}`, {
      cause: error,
      hint: 'Check the path and that you may read the file.',
      fields: { path },
    });
  }
}

function print(
  { out, say, language }: Context,
  explanation: Explanation,
  { check, isAsked }: { readonly check: ServerCheck | undefined; readonly isAsked: boolean },
): void {
  if (out.modes.json) {
    const server = check === undefined ? {} : { server: serverCheckDocument(check) };
    out.json({ ...explanationDocument(explanation, language), ...server });
    return;
  }
  if (check !== undefined) {
    for (const line of renderServerCheck(check, language)) out.result(line);
    out.result('');
  }
  if (!explanation.known) out.result(say(isAsked ? 'explain.unknown' : 'explain.nothingWrong'));
  for (const line of renderExplanation(explanation, language)) out.result(line);
}
