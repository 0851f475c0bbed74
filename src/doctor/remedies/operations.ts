/** A set of remedies as operations on the registry, and the operations that restore what was there. */

import type { RegistryFact } from '../facts/facts.ts';
import { schannelKey } from '../facts/registry-facts.ts';
import { isBelow } from '../facts/registry-tree.ts';
import type { Remedy } from './remedies.ts';

/** A value as facts carry it. */
export type ValueData = Pick<RegistryFact, 'type' | 'data'>;

export type Operation =
  | {
      readonly kind: 'set';
      readonly path: string;
      readonly name: string;
      readonly value: ValueData;
    }
  | { readonly kind: 'delete-value'; readonly path: string; readonly name: string }
  /** With everything below it. */
  | { readonly kind: 'delete-key'; readonly path: string }
  /** Nothing is known of what stood there. */
  | { readonly kind: 'unknown'; readonly path: string; readonly name: string };

export function applyOperations(remedies: readonly Remedy[]): Operation[] {
  return changesOf(remedies).map(({ path, name, value }) =>
    value === undefined
      ? { kind: 'delete-value', path, name }
      : { kind: 'set', path, name, value: { type: 'REG_DWORD', data: value } },
  );
}

/**
 * Values as they were, absent ones taken away again, and keys that the changes made removed. A file takes
 * a key away with all that is in it by then, so only keys that are TLS settings and nothing else go: a
 * `WOW6432Node` or `Microsoft` that the facts did not show stays, empty as it may be.
 */
export function undoOperations(remedies: readonly Remedy[]): Operation[] {
  const changes = changesOf(remedies);
  const made = topmost(
    changes.flatMap(({ path, newKeys }) => newKeys.filter((key) => isOwn(key, path))),
  );
  const operations = changes
    .filter(({ path }) => !made.some((key) => isBelow(path, key)))
    .reverse()
    .map(({ path, name, before, beforeUnknown }): Operation => {
      if (before !== undefined) {
        const { type, data } = before;
        return { kind: 'set', path, name: before.name, value: { type, data } };
      }
      return beforeUnknown ? { kind: 'unknown', path, name } : { kind: 'delete-value', path, name };
    });
  return [...operations, ...made.map((path): Operation => ({ kind: 'delete-key', path }))];
}

/** Two remedies may want the same value; the first decides. */
function changesOf(remedies: readonly Remedy[]) {
  const byPlace = new Map(
    remedies
      .flatMap(({ changes }) => changes)
      .toReversed()
      .map((change) => [`${change.path}\n${change.name}`.toLowerCase(), change] as const),
  );
  return [...byPlace.values()].reverse();
}

/** The key of the values itself, and those between it and SCHANNEL. */
function isOwn(key: string, path: string): boolean {
  return key === path || isBelow(key, `${schannelKey}\\Protocols`);
}

function topmost(keys: readonly string[]): string[] {
  const all = [...new Set(keys)];
  return all.filter((key) => !all.some((other) => other !== key && isBelow(key, other)));
}
