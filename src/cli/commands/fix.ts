/** `sealift fix`: the remedies for the doctor's findings, as files with their undo. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { fillText } from '../../base/fill-text.ts';
import { printable } from '../../base/printable.ts';
import {
  type FixFormat,
  type FixTarget,
  fileNameOf,
  fixFiles,
  fixFormats,
} from '../../doctor/remedies/fix-files.ts';
import { editText } from '../../doctor/remedies/linux-remedies.ts';
import { type Remedy, remediesFor } from '../../doctor/remedies/remedies.ts';
import { textsIn } from '../../doctor/texts/texts.ts';
import { consumerIds, formatData } from '../../doctor/verdicts/verdict.ts';
import type { Context } from '../context.ts';
import type { NamedDiagnosis } from '../doctor-documents.ts';
import { readServer } from '../doctor-server.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { usageError } from '../global-options.ts';
import type { Runner } from '../runner.ts';
import { readFleet, serverHelp } from './doctor.ts';
import { applyHere, rootFolder, undoHere } from './fix-here.ts';

interface FixFlags {
  readonly emit?: string;
  readonly output: string;
  readonly apply?: true;
  readonly undo?: string;
  readonly stateFolder?: string;
  readonly consumer: string;
  readonly server?: string;
}

export function addFix(program: Command, run: Runner): void {
  program
    .command('fix')
    .description(
      'the changes that mend what the doctor found, as files or done here, each with its undo',
    )
    .argument('[paths...]', 'what doctor reads: exports, hives, facts, folders; else this machine')
    .option(
      '--emit <formats>',
      'write the changes as reg, ps1, cmd, sh, ansible, gpp (separated by commas)',
    )
    .option('--output <folder>', 'where to write them', '.')
    .option('--apply', 'make the changes here, keep what was there, and read them back')
    .option('--undo <id>', 'put back what a fix changed: its ID, or latest')
    .option('--state-folder <folder>', 'where fixes keep what was there before')
    .addOption(
      new Option('--consumer <name>', 'the program that has to connect')
        .choices([...consumerIds, 'all'])
        .default('all'),
    )
    .option('--server <server>', serverHelp)
    .action(run(fix));
}

async function fix(context: Context, flags: FixFlags, paths: readonly string[]): Promise<ExitCode> {
  if (flags.undo !== undefined) {
    const others = flags.apply === true || flags.emit !== undefined || paths.length > 0;
    if (others) throw usageError('--undo stands alone: no paths, no --apply, no --emit');
    return undoHere(context, flags.undo, flags.stateFolder);
  }
  const root = flags.apply === true ? await rootFolder(paths) : undefined;
  const wanted = parseFormats(flags.emit);
  const { machines, failures } = await readFleet(context, paths, {
    server: await readServer(context, flags.server),
    consumer: consumerIds.find((id) => id === flags.consumer),
  });
  if (wanted.length > 0) await mkdir(flags.output, { recursive: true });
  const names = new Set<string>();
  for (const machine of machines) {
    const { facts, findings } = machine.diagnosis;
    const remedies = remediesFor(facts, findings);
    const files: string[] = [];
    const name = uniqueName(machine.name, names);
    for (const format of wanted) {
      files.push(
        ...(await writeFixes(remedies, {
          ...{ folder: flags.output, name, format },
          ...{ language: context.language, nowMs: Date.now() },
        })),
      );
    }
    const journal =
      flags.apply === true
        ? await applyHere(context, remedies, { stateFolder: flags.stateFolder, root })
        : undefined;
    print(context, { machine, remedies, files, fix: journal?.id });
  }
  return failures > 0 ? exitCodes.failed : exitCodes.done;
}

function parseFormats(text: string | undefined): FixFormat[] {
  const given = text === undefined ? [] : text.split(',').map((part) => part.trim());
  return given.map((part) => {
    const format = fixFormats.find((known) => known === part);
    if (format !== undefined) return format;
    throw usageError(`--emit takes ${fixFormats.join(', ')}, not '${part}'`);
  });
}

/** A machine's name as that of a file; two of the same name get a number. */
function uniqueName(name: string, taken: Set<string>): string {
  const plain = fileNameOf(name);
  let unique = plain;
  for (let i = 2; taken.has(unique.toLowerCase()); i += 1) unique = `${plain}-${i}`;
  taken.add(unique.toLowerCase());
  return unique;
}

/** Writes the changes and their undo; nothing for a machine that needs no change. */
async function writeFixes(
  remedies: readonly Remedy[],
  { folder, ...target }: FixTarget & { readonly folder: string },
): Promise<string[]> {
  const written: string[] = [];
  for (const { name, bytes, executable } of fixFiles(remedies, target)) {
    const file = join(folder, name);
    await writeFile(file, bytes, executable ? { mode: 0o755 } : {});
    written.push(file);
  }
  return written;
}

interface Fixed {
  readonly machine: NamedDiagnosis;
  readonly remedies: readonly Remedy[];
  readonly files: readonly string[];
  /** What --undo takes, where something was changed here. */
  readonly fix: string | undefined;
}

function print({ out, language }: Context, { machine, remedies, files, fix }: Fixed): void {
  const texts = textsIn(language);
  const title = ({ text, fields }: Remedy) => fillText(texts.remedies[text], fields);
  if (out.modes.json) {
    out.json({
      machine: machine.name,
      remedies: remedies.map((remedy) => ({ ...remedy, title: title(remedy) })),
      files,
      ...(fix === undefined ? {} : { fix }),
    });
    return;
  }
  out.result(fillText(texts.report.fixes, { name: printable(machine.name) }));
  const changing = remedies.filter(({ changes }) => changes.length > 0);
  const editing = remedies.filter(({ edits = [] }) => edits.length > 0);
  const byHand = remedies.filter((remedy) => remedy.byHand);
  if (remedies.length === 0) out.result(`  ${texts.report.nothingToFix}`);
  for (const remedy of changing) {
    out.result(`  ${title(remedy)}`);
    for (const { path, name, value, before } of remedy.changes) {
      const old = before === undefined ? texts.report.absent : formatData(before.data);
      const now = value === undefined ? texts.report.absent : formatData(value);
      out.result(`    ${printable(`${path}  ${name}`)}: ${printable(old)} -> ${now}`);
    }
  }
  for (const remedy of editing) {
    out.result(`  ${title(remedy)}`);
    for (const edit of remedy.edits ?? []) out.result(`    ${printable(editText(edit))}`);
  }
  if (byHand.length > 0) out.result(`  ${texts.report.byHand}`);
  for (const remedy of byHand) out.result(`    ${title(remedy)}`);
  if (changing.length > 0) out.result(`  ${texts.restart.reboot}`);
  if (editing.length > 0) out.result(`  ${texts.restart.programs}`);
  if (fix !== undefined) out.result(`  ${fillText(texts.report.applied, { id: fix })}`);
  for (const file of files) out.result(`  ${fillText(texts.report.written, { file })}`);
}
