/** `sealift doctor`: will the machines at the paths still connect, and why not. */

import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { SealiftError } from '../../base/errors.ts';
import { diagnose } from '../../doctor/doctor.ts';
import { type MachineReading, readMachines } from '../../doctor/facts/read-machines.ts';
import { azurePolicy, findServerPolicy } from '../../doctor/rules/server-policies.ts';
import {
  type ConsumerId,
  consumerIds,
  type Status,
  worstOf,
} from '../../doctor/verdicts/verdict.ts';
import { findBaseline } from '../../tls/baselines.ts';
import { type Policy, parsePolicy } from '../../tls/policy.ts';
import type { Context } from '../context.ts';
import { diagnosisLines } from '../doctor-report.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { usageError } from '../global-options.ts';
import type { Runner } from '../runner.ts';

interface DoctorFlags {
  readonly consumer?: string;
  readonly server?: string;
  readonly format: string;
}

export function addDoctor(program: Command, run: Runner): void {
  program
    .command('doctor')
    .description('will this machine still connect: its TLS stacks, what is wrong, how to fix it')
    .argument(
      '[paths...]',
      '.reg exports, hives, facts, a mounted Windows disk, a folder of machines',
    )
    .addOption(
      new Option('--consumer <name>', 'the program that has to connect')
        .choices([...consumerIds, 'all'])
        .default('all'),
    )
    .option('--server <policy>', 'what the server speaks: a baseline, "azure", or a policy file')
    .addOption(
      new Option('--format <format>', 'how to print the result')
        .choices(['text', 'json'])
        .default('text'),
    )
    .action(run(doctor));
}

async function doctor(
  context: Context,
  flags: DoctorFlags,
  paths: readonly string[],
): Promise<ExitCode> {
  if (paths.length === 0) throw usageError('name the facts to read: a file or a folder');
  const policy = await readServerPolicy(flags.server);
  const consumer = consumerIds.find((id) => id === flags.consumer);
  const statuses: Status[] = [];
  for await (const machine of readMachines(paths)) {
    statuses.push(printMachine(context, machine, { policy, consumer }));
  }
  return exitOf(worstOf(statuses));
}

function printMachine(
  context: Context,
  machine: MachineReading,
  {
    policy,
    consumer,
  }: { readonly policy: Policy | undefined; readonly consumer: ConsumerId | undefined },
): Status {
  if ('error' in machine) throw machine.error;
  const diagnosis = diagnose(machine.facts, { policy, consumer });
  const lines = diagnosisLines(machine.name, diagnosis, {
    language: context.language,
    policy: (policy ?? azurePolicy).name,
    verbose: context.out.modes.verbosity > 0,
  });
  for (const line of lines) context.out.result(line);
  return diagnosis.status;
}

/** A baseline or `azure` by name, else a policy file. */
export async function readServerPolicy(server: string | undefined): Promise<Policy | undefined> {
  if (server === undefined) return undefined;
  const named = findServerPolicy(server);
  if (named !== undefined) return named;
  const yaml = await readFile(server, 'utf8').catch((cause: unknown) => {
    throw new SealiftError('usage/invalid', `--server ${server}: neither a baseline nor a file`, {
      cause,
      hint: 'Baselines: azure, modern, intermediate, old, nist, bsi, pq.',
    });
  });
  return parsePolicy(yaml, { file: server, findBaseline });
}

export function exitOf(status: Status): ExitCode {
  if (status === 'ready') return exitCodes.done;
  return status === 'not-ready' ? exitCodes.failed : exitCodes.unknown;
}
