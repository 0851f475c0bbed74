/** The answers of a machine's own tools, put together as its registry. */

import type { FactProblem, Facts } from '../facts.ts';
import { makeFacts } from '../facts.ts';
import { makeRegTree } from '../reg-tree.ts';
import { decodeRegFile, parseRegText } from '../registry/reg-text.ts';
import { isBelow, mergeTrees, type RegistryTree } from '../registry-tree.ts';
import { windowsFacts } from '../windows-facts.ts';
import { withFoundVersions } from '../windows-files/file-versions.ts';
import { parseRegQuery } from './reg-query.ts';
import { filesThatMatter, type RegistryRequest } from './requests.ts';

export type Answer =
  | { readonly path: string; readonly kind: 'export' | 'query'; readonly bytes: Uint8Array }
  /** `top` is the highest key on the way to it that does not exist. */
  | { readonly path: string; readonly kind: 'absent'; readonly top: string }
  | { readonly path: string; readonly kind: 'failed'; readonly detail: string };

export interface Answers {
  readonly registry: readonly Answer[];
  /** Output of tools that list updates; their identifiers are the same in all languages. */
  readonly updates: readonly { readonly command: string; readonly text: string }[];
  readonly fileVersions: Readonly<Record<string, string>>;
  readonly problems: readonly FactProblem[];
  readonly source: Facts['sources'][number];
  readonly host?: string | undefined;
  readonly collectedAt?: string | undefined;
}

export function factsOfAnswers(answers: Answers): Facts {
  const { registry, source } = answers;
  const failed = registry.filter((answer) => answer.kind === 'failed');
  const problems: FactProblem[] = failed.map(({ path, detail }) => ({
    what: 'unreadable',
    detail: `${path}: ${detail}`,
  }));
  const trees = registry.flatMap((answer) => {
    const read = treeOf(answer, problems);
    // What could not be read is unknown, and so is whether all above it was read.
    return read === undefined ? [] : [without(read, failed)];
  });
  const facts = windowsFacts({
    tree: mergeTrees(trees),
    sources: [source],
    problems: () => [...answers.problems, ...problems],
  });
  const { host, collectedAt } = answers;
  const told = makeFacts({
    ...facts,
    ...(facts.host === undefined && host !== undefined ? { host } : {}),
    ...(collectedAt === undefined ? {} : { collectedAt }),
    updates: [...facts.updates, ...moreUpdates(facts, answers)],
  });
  const found = Object.entries(answers.fileVersions).map(([name, version]) => {
    return [name, { version, path: name }] as const;
  });
  return withFoundVersions(told, new Map(found));
}

function treeOf(answer: Answer, problems: FactProblem[]): RegistryTree | undefined {
  switch (answer.kind) {
    case 'failed':
      return undefined;
    case 'absent':
      return { covered: [answer.top], findKey: () => undefined, problemCount: () => 0 };
    case 'query':
    case 'export': {
      const decoded = decodeRegFile(answer.bytes);
      const text = answer.kind === 'query' ? parseRegQuery(decoded) : parseRegText(decoded);
      const command = `reg ${answer.kind} "${answer.path}"`;
      if (text === undefined) {
        problems.push({ what: 'unreadable', detail: 'it is no export', file: command });
        return undefined;
      }
      const read = makeRegTree(text, command);
      problems.push(...read.problems);
      return { ...read.tree, covered: [answer.path] };
    }
  }
}

function without(tree: RegistryTree, failed: readonly RegistryRequestPath[]): RegistryTree {
  const covered = tree.covered.filter((path) => !failed.some((hole) => isBelow(hole.path, path)));
  return { ...tree, covered };
}

type RegistryRequestPath = Pick<RegistryRequest, 'path'>;

/** Updates that the registry of packages did not show. */
function moreUpdates(facts: Facts, { updates }: Answers): Facts['updates'] {
  const known = new Set(facts.updates.map(({ kb }) => kb));
  const found = new Map<string, Facts['updates'][number]>();
  for (const { command, text } of updates) {
    for (const [name] of text.matchAll(/\bKB\d{5,8}\b/gi)) {
      const kb = name.toUpperCase();
      if (!known.has(kb)) found.set(kb, { kb, state: 'installed', source: { file: command } });
    }
  }
  return [...found.values()];
}

/** Lines `file=NAME=VERSION`, as the scripts write them. */
export function fileVersionsIn(text: string): Record<string, string> {
  const versions = [...text.matchAll(/^file=([\w.]+)=(\d+(?:\.\d+){3})\s*$/gim)];
  return Object.fromEntries(
    versions.flatMap(([, name = '', version = '']) => {
      const known = filesThatMatter.find((file) => file === name.toLowerCase());
      return known === undefined ? [] : [[known, version]];
    }),
  );
}
