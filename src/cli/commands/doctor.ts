/** `sealift doctor`: will the machines at the paths still connect, and why not. */

import { type Command, Option } from 'commander';
import { diagnose, diagnoseUnread } from '../../doctor/doctor.ts';
import { withServerClock } from '../../doctor/explain/server/server-facts.ts';
import {
  type MachineFailure,
  type MachineReading,
  readLiveMachine,
  readMachines,
} from '../../doctor/facts/read-machines.ts';
import { readSnapshotMachines } from '../../doctor/facts/snapshot/snapshot-machines.ts';
import { azurePolicy } from '../../doctor/rules/server-policies.ts';
import {
  type ConsumerId,
  consumerIds,
  type Status,
  worstOf,
} from '../../doctor/verdicts/verdict.ts';
import { findSnapshot } from '../../engine/snapshots.ts';
import { findFolder } from '../../engine/walk-trees.ts';
import type { Policy } from '../../tls/policy.ts';
import type { Context } from '../context.ts';
import { encodeRows } from '../csv.ts';
import {
  csvHeadings,
  csvRows,
  diagnosisDocument,
  type NamedDiagnosis,
  sarifLog,
} from '../doctor-documents.ts';
import { fleetLines, summaryOf } from '../doctor-fleet.ts';
import { DoctorPage } from '../doctor-page.ts';
import { diagnosisLines } from '../doctor-report.ts';
import { type DoctorServer, readServer } from '../doctor-server.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { usageError } from '../global-options.ts';
import { withIndex } from '../open-repository.ts';
import type { Runner } from '../runner.ts';
import { addCollect } from './doctor-collect.ts';
import { addDump } from './doctor-dump.ts';

export const serverHelp =
  'what the server speaks: a baseline, "azure", a policy file, or HOST:PORT to ask it';

interface DoctorFlags {
  readonly consumer: string;
  readonly server?: string;
  readonly format: string;
  readonly snapshot?: string;
}

export function addDoctor(program: Command, run: Runner): void {
  const doctor = program
    .command('doctor')
    .description('will this machine still connect: its TLS stacks, what is wrong, how to fix it')
    .argument(
      '[paths...]',
      '.reg exports, hives, facts, a mounted disk, a folder of machines; else this machine',
    )
    .addOption(
      new Option('--consumer <name>', 'the program that has to connect')
        .choices([...consumerIds, 'all'])
        .default('all'),
    )
    .option('--server <server>', serverHelp)
    .addOption(
      new Option('--format <format>', 'how to print the result')
        .choices(['text', 'json', 'csv', 'sarif', 'html'])
        .default('text'),
    )
    .option(
      '--snapshot <id>',
      'read the machine inside this snapshot of -r: an ID, latest, ID:folder',
    )
    .action(run(runDoctor));
  addDump(doctor, run);
  addCollect(doctor, run);
}

async function runDoctor(
  context: Context,
  flags: DoctorFlags,
  paths: readonly string[],
): Promise<ExitCode> {
  const server = await readServer(context, flags.server);
  const consumer = consumerIds.find((id) => id === flags.consumer);
  const format = context.out.modes.json ? 'json' : flags.format;
  const printer = printerOf(context, format, server.policy ?? azurePolicy);
  const statuses = new Set<Status>();
  const { snapshot } = flags;
  const failures = await readEach(context, paths, { server, consumer, snapshot }, (machine) => {
    statuses.add(machine.diagnosis.status);
    printer.add(machine);
  });
  for (const { name, path, error } of failures) {
    statuses.add('unknown');
    printer.add({ name, path, diagnosis: diagnoseUnread(path, context.explain(error)) });
  }
  printer.end();
  return exitOf(worstOf([...statuses]));
}

/** Takes machines as they are read, and keeps no more of them than it has to print at the end. */
interface Printer {
  add(machine: NamedDiagnosis): void;
  end(): void;
}

