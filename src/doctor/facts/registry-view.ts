/** Looking values up in facts, with what it means that one is not there. */

import type { Facts, RegistryFact } from './facts.ts';
import { foldName } from './registry/registry-value.ts';
import { isBelow } from './registry-tree.ts';

export type DwordReading =
  | { readonly kind: 'set'; readonly value: number; readonly fact: RegistryFact }
  /** There, but no REG_DWORD of four bytes: Windows does not count it as set. */
  | { readonly kind: 'wrong-type'; readonly fact: RegistryFact }
  | { readonly kind: 'absent' }
  /** The facts do not say. */
  | { readonly kind: 'unread'; readonly path: string; readonly name: string };

export interface RegistryView {
  find(path: string, name: string): RegistryFact | undefined;
  dword(path: string, name: string): DwordReading;
  hasKey(path: string): boolean;
  /** The subtree was read: what is not there does not exist. */
  wasRead(path: string): boolean;
  /** Keys that exist directly below a key. */
  subkeys(path: string): readonly string[];
  valuesOf(path: string): readonly RegistryFact[];
}

const views = new WeakMap<Facts, RegistryView>();

export function viewOf(facts: Facts): RegistryView {
  const known = views.get(facts);
  if (known !== undefined) return known;
  const view = makeView(facts);
  views.set(facts, view);
  return view;
}

function makeView(facts: Facts): RegistryView {
  const values = new Map<string, RegistryFact>();
  const byKey = new Map<string, RegistryFact[]>();
  const keys = new Map<string, string>();
  for (const path of facts.keys) keys.set(foldName(path), path);
  for (const fact of facts.registry) {
    const folded = foldName(fact.path);
    values.set(`${folded}\n${foldName(fact.name)}`, fact);
    keys.set(folded, fact.path);
    const siblings = byKey.get(folded);
    if (siblings === undefined) byKey.set(folded, [fact]);
    else siblings.push(fact);
  }
  const find = (path: string, name: string) => values.get(`${foldName(path)}\n${foldName(name)}`);
  const wasRead = (path: string) => facts.read.some((above) => isBelow(path, above));
  return {
    find,
    wasRead,
    dword: (path, name) => {
      const fact = find(path, name);
      if (fact === undefined) {
        return wasRead(path) ? { kind: 'absent' } : { kind: 'unread', path, name };
      }
      const isNumber = fact.type === 'REG_DWORD' && typeof fact.data === 'number';
      return isNumber && typeof fact.data === 'number'
        ? { kind: 'set', value: fact.data, fact }
        : { kind: 'wrong-type', fact };
    },
    hasKey: (path) => keys.has(foldName(path)),
    subkeys: (path) => {
      const prefix = `${foldName(path)}\\`;
      const names = new Map<string, string>();
      for (const [folded, original] of keys) {
        if (!folded.startsWith(prefix)) continue;
        const name = original.slice(prefix.length).split('\\')[0] ?? '';
        names.set(foldName(name), name);
      }
      return [...names.values()];
    },
    valuesOf: (path) => byKey.get(foldName(path)) ?? [],
  };
}
