/** `sealift fix`: the remedies for the doctor's findings, as files with their undo. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { fillText } from '../../base/fill-text.ts';
import { emitCmd } from '../../doctor/remedies/emit-cmd.ts';
import { emitPowerShell } from '../../doctor/remedies/emit-powershell.ts';
import { emitReg, encodeRegFile } from '../../doctor/remedies/emit-reg.ts';
import { emitShell } from '../../doctor/remedies/emit-sh.ts';
import type { FileEdit } from '../../doctor/remedies/linux-remedies.ts';
import {
  applyOperations,
  type Operation,
  undoOperations,
} from '../../doctor/remedies/operations.ts';
import { type Remedy, remediesFor } from '../../doctor/remedies/remedies.ts';
import { textsIn } from '../../doctor/texts/texts.ts';
import { consumerIds, formatData } from '../../doctor/verdicts/verdict.ts';
import type { Context } from '../context.ts';
import type { NamedDiagnosis } from '../doctor-documents.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { type ManagedFormat, writeManaged } from '../fix-managed.ts';
import { usageError } from '../global-options.ts';
import { printable } from '../output.ts';
import type { Runner } from '../runner.ts';
import { readFleet, readServerPolicy } from './doctor.ts';
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

const formats = ['reg', 'ps1', 'cmd', 'sh', 'ansible', 'gpp'] as const;
type Format = (typeof formats)[number];

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
    .option('--server <policy>', 'what the server speaks: a baseline, "azure", or a policy file')
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
    policy: await readServerPolicy(flags.server),
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
        ...(await writeScripts(remedies, { folder: flags.output, name, format, context })),
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

function parseFormats(text: string | undefined): Format[] {
  const given = text === undefined ? [] : text.split(',').map((part) => part.trim());
  return given.map((part) => {
    const format = formats.find((known) => known === part);
    if (format !== undefined) return format;
    throw usageError(`--emit takes ${formats.join(', ')}, not '${part}'`);
  });
}

/** A machine's name as that of a file; two of the same name get a number. */
function uniqueName(name: string, taken: Set<string>): string {
  const plain = name.replace(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^\.+/, '') || 'machine';
  let unique = plain;
  for (let i = 2; taken.has(unique.toLowerCase()); i += 1) unique = `${plain}-${i}`;
  taken.add(unique.toLowerCase());
  return unique;
}

interface Target {
  readonly folder: string;
  readonly name: string;
  readonly format: Format;
  readonly context: Context;
}

/** Writes the changes and their undo; nothing for a machine that needs no change. */
async function writeScripts(remedies: readonly Remedy[], target: Target): Promise<string[]> {
  const { folder, name, format, context } = target;
  if (format === 'sh') return writeShell(remedies, target);
  if (format === 'ansible' || format === 'gpp')
    return writeManaged(remedies, { ...target, format });
  const apply = applyOperations(remedies);
  if (apply.length === 0) return [];
  const texts = textsIn(context.language);
  const fixFile = join(folder, `fix-${name}.${format}`);
  const undoFile = join(folder, `undo-${name}.${format}`);
  const titles = remedies
    .filter(({ byHand }) => !byHand)
    .map(({ text, fields }) => fillText(texts.remedies[text], fields));
  // Batch files are read in a code page and PowerShell 2.0 scripts too: English is the same in all.
  const isPlain = format === 'reg';
  const notes = isPlain
    ? [
        ...titles,
        fillText(texts.report.undoBelow, { file: `undo-${name}.reg` }),
        texts.restart.reboot,
      ]
    : [`Sealift; undo: undo-${name}.${format}`];
  await writeFile(fixFile, encode(format, apply, notes));
  await writeFile(undoFile, encode(format, undoOperations(remedies), []));
  return [fixFile, undoFile];
}

/** Scripts for Linux; nothing for a machine without a file to change. */
async function writeShell(
  remedies: readonly Remedy[],
  { folder, name, context }: Target,
): Promise<string[]> {
  const edits = remedies.flatMap(({ edits: own = [] }) => own);
  if (edits.length === 0) return [];
  const texts = textsIn(context.language);
  const titles = remedies
    .filter(({ byHand }) => !byHand)
    .map(({ text, fields }) => fillText(texts.remedies[text], fields));
  const undoName = `undo-${name}.sh`;
  const { apply, undo } = emitShell(edits, [
    ...titles,
    fillText(texts.report.undoBelow, { file: undoName }),
  ]);
  const files = [join(folder, `fix-${name}.sh`), join(folder, undoName)] as const;
  await writeFile(files[0], apply, { mode: 0o755 });
  await writeFile(files[1], undo, { mode: 0o755 });
  return [...files];
}

function encode(
  format: Exclude<Format, 'sh' | ManagedFormat>,
  operations: readonly Operation[],
  notes: readonly string[],
): Uint8Array {
  switch (format) {
    case 'reg':
      return encodeRegFile(emitReg(operations, notes));
    case 'ps1':
      // With a mark PowerShell of every version reads it as UTF-8.
      return Buffer.from(`\ufeff${emitPowerShell(operations, notes.map(ascii))}`, 'utf8');
    case 'cmd':
      return Buffer.from(emitCmd(operations, notes.map(ascii)), 'utf8');
  }
}

function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
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
  if (fix !== undefined) out.result(`  ${fillText(texts.report.applied, { id: fix })}`);
  for (const file of files) out.result(`  ${fillText(texts.report.written, { file })}`);
}

/** Where and what, in the file's own language. */
function editText(edit: FileEdit): string {
  switch (edit.kind) {
    case 'openssl-line':
      return `${edit.file}:${edit.line}  ${edit.command} = ${edit.value}`;
    case 'java-property':
      return `${edit.file}  ${edit.name}=${edit.value}`;
    case 'crypto-policy':
      return `update-crypto-policies --set ${edit.to}  (${edit.from})`;
  }
}
