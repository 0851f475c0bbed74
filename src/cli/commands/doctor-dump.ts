/** `sealift doctor dump`: every key and value of a hive, its logs replayed, as a `.reg` export. */

import type { Command } from 'commander';
import { SealiftError } from '../../base/errors.ts';
import { readHiveFile } from '../../doctor/facts/read-file.ts';
import type { Hive, HiveKey } from '../../doctor/facts/registry/hive.ts';
import { formatRegValue, regHeader } from '../../doctor/facts/registry/reg-text.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Runner } from '../runner.ts';

/** Where the keys of a hive stand in the export: a hive does not know its own place. */
const top = 'HKEY_LOCAL_MACHINE\\HIVE';

export function addDump(doctor: Command, run: Runner): void {
  doctor
    .command('dump')
    .description('print every key and value of a hive file as a .reg export')
    .argument('<hive>', 'the file; .LOG1 and .LOG2 beside it are replayed')
    .argument('[key]', 'only this key and what stands below it')
    .action(run(dump));
}

async function dump(
  context: Context,
  _flags: unknown,
  [file = '', start = '']: readonly string[],
): Promise<ExitCode> {
  const { hive, image } = await readHiveFile(file);
  const first = start === '' ? hive.root() : hive.findKey(start);
  if (first === undefined) {
    throw new SealiftError('facts/unreadable', `${file}: no key ${start} can be read`, {
      fields: { file, detail: `${start}: –` },
    });
  }
  const { out } = context;
  if (!out.modes.json) out.result(`${regHeader}\r`);
  for (const { path, key } of below(hive, first, start)) {
    context.signal.throwIfAborted();
    if (out.modes.json) printJson(context, path, hive, key);
    else printReg(context, path, hive, key);
  }
  for (const note of image.notes) out.warn(`${file}: ${JSON.stringify(note)}`);
  for (const { what, fileOffset } of hive.problems) {
    out.warn(`${file}: 0x${fileOffset.toString(16)}: ${what}`);
  }
  return hive.problems.length > 0 ? exitCodes.failed : exitCodes.done;
}

/** Keys in the order of an export, by the walk that knows about loops. */
function* below(hive: Hive, first: HiveKey, start: string) {
  const prefix = start.replace(/^\\+|\\+$/g, '');
  for (const { path, key } of hive.walk()) {
    const isFirst = key.offset === first.offset;
    const isBelow =
      prefix === '' || path.toUpperCase().startsWith(`${prefix.toUpperCase()}\\`) || isFirst;
    if (isBelow) yield { path, key };
  }
}

function printReg({ out }: Context, path: string, hive: Hive, key: HiveKey): void {
  out.result(`[${path === '' ? top : `${top}\\${path}`}]\r`);
  for (const value of hive.values(key)) out.result(`${formatRegValue(value)}\r`);
  out.result('\r');
}

function printJson({ out }: Context, path: string, hive: Hive, key: HiveKey): void {
  const values = [...hive.values(key)].map(({ name, type, data, fileOffset }) => ({
    ...{ name, type, data: Buffer.from(data).toString('hex'), offset: fileOffset },
  }));
  out.json({ key: path, offset: key.fileOffset, values });
}
