/** `sealift explain`: the cause of a failure, ranked, with the check that tells causes apart and the fix. */

import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import { messageOf, SealiftError } from '../../base/errors.ts';
import { type Explanation, explain, explainLines } from '../../doctor/explain/explain.ts';
import { readLogLines } from '../../doctor/explain/read-log.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { explanationDocument, renderExplanation } from '../explain-report.ts';
import { usageError } from '../global-options.ts';
import type { Runner } from '../runner.ts';

interface ExplainFlags {
  readonly from?: string;
}

export function addExplain(program: Command, run: Runner): void {
  program
    .command('explain')
    .description('the cause of a failed connection, with the fix')
    .addHelpText(
      'before',
      'Try it:  sealift explain 10054\n         sealift explain --from CBEngineCurr.errlog\n',
    )
    .argument('[text...]', 'an error number, a message or lines of a log (default: standard input)')
    .option('--from <file>', 'read a whole log, in any encoding; - is standard input')
    .action(run(runExplain));
}

async function runExplain(
  context: Context,
  flags: ExplainFlags,
  operands: readonly string[],
): Promise<ExitCode> {
  const explanation = await explainInput(flags, operands);
  print(context, explanation);
  return explanation.known ? exitCodes.done : exitCodes.unknown;
}

async function explainInput(
  { from }: ExplainFlags,
  operands: readonly string[],
): Promise<Explanation> {
  if (from !== undefined && operands.length > 0) {
    throw usageError('explain takes a text or --from, not both');
  }
  if (operands.length > 0) return explain(operands.join(' '));
  if (from !== undefined && from !== '-') return explainFile(from);
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

function print({ out, say, language }: Context, explanation: Explanation): void {
  if (out.modes.json) {
    out.json(explanationDocument(explanation, language));
    return;
  }
  if (!explanation.known) out.result(say('explain.unknown'));
  for (const line of renderExplanation(explanation, language)) out.result(line);
}
