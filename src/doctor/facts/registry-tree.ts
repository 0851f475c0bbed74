/**
 * One view of the registry for every reader: keys by their path on a running machine, whatever file
 * they come from. Roots are HKLM, HKCU and HKU; control sets are folded into CurrentControlSet.
 */

import type { Origin } from './facts.ts';
import { foldName, type RegistryValue } from './registry/registry-value.ts';

export interface SourcedValue extends RegistryValue {
  readonly source: Origin;
}

export interface TreeKey {
  /** As on the running machine: `HKLM\SYSTEM\CurrentControlSet\…`. */
  readonly path: string;
  readonly name: string;
  values(): readonly SourcedValue[];
  subkeys(): readonly TreeKey[];
}

export interface RegistryTree {
  findKey(path: string): TreeKey | undefined;
  /** Subtrees that this source holds whole. */
  readonly covered: readonly string[];
  /** How many things could not be read so far; grows while keys are visited. */
  problemCount(): number;
}

/** True when `path` is `above` or stands below it; names compare as Windows compares them. */
export function isBelow(path: string, above: string): boolean {
  const folded = foldName(path);
  const top = foldName(above);
  return folded === top || folded.startsWith(`${top}\\`);
}

/** Several sources of one machine as one tree; the values of a key are those of all. */
export function mergeTrees(trees: readonly RegistryTree[]): RegistryTree {
  return {
    findKey: (path) => mergeKeys(trees.flatMap((tree) => tree.findKey(path) ?? [])),
    covered: trees.flatMap((tree) => tree.covered),
    problemCount: () => trees.reduce((sum, tree) => sum + tree.problemCount(), 0),
  };
}

function mergeKeys(keys: readonly TreeKey[]): TreeKey | undefined {
  const [first] = keys;
  if (first === undefined || keys.length === 1) return first;
  return {
    path: first.path,
    name: first.name,
    values: () => keys.flatMap((key) => key.values()),
    subkeys: () => {
      const byName = new Map<string, TreeKey[]>();
      for (const subkey of keys.flatMap((key) => key.subkeys())) {
        const folded = foldName(subkey.name);
        byName.set(folded, [...(byName.get(folded) ?? []), subkey]);
      }
      return [...byName.values()].flatMap((same) => mergeKeys(same) ?? []);
    },
  };
}