function printerOf(context: Context, format: string, policy: Policy): Printer {
  const { language, out } = context;
  switch (format) {
    case 'json':
      return {
        add: (machine) => out.json(diagnosisDocument(machine, language)),
        end: () => undefined,
      };
    case 'csv': {
      let head: readonly (readonly string[])[] = [csvHeadings];
      const print = (rows: readonly (readonly string[])[]): void => {
        out.raw(Buffer.from(encodeRows([...head, ...rows])));
        head = [];
      };
      return { add: (machine) => print(csvRows(machine, language)), end: () => print([]) };
    }
    case 'html': {
      const page = new DoctorPage(language);
      return {
        add: (machine) => page.add(machine),
        end: () => out.raw(Buffer.from(page.render())),
      };
    }
    default: {
      const machines: NamedDiagnosis[] = [];
      let first: NamedDiagnosis | undefined;
      return {
        add(machine) {
          first = machines.length === 0 ? machine : undefined;
          machines.push(summaryOf(machine));
        },
        end() {
          if (format === 'sarif') out.json(sarifLog(machines, language));
          else printText(context, first === undefined ? machines : [first], policy);
        },
      };
    }
  }
}

interface Fleet {
  readonly machines: readonly NamedDiagnosis[];
  readonly failures: number;
}

export interface FleetOptions {
  readonly server: DoctorServer;
  readonly consumer: ConsumerId | undefined;
  /** Machines are read inside it instead of from the paths. */
  readonly snapshot?: string | undefined;
}

/** Diagnoses every machine and keeps all of it. See {@link readEach}. */
export async function readFleet(
  context: Context,
  paths: readonly string[],
  options: FleetOptions,
): Promise<Fleet> {
  const machines: NamedDiagnosis[] = [];
  const failures = await readEach(context, paths, options, (machine) => {
    machines.push(machine);
  });
  return { machines, failures: failures.length };
}

/**
 * Diagnoses every machine, this one when none is named. What cannot be read is a warning, unless it is
 * all that was named.
 * @returns those that could not be read
 */
async function readEach(
  context: Context,
  paths: readonly string[],
  options: FleetOptions,
  visit: (machine: NamedDiagnosis) => void,
): Promise<readonly MachineFailure[]> {
  let count = 0;
  const { server, consumer } = options;
  const failures: MachineFailure[] = [];
  const take = async (readings: AsyncIterable<MachineReading> | Iterable<MachineReading>) => {
    for await (const machine of readings) {
      context.signal.throwIfAborted();
      if ('error' in machine) failures.push(machine);
      else {
        const { name, path, facts } = machine;
        count += 1;
        visit({ name, path, diagnosis: diagnose(facts, { policy: server.policy, consumer }) });
      }
    }
  };
  if (options.snapshot !== undefined) await inSnapshot(context, { ...options, paths }, take);
  else await take(paths.length === 0 ? thisMachine(context, server) : readMachines(paths));
  const [failure] = failures;
  if (failure !== undefined && count === 0 && failures.length === 1) throw failure.error;
  for (const { error } of failures) context.out.warn(context.explain(error));
  return failures;
}

async function inSnapshot(
  context: Context,
  {
    snapshot = '',
    paths,
  }: { readonly snapshot?: string | undefined; readonly paths: readonly string[] },
  take: (readings: AsyncIterable<MachineReading>) => Promise<void>,
): Promise<void> {
  if (paths.length > 0) throw usageError('--snapshot and paths exclude each other');
  await withIndex(context, { lock: 'read' }, async (repository, signal) => {
    const found = await findSnapshot(repository, snapshot, {}, { signal });
    const tree = await findFolder(repository, found.snapshot.tree, found.subfolder ?? '', signal);
    const folder = found.subfolder === undefined ? '' : found.subfolder.replace(/^\/?/, '/');
    const label = `snapshot ${found.id.slice(0, 8)}:${folder}`;
    await take(
      readSnapshotMachines({ repository, signal, label, tree, host: found.snapshot.hostname }),
    );
  });
}

async function* thisMachine(
  { env }: Context,
  { check }: DoctorServer,
): AsyncGenerator<MachineReading> {
  const machine = await readLiveMachine(env);
  if (machine === undefined) throw usageError('name the facts to read: a file or a folder');
  const { facts } = machine;
  yield check === undefined ? machine : { ...machine, facts: withServerClock(facts, check) };
}

function printText(
  { out, language }: Context,
  machines: readonly NamedDiagnosis[],
  policy: Policy,
): void {
  const [only] = machines;
  const options = { language, policy: policy.name, verbose: out.modes.verbosity > 0 };
  const lines =
    machines.length === 1 && only !== undefined
      ? diagnosisLines(only.name, only.diagnosis, options)
      : fleetLines(machines, options);
  for (const line of lines) out.result(line);
}

export function exitOf(status: Status): ExitCode {
  if (status === 'ready') return exitCodes.done;
  return status === 'not-ready' ? exitCodes.failed : exitCodes.unknown;
}
