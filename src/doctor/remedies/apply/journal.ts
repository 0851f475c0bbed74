/**
 * What a fix did, kept so that it can be undone: one folder for each, written before the first change.
 */

import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, SealiftError } from '../../../base/errors.ts';

const value = z.strictObject({ type: z.string(), data: z.strictObject({ hex: z.string() }) });

/** A value of the registry; left out where it is absent. */
const place = z.strictObject({
  path: z.string(),
  name: z.string(),
  before: value.optional(),
  after: value.optional(),
});

const file = z.strictObject({
  path: z.string(),
  /** The copy in the fix's folder. */
  saved: z.string(),
  /** SHA-256 in hexadecimal. */
  before: z.string(),
  after: z.string(),
  mtimeMs: z.number(),
});

const journalSchema = z.strictObject({
  schema: z.literal('sealift-fix'),
  version: z.literal(1),
  id: z.string(),
  at: z.string(),
  places: z.array(place).default([]),
  /** Keys that the fix made, the topmost of each branch. */
  madeKeys: z.array(z.string()).default([]),
  files: z.array(file).default([]),
  policy: z.strictObject({ from: z.string(), to: z.string() }).optional(),
  undoneAt: z.string().optional(),
});

export type Journal = z.output<typeof journalSchema>;
export type Place = z.output<typeof place>;
export type SavedFile = z.output<typeof file>;

const journalName = 'fix.json';

export function newFixId(now: Date): string {
  const time = now.toISOString().replace(/[-:]/g, '').replace(/\..*/, '').replace('T', '-');
  return `${time}-${randomBytes(2).toString('hex')}`;
}

/** Makes the folder of a fix. @throws SealiftError `fix/forbidden` */
export async function makeFixFolder(stateFolder: string, id: string): Promise<string> {
  const folder = join(stateFolder, id);
  try {
    await mkdir(stateFolder, { recursive: true, mode: 0o700 });
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    throw forbidden(folder, error);
  }
  return folder;
}

export async function writeJournal(folder: string, journal: Journal): Promise<void> {
  await writeDurably(join(folder, `${journalName}.new`), JSON.stringify(journal, null, 2));
  await rename(join(folder, `${journalName}.new`), join(folder, journalName));
}

/** On the disk when it returns. */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(path, 'w', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * @param id of a fix, or `latest`
 * @throws SealiftError `fix/unknown-id`
 */
export async function readJournal(
  stateFolder: string,
  id: string,
): Promise<{ readonly folder: string; readonly journal: Journal }> {
  const ids = (await readdir(stateFolder).catch(() => [])).sort();
  const wanted = id === 'latest' ? ids.at(-1) : ids.find((known) => known === id);
  if (wanted === undefined) throw unknownId(id, stateFolder);
  const folder = join(stateFolder, wanted);
  try {
    const text = await readFile(join(folder, journalName), 'utf8');
    return { folder, journal: journalSchema.parse(JSON.parse(text)) };
  } catch (error) {
    throw unknownId(wanted, stateFolder, error);
  }
}

function unknownId(id: string, folder: string, cause?: unknown): SealiftError {
  return new SealiftError('fix/unknown-id', `no fix ${id} in ${folder}`, {
    fields: { id, folder },
    hint: 'The folders there are named by the IDs that can be undone.',
    cause,
  });
}

export function forbidden(what: string, cause?: unknown): SealiftError {
  const detail = cause === undefined ? '' : messageOf(cause);
  return new SealiftError('fix/forbidden', `cannot write ${what}; nothing was changed`, {
    fields: { what, detail },
    hint: 'Run the command as an administrator.',
    cause,
  });
}

export function changedSince(what: string): SealiftError {
  return new SealiftError('fix/changed', `${what} was changed by somebody else`, {
    fields: { what },
    hint: 'Nothing was changed now. Run sealift doctor again and decide by what it says.',
  });
}
