/** Files that people write in YAML (policies, plans): read by a schema, with errors that name file, line and field. */

import type { Document } from 'yaml';
import { isMap, isPair, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { messageOf, SealiftError } from '../base/errors.ts';

export interface YamlSource {
  /** For messages. */
  readonly file: string;
  /** For messages: `a policy`, `a plan`. */
  readonly what: string;
}

/** A file whose syntax is right; what it says is not checked yet. */
export interface YamlText extends YamlSource {
  /** Plain data; an empty file is an empty mapping. */
  readonly content: unknown;
  /** The error of one field, at its line or that of its nearest parent. */
  readonly fail: (path: readonly PropertyKey[], message: string) => SealiftError;
}

/** @throws SealiftError `tls/policy-file` when it is not YAML */
export function readYamlText(yaml: string, source: YamlSource): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, logLevel: 'error' });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const { file } = source;
  const syntax = document.errors[0];
  if (syntax !== undefined) {
    throw yamlError(file, lineAt(syntax.pos[0]), '', syntax.message.split('\n')[0] ?? '');
  }
  return {
    ...source,
    content: contentOf(document, file),
    fail: (path, message) =>
      yamlError(file, lineAt(offsetOf(document, path)), fieldName(path), message),
  };
}

/** @throws SealiftError `tls/policy-file` that names the first field that is wrong */
export function parseFields<T extends z.ZodType>(text: YamlText, schema: T): z.output<T> {
  const parsed = schema.safeParse(text.content);
  if (parsed.success) return parsed.data;
  const issue = deepestIssue(parsed.error.issues, text.what);
  throw text.fail(issue.path, issue.message);
}

/** Aliases can make a small file explode; the library stops that by throwing. */
function contentOf(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    throw yamlError(file, 1, '', messageOf(error));
  }
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The issue that a person should read: inside a union, that of the branch that went furthest. */
function deepestIssue(issues: readonly z.core.$ZodIssue[], what: string): Issue {
  const [issue] = issues;
  if (issue === undefined) return { path: [], message: `is not ${what}` };
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return { path: [...issue.path, key], message: `is not a field of ${what}` };
  }
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors
    .filter((branch) => branch.length > 0)
    .map((branch) => deepestIssue(branch, what))
    .sort((a, b) => rank(b) - rank(a))[0];
  if (inner === undefined) return issue;
  return { path: [...issue.path, ...inner.path], message: inner.message };
}

function rank(issue: Issue): number {
  return issue.path.length * 2 + (issue.message.startsWith('Invalid input') ? 0 : 1);
}

/** Where a field stands in the text; that of its nearest parent when it is missing. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const start = path.slice(0, length);
    const parent = length === 1 ? document.contents : document.getIn(start.slice(0, -1), true);
    const key = start.at(-1);
    if (isMap(parent)) {
      const pair = parent.items.find(
        (item) => isPair(item) && isScalar(item.key) && item.key.value === key,
      );
      if (pair !== undefined && isScalar(pair.key)) return pair.key.range?.[0] ?? 0;
    }
    const node = document.getIn(start, true);
    if (isScalar(node) || isMap(node)) return node.range?.[0] ?? 0;
  }
  return document.contents?.range?.[0] ?? 0;
}

function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part + 1}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

function yamlError(file: string, line: number, field: string, message: string): SealiftError {
  const what = field === '' ? message : `${field}: ${message}`;
  return new SealiftError('tls/policy-file', `${file}, line ${line}: ${what}`, {
    hint: 'mend the line and try again; `sealift policy check FILE` reads the file without applying it',
    fields: { file, line, ...(field === '' ? {} : { field }) },
  });
}
