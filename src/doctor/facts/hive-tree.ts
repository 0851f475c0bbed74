/** A hive file as a tree of the machine that it belongs to. */

import type { FactProblem } from './facts.ts';
import type { Hive, HiveKey } from './registry/hive.ts';
import type { HiveNote } from './registry/hive-image.ts';
import { dwordOf, foldName } from './registry/registry-value.ts';
import { isBelow, type RegistryTree, type TreeKey } from './registry-tree.ts';

export type HiveKind = 'SYSTEM' | 'SOFTWARE' | 'USER';

/** Which hive it is, by what stands at its top; undefined for the others (SAM, SECURITY, …). */
export function hiveKind(hive: Hive): HiveKind | undefined {
  if (hive.findKey('Select') !== undefined || hive.findKey('ControlSet001') !== undefined) {
    return 'SYSTEM';
  }
  if (hive.findKey('Microsoft\\Windows NT') !== undefined) return 'SOFTWARE';
  if (hive.findKey('Software\\Microsoft') !== undefined) return 'USER';
  return hive.findKey('Microsoft') === undefined ? undefined : 'SOFTWARE';
}

export interface HiveTree {
  readonly tree: RegistryTree;
  /** undefined when no control set can be told; then nothing below it is found. */
  readonly controlSet: string | undefined;
}

export interface HiveTreeOptions {
  readonly kind: HiveKind;
  /** For evidence. */
  readonly file: string;
  /** Where a USER hive stands: `HKCU`, or `HKU\.DEFAULT` for the file DEFAULT. */
  readonly userRoot?: string;
}

export function makeHiveTree(
  hive: Hive,
  { kind, file, userRoot = 'HKCU' }: HiveTreeOptions,
): HiveTree {
  const top = kind === 'USER' ? userRoot : `HKLM\\${kind}`;
  const controlSet = kind === 'SYSTEM' ? currentControlSet(hive) : undefined;
  const asKey = (path: string, key: HiveKey): TreeKey => ({
    path,
    name: key.name,
    values: () =>
      [...hive.values(key)].map(({ fileOffset, ...value }) => ({
        ...value,
        source: { file, offset: fileOffset },
      })),
    subkeys: () => [...hive.subkeys(key)].map((subkey) => asKey(`${path}\\${subkey.name}`, subkey)),
  });
  return {
    controlSet,
    tree: {
      covered: [top],
      problemCount: () => hive.problems.length,
      findKey: (path) => {
        if (!isBelow(path, top)) return undefined;
        const below = inHive(path.slice(top.length + 1), controlSet);
        const key = below === undefined ? undefined : hive.findKey(below);
        return key && asKey(path, key);
      },
    },
  };
}

/** CurrentControlSet is a link that exists only while Windows runs. */
function inHive(path: string, controlSet: string | undefined): string | undefined {
  const [first = '', ...rest] = path.split('\\');
  if (foldName(first) !== 'CURRENTCONTROLSET') return path;
  return controlSet === undefined ? undefined : [controlSet, ...rest].join('\\');
}

/** What Select\Current names; the only control set where Select is missing. */
function currentControlSet(hive: Hive): string | undefined {
  const select = hive.findKey('Select');
  const current = select && hive.findValue(select, 'Current');
  const number = current && dwordOf(current);
  if (number !== undefined) return `ControlSet${String(number).padStart(3, '0')}`;
  const root = hive.root();
  const sets = root === undefined ? [] : [...hive.subkeys(root)].map((key) => key.name);
  const found = sets.filter((name) => /^ControlSet\d{3}$/i.test(name));
  return found.length === 1 ? found[0] : undefined;
}

/** What opening the image found, as problems of the facts; a replayed log is none. */
export function problemsOfNotes(notes: readonly HiveNote[], file: string): FactProblem[] {
  return notes.flatMap((note) => problemOf(note, file) ?? []);
}

function problemOf(note: HiveNote, file: string): FactProblem | undefined {
  switch (note.kind) {
    case 'replayed':
      return undefined;
    case 'dirty-without-log':
      return { what: 'dirty-hive', detail: 'changes of the last session are missing', file };
    case 'bad-checksum':
      return { what: 'bad-checksum', detail: 'the base block is damaged', file };
    case 'shorter-than-declared':
      return { what: 'cut-short', detail: `${note.found} of ${note.declared} bytes`, file };
    case 'log-ignored':
      return { what: 'log-ignored', detail: note.why, file };
  }
}
