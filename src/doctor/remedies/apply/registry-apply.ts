/**
 * Remedies done on the running Windows, and undone. Values are read before and after by `reg export`,
 * and changed by one `reg import`, which keeps every type as it is.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SealiftError } from '../../../base/errors.ts';
import { foldName } from '../../facts/registry/registry-value.ts';
import { isBelow } from '../../facts/registry-tree.ts';
import type { RunTool } from '../../facts/windows-live.ts';
import { emitReg, encodeRegFile, toRegistryValue } from '../emit-reg.ts';
import { applyOperations, type Operation } from '../operations.ts';
import type { Remedy } from '../remedies.ts';
import {
  changedSince,
  forbidden,
  type Journal,
  makeFixFolder,
  newFixId,
  type Place,
  writeDurably,
  writeJournal,
} from './journal.ts';
import { type KeyState, placeId, readKey, stands, storedValue } from './registry-state.ts';

export interface ApplyOptions {
  readonly stateFolder: string;
  readonly now: Date;
}

/**
 * Changes what the remedies name and differs.
 * @returns undefined when nothing does
 * @throws SealiftError `fix/forbidden`, after which everything is as it was
 */
export async function applyToRegistry(
  remedies: readonly Remedy[],
  run: RunTool,
  { stateFolder, now }: ApplyOptions,
): Promise<Journal | undefined> {
  const wanted = applyOperations(remedies).flatMap(wantedPlace);
  const { places, madeKeys } = await withScratch((scratch) => planPlaces(wanted, run, scratch));
  if (places.length === 0) return undefined;
  const id = newFixId(now);
  const folder = await makeFixFolder(stateFolder, id);
  const journal: Journal = {
    ...{ schema: 'sealift-fix', version: 1, id, at: now.toISOString() },
    ...{ places, madeKeys, files: [] },
  };
  const forward = places.map(({ path, name, after }) => operationFor(path, name, after));
  const back = undoOf(journal, madeKeys);
  const undoFile = join(folder, 'undo.reg');
  await writeDurably(join(folder, 'apply.reg'), encodeRegFile(emitReg(forward)));
  await writeDurably(undoFile, encodeRegFile(emitReg(back)));
  await writeJournal(folder, journal);
  const { code } = await run('reg', ['import', join(folder, 'apply.reg')]);
  const wrong = await firstWrong(places, 'after', run);
  if (code === 0 && wrong === undefined) return journal;
  await run('reg', ['import', undoFile]);
  const left = await firstWrong(places, 'before', run);
  if (left !== undefined) throw notApplied(left, undoFile);
  await rm(folder, { recursive: true, force: true });
  throw forbidden(wrong ?? 'the registry');
}

/**
 * Puts back what was there. Doing it twice changes nothing the second time.
 * @throws SealiftError `fix/changed` when a value is neither as before nor as the fix left it
 */
export async function undoInRegistry(
  journal: Journal,
  folder: string,
  { run, now }: { readonly run: RunTool; readonly now: Date },
): Promise<{ readonly changed: boolean }> {
  const { places } = journal;
  const isDone = await withScratch(async (scratch) => {
    let done = true;
    for (const { path, name, before, after } of places) {
      const state = await readKey(run, path, scratch);
      const isBefore = stands(state, name, before);
      if (!isBefore && !stands(state, name, after)) throw changedSince(`${path}  ${name}`);
      done &&= isBefore;
    }
    return done;
  });
  const ownKeys = await withScratch((scratch) => keysOfOwn(journal, run, scratch));
  if (isDone && ownKeys.length === 0) return { changed: false };
  const file = join(folder, 'undo-now.reg');
  await writeDurably(file, encodeRegFile(emitReg(undoOf(journal, ownKeys))));
  const { code } = await run('reg', ['import', file]);
  const wrong = await firstWrong(places, 'before', run);
  if (wrong !== undefined || code !== 0) throw notApplied(wrong ?? 'reg import', file);
  await writeJournal(folder, { ...journal, undoneAt: now.toISOString() });
  return { changed: true };
}

function wantedPlace(operation: Operation): Place[] {
  if (operation.kind === 'delete-value') return [{ path: operation.path, name: operation.name }];
  if (operation.kind !== 'set') return [];
  const { path, name, value } = operation;
  return [{ path, name, after: storedValue(toRegistryValue(name, value)) }];
}

/** The places that differ, with what stands there, and the keys that have to be made. */
async function planPlaces(
  wanted: readonly Place[],
  run: RunTool,
  scratch: string,
): Promise<Pick<Journal, 'places' | 'madeKeys'>> {
  const states = new Map<string, KeyState>();
  const places: Place[] = [];
  const madeKeys = new Set<string>();
  for (const { path, name, after } of wanted) {
    const state = states.get(foldName(path)) ?? (await readKey(run, path, scratch));
    states.set(foldName(path), state);
    if (stands(state, name, after)) continue;
    if (state.missing !== undefined) madeKeys.add(state.missing);
    const before = state.values.get(foldName(name));
    places.push({
      ...{ path, name },
      ...(before === undefined ? {} : { before: storedValue(before) }),
      ...(after === undefined ? {} : { after }),
    });
  }
  return { places, madeKeys: [...madeKeys] };
}

function operationFor(path: string, name: string, value: Place['before']): Operation {
  return value === undefined
    ? { kind: 'delete-value', path, name }
    : { kind: 'set', path, name, value };
}

/** @param keys those that go whole */
function undoOf({ places }: Journal, keys: readonly string[]): Operation[] {
  const single = places.filter(({ path }) => !keys.some((key) => isBelow(path, key))).toReversed();
  return [
    ...single.map(({ path, name, before }) => operationFor(path, name, before)),
    ...keys.map((path): Operation => ({ kind: 'delete-key', path })),
  ];
}

/** Keys that the fix made and that hold nothing else by now: what others added stays. */
async function keysOfOwn({ places, madeKeys }: Journal, run: RunTool, scratch: string) {
  const own: string[] = [];
  for (const key of madeKeys) {
    const state = await readKey(run, key, scratch);
    if (state.missing !== undefined) continue;
    const inside = places.filter(({ path }) => isBelow(path, key));
    const isOwn = (entry: string) =>
      inside.some(({ path, name }) => placeId(path, name) === entry || isBelow(path, entry));
    if ([...state.below].every(isOwn)) own.push(key);
  }
  return own;
}

/** The first place that is not as it should be. */
function firstWrong(
  places: readonly Place[],
  which: 'before' | 'after',
  run: RunTool,
): Promise<string | undefined> {
  return withScratch(async (scratch) => {
    for (const place of places) {
      const state = await readKey(run, place.path, scratch);
      if (!stands(state, place.name, place[which])) return `${place.path}  ${place.name}`;
    }
    return undefined;
  });
}

async function withScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sealift-fix-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function notApplied(what: string, file: string): SealiftError {
  return new SealiftError('fix/incomplete', `${what} is not as it should be`, {
    fields: { what, file },
    hint: `Import ${file} as an administrator to put back what was there.`,
  });
}
