/**
 * An export by a 32-bit program: on a 64-bit Windows its `HKLM\SOFTWARE` is what stands below
 * `WOW6432Node`, and nothing in the file says so. What is beside WOW6432Node is then unknown, except the
 * keys that both views share. Source: Microsoft, "Registry Keys Affected by WOW64".
 */

import type { OperatingSystem } from './facts.ts';
import { currentVersionKey, softwareKey } from './registry-facts.ts';
import { isBelow, type RegistryTree, type TreeKey } from './registry-tree.ts';

const software = softwareKey(64);
const wow = softwareKey(32);

/** Of one copy, and CurrentVersion, whose values of the system are the same in both. */
const shared = [
  `${software}\\Policies`,
  `${software}\\Microsoft\\SystemCertificates`,
  currentVersionKey,
];

/** True for a tree that holds SOFTWARE and no WOW6432Node: an x86 Windows, or a 32-bit program's view. */
export function holdsOneView({ covered, findKey }: RegistryTree): boolean {
  return covered.some((root) => isBelow(software, root)) && findKey(wow) === undefined;
}

/**
 * The tree with SOFTWARE where it stands on the machine. Where the architecture is unknown, the view of
 * 64-bit programs is believed and the other one is unknown.
 */
export function inItsView(
  tree: RegistryTree,
  architecture: OperatingSystem['architecture'],
): RegistryTree {
  const isOther = architecture !== undefined;
  const beside = (tree.findKey(software)?.subkeys() ?? []).map(({ path }) => path);
  const covered = tree.covered.flatMap((root) => {
    if (!isBelow(software, root)) return root;
    return isOther ? [wow, ...shared] : [...beside, ...shared];
  });
  if (!isOther) return { ...tree, covered };
  return {
    ...tree,
    covered,
    findKey(path) {
      if (isBelow(path, wow)) {
        const found = tree.findKey(software + path.slice(wow.length));
        return found && moved(found);
      }
      const isHere = !isBelow(path, software) || shared.some((key) => isBelow(path, key));
      return isHere ? tree.findKey(path) : undefined;
    },
  };
}

function moved(key: TreeKey): TreeKey {
  return {
    ...key,
    path: wow + key.path.slice(software.length),
    subkeys: () => key.subkeys().map(moved),
  };
}
