/** Remedies done to the files of a Linux, and undone: a file is kept whole before its first change. */

import { createHash } from 'node:crypto';
import { open, readFile, realpath, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { SealiftError } from '../../../base/errors.ts';
import type { FileEdit } from '../linux-remedies.ts';
import type { Remedy } from '../remedies.ts';
import {
  changedSince,
  forbidden,
  type Journal,
  makeFixFolder,
  newFixId,
  type SavedFile,
  writeDurably,
  writeJournal,
} from './journal.ts';
import type { ApplyOptions } from './registry-apply.ts';

export interface FilesOptions {
  /** The folder that stands for `/`. */
  readonly root: string;
  /** Sets the system-wide policy of Red Hat's family; false when it could not. */
  readonly setPolicy: (name: string) => Promise<boolean>;
}

interface NewContent {
  readonly path: string;
  readonly before: Buffer;
  readonly after: Buffer;
  readonly mtimeMs: number;
}

/**
 * @returns undefined when nothing differs
 * @throws SealiftError `fix/forbidden`, `fix/changed`; then nothing was changed
 */
export async function applyToFiles(
  remedies: readonly Remedy[],
  { root, setPolicy }: FilesOptions,
  { stateFolder, now }: ApplyOptions,
): Promise<Journal | undefined> {
  const edits = remedies.flatMap((remedy) => remedy.edits ?? []);
  const changes = await planFiles(edits, root);
  const policy = edits.find((edit) => edit.kind === 'crypto-policy');
  if (changes.length === 0 && policy === undefined) return undefined;
  const id = newFixId(now);
  const folder = await makeFixFolder(stateFolder, id);
  const files: SavedFile[] = [];
  for (const [i, { path, before, after, mtimeMs }] of changes.entries()) {
    const saved = `${i}.saved`;
    await writeDurably(join(folder, saved), before);
    files.push({ path, saved, before: digest(before), after: digest(after), mtimeMs });
  }
  const journal: Journal = {
    ...{ schema: 'sealift-fix', version: 1, id, at: now.toISOString(), places: [], madeKeys: [] },
    files,
    ...(policy === undefined ? {} : { policy: { from: policy.from, to: policy.to } }),
  };
  await writeJournal(folder, journal);
  for (const { path, after } of changes) await overwrite(path, after);
  for (const { path, after } of files) {
    if (digest(await readFile(path)) !== after) throw incomplete(path, folder);
  }
  if (policy !== undefined && !(await setPolicy(policy.to))) {
    await restoreFiles(files, folder);
    await rm(folder, { recursive: true, force: true });
    throw forbidden('update-crypto-policies');
  }
  return journal;
}

/** @throws SealiftError `fix/changed` when a file is neither as before nor as the fix left it */
export async function undoInFiles(
  journal: Journal,
  folder: string,
  { setPolicy, now }: Pick<FilesOptions, 'setPolicy'> & { readonly now: Date },
): Promise<{ readonly changed: boolean }> {
  const { files, policy, undoneAt } = journal;
  const open: SavedFile[] = [];
  for (const file of files) {
    const found = await readFile(file.path).catch(() => undefined);
    const sum = found === undefined ? undefined : digest(found);
    if (sum === file.before) continue;
    if (sum !== file.after) throw changedSince(file.path);
    await mustBeWritable(file.path);
    open.push(file);
  }
  await restoreFiles(open, folder);
  const isPolicyBack = policy !== undefined && undoneAt === undefined;
  if (isPolicyBack && !(await setPolicy(policy.from))) throw incomplete(policy.from, folder);
  if (undoneAt === undefined)
    await writeJournal(folder, { ...journal, undoneAt: now.toISOString() });
  return { changed: open.length > 0 || isPolicyBack };
}

async function planFiles(edits: readonly FileEdit[], root: string): Promise<NewContent[]> {
  const byFile = new Map<string, { before: Buffer; text: string }>();
  for (const edit of edits) {
    if (edit.kind === 'crypto-policy') continue;
    const path = await realpath(join(root, edit.file)).catch((error: unknown) => {
      throw forbidden(edit.file, error);
    });
    const before = byFile.get(path)?.before ?? (await readFile(path));
    // Every byte as one character, so that nothing but the edit changes.
    const text = byFile.get(path)?.text ?? before.toString('latin1');
    byFile.set(path, { before, text: edited(text, edit) });
  }
  const changes: NewContent[] = [];
  for (const [path, { before, text }] of byFile) {
    const after = Buffer.from(text, 'latin1');
    if (after.equals(before)) continue;
    await mustBeWritable(path);
    changes.push({ path, before, after, mtimeMs: (await stat(path)).mtimeMs });
  }
  return changes;
}

/** By opening it: what `access` says holds for the user who began, not for the one who acts. */
async function mustBeWritable(path: string): Promise<void> {
  try {
    await (await open(path, 'r+')).close();
  } catch (error) {
    throw forbidden(path, error);
  }
}

/** The text with the edit; the same text where it is made already. */
export function edited(text: string, edit: Exclude<FileEdit, { kind: 'crypto-policy' }>): string {
  if (edit.kind === 'java-property') {
    const line = `${edit.name}=${edit.value}`;
    const last = text.replace(/\n$/, '').split('\n').at(-1);
    return last === line ? text : `${text}\n# Sealift\n${line}\n`;
  }
  const lines = text.split('\n');
  const old = lines[edit.line - 1] ?? '';
  const before = /^\s*(?:[A-Za-z0-9]+\.)?([A-Za-z]+)\s*=/.exec(old);
  if (before?.[1]?.toLowerCase() !== edit.command.toLowerCase()) {
    throw changedSince(`${edit.file}:${edit.line}`);
  }
  const end = old.endsWith('\r') ? '\r' : '';
  lines[edit.line - 1] = `${before[0]} ${edit.value}${end}`;
  return lines.join('\n');
}

async function restoreFiles(files: readonly SavedFile[], folder: string): Promise<void> {
  for (const { path, saved, mtimeMs } of files) {
    await overwrite(path, await readFile(join(folder, saved)));
    await utimes(path, new Date(), mtimeMs / 1000);
  }
}

/** In place: owner, mode, links and labels stay. */
async function overwrite(path: string, content: Uint8Array): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.truncate(0);
    await handle.write(content, 0, content.length, 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function digest(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function incomplete(what: string, folder: string): SealiftError {
  return new SealiftError('fix/incomplete', `${what} is not as it should be`, {
    fields: { what, file: folder },
    hint: `What was there is kept in ${folder}.`,
  });
}
