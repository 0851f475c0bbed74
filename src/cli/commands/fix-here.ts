/** `sealift fix --apply` and `--undo`: the remedies done on this machine, with a way back. */

import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fillText } from '../../base/fill-text.ts';
import { windowsTools } from '../../doctor/facts/windows-live.ts';
import { applyToFiles, undoInFiles } from '../../doctor/remedies/apply/files-apply.ts';
import { type Journal, readJournal } from '../../doctor/remedies/apply/journal.ts';
import { applyToRegistry, undoInRegistry } from '../../doctor/remedies/apply/registry-apply.ts';
import { setCryptoPolicy } from '../../doctor/remedies/apply/set-crypto-policy.ts';
import type { Remedy } from '../../doctor/remedies/remedies.ts';
import { textsIn } from '../../doctor/texts/texts.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { usageError } from '../global-options.ts';

export interface HereOptions {
  readonly stateFolder: string | undefined;
  /** The root of a Linux disk instead of this machine. */
  readonly root: string | undefined;
}

export async function rootFolder(paths: readonly string[]): Promise<string | undefined> {
  const [path] = paths;
  if (path === undefined) return undefined;
  const info = await stat(join(path, 'etc')).catch(() => undefined);
  if (paths.length === 1 && info?.isDirectory() === true) return resolve(path);
  throw usageError('--apply changes this machine, or a Linux disk whose root is named');
}

/** @returns undefined when nothing had to be changed */
export async function applyHere(
  { env }: Context,
  remedies: readonly Remedy[],
  { stateFolder, root }: HereOptions,
): Promise<Journal | undefined> {
  const options = { stateFolder: stateFolder ?? usualStateFolder(env), now: new Date() };
  if (process.platform === 'win32') return applyToRegistry(remedies, windowsTools(env), options);
  // Another disk's policy cannot be set by this system's tool.
  const setPolicy = root === undefined ? setCryptoPolicy : async () => false;
  return applyToFiles(remedies, { root: root ?? '/', setPolicy }, options);
}

export async function undoHere(
  context: Context,
  id: string,
  stateFolder: string | undefined,
): Promise<ExitCode> {
  const { env, language, out } = context;
  const { folder, journal } = await readJournal(stateFolder ?? usualStateFolder(env), id);
  const now = new Date();
  const { changed } =
    journal.places.length > 0
      ? await undoInRegistry(journal, folder, { run: windowsTools(env), now })
      : await undoInFiles(journal, folder, { setPolicy: setCryptoPolicy, now });
  const texts = textsIn(language);
  if (out.modes.json) out.json({ undone: journal.id, changed });
  else {
    const text = changed ? texts.report.undone : texts.report.undoneBefore;
    out.result(fillText(text, { id: journal.id }));
    if (changed && journal.places.length > 0) out.result(texts.restart.reboot);
  }
  return exitCodes.done;
}

function usualStateFolder(env: NodeJS.ProcessEnv): string {
  if (process.platform !== 'win32') return '/var/lib/sealift/fix';
  return join(env['ProgramData'] ?? 'C:\\ProgramData', 'Sealift', 'fix');
}
