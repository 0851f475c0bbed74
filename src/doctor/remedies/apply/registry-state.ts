/** Keys of the running Windows as they are now, byte for byte. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SealiftError } from '../../../base/errors.ts';
import { applyRegText, decodeRegFile, parseRegText } from '../../facts/registry/reg-text.ts';
import {
  foldName,
  type RegistryValue,
  registryTypes,
} from '../../facts/registry/registry-value.ts';
import { missingTop, type RunTool } from '../../facts/windows-live.ts';
import { toRegistryValue } from '../emit-reg.ts';
import type { Place } from './journal.ts';

export type StoredValue = NonNullable<Place['before']>;

export interface KeyState {
  /** The highest key on the way that does not exist; undefined for a key that does. */
  readonly missing: string | undefined;
  /** By folded name. */
  readonly values: ReadonlyMap<string, RegistryValue>;
  /** Every value below the key as folded `path\n name`, and every key as its folded path. */
  readonly below: ReadonlySet<string>;
}

/** @throws SealiftError `facts/unreadable` for a key that exists and cannot be read, or without `reg.exe` */
export async function readKey(run: RunTool, path: string, scratch: string): Promise<KeyState> {
  const file = join(scratch, 'key.reg');
  const { code } = await run('reg', ['export', path, file, '/y']);
  if (code === undefined) throw toolFailed(path);
  if (code !== 0) {
    const missing = await missingTop(run, path);
    if (missing !== undefined) return { missing, values: new Map(), below: new Set() };
    throw unreadableKey(path);
  }
  const text = parseRegText(decodeRegFile(await readFile(file)));
  if (text === undefined) throw unreadableKey(path);
  const keys = [...applyRegText(text).values()];
  const values = keys[0]?.values ?? new Map<string, { readonly value: RegistryValue }>();
  return {
    missing: undefined,
    values: new Map([...values].map(([name, { value }]) => [name, value])),
    below: new Set(
      keys.flatMap((key) => {
        const own = foldName(shortPath(key.path));
        return [own, ...[...key.values.keys()].map((name) => placeId(own, name))];
      }),
    ),
  };
}

function shortPath(path: string): string {
  return path
    .replace(/^HKEY_LOCAL_MACHINE/i, 'HKLM')
    .replace(/^HKEY_CURRENT_USER/i, 'HKCU')
    .replace(/^HKEY_USERS/i, 'HKU');
}

export function placeId(path: string, name: string): string {
  return `${foldName(path)}\n${foldName(name)}`;
}

function unreadableKey(path: string): SealiftError {
  return new SealiftError('facts/unreadable', `${path}: reg.exe cannot read it`, {
    fields: { file: path, detail: 'reg.exe' },
    hint: 'Run the command as an administrator.',
  });
}

function toolFailed(path: string): SealiftError {
  return new SealiftError('facts/unreadable', `${path}: reg.exe did not start, or did not end`, {
    fields: { file: path, detail: 'reg.exe' },
    hint: 'Run the command again; if it fails again, see whether reg.exe is blocked on this machine.',
  });
}

export function storedValue({ type, data }: RegistryValue): StoredValue {
  const name = Object.entries(registryTypes).find(([, number]) => number === type)?.[0];
  return {
    type: name ?? `0x${type.toString(16)}`,
    data: { hex: Buffer.from(data).toString('hex') },
  };
}

/** True when the value is there as stored; for undefined, when it is not there. */
export function stands(state: KeyState, name: string, wanted: StoredValue | undefined): boolean {
  const found = state.values.get(foldName(name));
  if (found === undefined || wanted === undefined) return found === wanted;
  const { type, data } = toRegistryValue(name, wanted);
  return found.type === type && Buffer.compare(found.data, data) === 0;
}
