/** A `.reg` export as a tree of the machine that it was exported from. */

import type { FactProblem } from './facts.ts';
import { applyRegText, type RegistryKeyValues, type RegText } from './registry/reg-text.ts';
import { dwordOf, foldName } from './registry/registry-value.ts';
import type { RegistryTree, SourcedValue, TreeKey } from './registry-tree.ts';

const shortRoots: Readonly<Record<string, string>> = {
  HKEY_LOCAL_MACHINE: 'HKLM',
  HKEY_CURRENT_USER: 'HKCU',
  HKEY_USERS: 'HKU',
};
/** Hives that stand below HKEY_LOCAL_MACHINE on a running machine. */
const machineHives = new Set(['SYSTEM', 'SOFTWARE', 'SAM', 'SECURITY', 'HARDWARE', 'BCD00000000']);
/** What stands at the top of SOFTWARE, to know that hive when it is loaded under another name. */
const softwareTop = new Set(['MICROSOFT', 'POLICIES', 'WOW6432NODE', 'CLASSES']);
const controlSet = /^ControlSet\d{3}$/i;

interface Node {
  readonly path: string;
  readonly name: string;
  readonly values: SourcedValue[];
  readonly children: Map<string, Node>;
}

export interface RegTree {
  readonly tree: RegistryTree;
  readonly problems: readonly FactProblem[];
}

export function makeRegTree(text: RegText, file: string): RegTree {
  const keys = [...applyRegText(text).values()];
  const current = currentControlSet(keys);
  const roots = new Map<string, Node>();
  const listed: string[] = [];
  for (const { path, values } of keys) {
    const machinePath = toMachinePath(path, current);
    if (machinePath === undefined) continue;
    listed.push(machinePath);
    const node = nodeAt(roots, machinePath);
    for (const { value, line } of values.values()) {
      node.values.push({ ...value, source: { file, line } });
    }
  }
  const problems = text.problems.map(
    (problem): FactProblem => ({
      what: 'bad-line',
      detail: problem.text,
      file,
      line: problem.line,
    }),
  );
  return {
    tree: {
      findKey: (path) => {
        const node = findNode(roots, path);
        return node && asKey(node);
      },
      covered: exportRoots(listed),
      // A line that means nothing may have been any value; which key it stood in does not matter much.
      problemCount: () => 0,
    },
    problems,
  };
}

/**
 * The control set that stands for the current one where no CurrentControlSet is exported: the one that
 * Select\\Current names, else the first.
 */
function currentControlSet(keys: readonly RegistryKeyValues[]): string | undefined {
  const names = new Set<string>();
  let selected: string | undefined;
  for (const { path, values } of keys) {
    const part = path.split('\\')[2] ?? '';
    if (/^CurrentControlSet$/i.test(part)) return undefined;
    if (controlSet.test(part)) names.add(foldName(part));
    const current = /^Select$/i.test(part) ? values.get('CURRENT') : undefined;
    const number = current && dwordOf(current.value);
    if (number !== undefined) selected = `CONTROLSET${String(number).padStart(3, '0')}`;
  }
  return selected ?? [...names].sort()[0];
}

/** `HKEY_LOCAL_MACHINE\OFFLINE\ControlSet001\…` as the machine itself calls it. */
function toMachinePath(path: string, current: string | undefined): string | undefined {
  const [root = '', hive, third, ...rest] = path.split('\\');
  const short = shortRoots[root];
  if (short === undefined) return undefined;
  if (hive === undefined) return short;
  if (short !== 'HKLM')
    return [short, hive, ...(third === undefined ? [] : [third, ...rest])].join('\\');
  if (third === undefined) return [short, hiveName(hive)].join('\\');
  const isControlSet = controlSet.test(third);
  if (isControlSet && current !== undefined && foldName(third) !== current) return undefined;
  if (isControlSet && current === undefined) return undefined;
  if (isControlSet || /^CurrentControlSet$/i.test(third)) {
    return ['HKLM', 'SYSTEM', 'CurrentControlSet', ...rest].join('\\');
  }
  const known = machineHives.has(hive.toUpperCase());
  const top = !known && softwareTop.has(third.toUpperCase()) ? 'SOFTWARE' : hiveName(hive);
  return ['HKLM', top, third, ...rest].join('\\');
}

function hiveName(name: string): string {
  const upper = name.toUpperCase();
  return machineHives.has(upper) ? upper : name;
}

function nodeAt(roots: Map<string, Node>, path: string): Node {
  let siblings = roots;
  let node: Node | undefined;
  for (const name of path.split('\\')) {
    const folded = foldName(name);
    const next: Node = siblings.get(folded) ?? {
      path: node === undefined ? name : `${node.path}\\${name}`,
      name,
      values: [],
      children: new Map(),
    };
    siblings.set(folded, next);
    siblings = next.children;
    node = next;
  }
  if (node === undefined) throw new RangeError('a path has at least one part');
  return node;
}

function findNode(roots: Map<string, Node>, path: string): Node | undefined {
  let siblings = roots;
  let node: Node | undefined;
  for (const name of path.split('\\')) {
    node = siblings.get(foldName(name));
    if (node === undefined) return undefined;
    siblings = node.children;
  }
  return node;
}

function asKey(node: Node): TreeKey {
  return {
    path: node.path,
    name: node.name,
    values: () => node.values,
    subkeys: () => [...node.children.values()].map(asKey),
  };
}

/**
 * An export lists a key and then everything below it: a key whose parent is not listed is where an
 * export began, and all below it that is not there did not exist.
 */
function exportRoots(paths: readonly string[]): string[] {
  const listed = new Set(paths.map(foldName));
  return paths.filter((path) => {
    const parts = foldName(path).split('\\');
    for (let length = parts.length - 1; length > 0; length -= 1) {
      if (listed.has(parts.slice(0, length).join('\\'))) return false;
    }
    return true;
  });
}
