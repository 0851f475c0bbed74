/**
 * restic's pattern language for paths: globs within one path component, `**` for any number of
 * components, a leading `/` for patterns that start at the root, a leading `!` for patterns that
 * take back what earlier ones matched. Used by excludes of a backup and by include and exclude of a
 * restore. Pure: no file is looked at.
 */

import { SealiftError } from '../base/errors.ts';

/** What a list of patterns says about one path. */
export interface PathMatch {
  /** The path itself, or a folder above it, is matched. */
  readonly matched: boolean;
  /** Something below the path may be matched; only useful when patterns select (include). */
  readonly childMayMatch: boolean;
}

/** @param path parts joined by `/`; one that starts with `/` is absolute */
export type PathMatcher = (path: string) => PathMatch;

export interface FilterOptions {
  /** Compares lower-case forms of pattern and path (`--iexclude`, `--iinclude`). */
  readonly caseInsensitive?: boolean;
}

const nothing: PathMatch = { matched: false, childMayMatch: false };

/**
 * Makes the function that tells whether a path is matched by a list of patterns; later patterns win.
 * @throws SealiftError `usage/invalid` on a pattern that is empty or has an unclosed bracket
 */
export function compilePatterns(
  patterns: readonly string[],
  options: FilterOptions = {},
): PathMatcher {
  const fold = options.caseInsensitive === true;
  const compiled = patterns.map((text) => compilePattern(fold ? text.toLowerCase() : text));
  const hasNegated = compiled.some((pattern) => pattern.negated);
  if (compiled.length === 0) return () => nothing;
  return (path) => {
    const parts = splitPath(fold ? path.toLowerCase() : path);
    let matched = false;
    let childMayMatch = false;
    for (const pattern of compiled) {
      const here = matchParts(pattern.parts, parts);
      if (pattern.negated) {
        matched = matched && !here;
        childMayMatch = childMayMatch && !here;
        continue;
      }
      matched = matched || here;
      childMayMatch = childMayMatch || mayMatchBelow(pattern.parts, parts);
      if (matched && childMayMatch && !hasNegated) break;
    }
    return { matched, childMayMatch };
  };
}

/** A whole component (`text`), a glob (`glob`), or `**` (neither). */
interface PatternPart {
  readonly text?: string;
  readonly glob?: RegExp;
}

interface Pattern {
  readonly negated: boolean;
  readonly parts: readonly PatternPart[];
}

function compilePattern(text: string): Pattern {
  const negated = text.startsWith('!');
  const body = negated ? text.slice(1) : text;
  if (body === '') throw invalidPattern(text, 'it is empty');
  const parts = splitPath(cleanPath(body)).map((part): PatternPart => {
    if (part === '**') return {};
    return /[\\[\]*?]/.test(part) ? { glob: compileGlob(part, text) } : { text: part };
  });
  return { negated, parts };
}

/** Components of a clean path; an absolute one begins with the marker `/`. */
function splitPath(path: string): string[] {
  const parts = path.split('/');
  if (parts[0] === '') parts[0] = '/';
  if (parts.length === 2 && parts[1] === '') parts.pop();
  return parts;
}

/** As Go's `path.Clean`: no `.`, no doubled or trailing slash, `..` resolved where it can be. */
export function cleanPath(path: string): string {
  const rooted = path.startsWith('/');
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop();
    else if (part !== '..' || !rooted) out.push(part);
  }
  if (rooted) return `/${out.join('/')}`;
  return out.length === 0 ? '.' : out.join('/');
}

/** A pattern matches at any depth (its end need not be the path's end) unless it is rooted. */
function matchParts(pattern: readonly PatternPart[], parts: readonly string[]): boolean {
  if (pattern.length === 0) return parts.length === 0;
  if (pattern[0]?.text === '/') return matchFrom(pattern, 0, parts, 0);
  for (let start = parts[0] === '/' ? 1 : 0; start <= parts.length; start += 1) {
    if (matchFrom(pattern, 0, parts, start)) return true;
  }
  return false;
}

function matchFrom(
  pattern: readonly PatternPart[],
  at: number,
  parts: readonly string[],
  start: number,
): boolean {
  let position = start;
  for (let index = at; index < pattern.length; index += 1) {
    const want = pattern[index];
    if (want?.text === undefined && want?.glob === undefined) {
      for (let next = position; next <= parts.length; next += 1) {
        if (matchFrom(pattern, index + 1, parts, next)) return true;
      }
      return false;
    }
    const part = parts[position];
    if (part === undefined) return false;
    if (want.text === undefined ? !want.glob?.test(part) : want.text !== part) return false;
    position += 1;
  }
  return true;
}

/** A relative pattern can match anywhere below; a rooted one only where its beginning fits. */
function mayMatchBelow(pattern: readonly PatternPart[], parts: readonly string[]): boolean {
  if (pattern[0]?.text !== '/') return true;
  const wild = pattern.findIndex((part) => part.text === undefined && part.glob === undefined);
  const seen = wild >= 0 && parts.length >= wild ? parts.slice(0, wild) : parts;
  return matchParts(pattern.slice(0, Math.min(seen.length, pattern.length)), seen);
}

/** Go's `filepath.Match` syntax for one component: `*`, `?`, `[a-z]`, `[^a]`, `\` escapes. */
function compileGlob(glob: string, whole: string): RegExp {
  let source = '';
  const characters = [...glob];
  let index = 0;
  while (index < characters.length) {
    const character = characters[index] ?? '';
    index += 1;
    if (character === '*') source += '[^/]*';
    else if (character === '?') source += '[^/]';
    else if (character === '\\') {
      const escaped = characters[index];
      if (escaped === undefined) throw invalidPattern(whole, 'it ends in a backslash');
      source += quote(escaped);
      index += 1;
    } else if (character === '[') {
      const set = parseSet(characters, index, whole);
      source += set.source;
      index = set.end;
    } else source += quote(character);
  }
  return new RegExp(`^${source}$`, 'su');
}

function parseSet(
  characters: readonly string[],
  start: number,
  whole: string,
): { source: string; end: number } {
  let index = start;
  const negated = characters[index] === '^';
  if (negated) index += 1;
  let source = '';
  let count = 0;
  const take = (): string => {
    const character = characters[index] === '\\' ? characters[++index] : characters[index];
    if (character === undefined) throw invalidPattern(whole, 'a bracket is not closed');
    index += 1;
    return character;
  };
  while (count === 0 || characters[index] !== ']') {
    if (characters[index] === ']' || characters[index] === '-') {
      throw invalidPattern(whole, 'a bracket holds a stray ] or -');
    }
    const low = take();
    let high = low;
    if (characters[index] === '-') {
      index += 1;
      high = take();
    }
    count += 1;
    // A range upside down matches nothing in Go, where JavaScript would throw.
    if ((low.codePointAt(0) ?? 0) <= (high.codePointAt(0) ?? 0)) {
      source += `${codeEscape(low)}-${codeEscape(high)}`;
    }
  }
  if (source === '') return { source: negated ? '[^/]' : '(?!)', end: index + 1 };
  return { source: negated ? `[^${source}/]` : `[${source}]`, end: index + 1 };
}

function codeEscape(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function quote(character: string): string {
  return /[\w]/.test(character) ? character : codeEscape(character);
}

function invalidPattern(pattern: string, why: string): SealiftError {
  return new SealiftError('usage/invalid', `pattern ${JSON.stringify(pattern)}: ${why}`, {
    hint: 'Correct the pattern; a backslash before a special character takes it literally.',
    fields: { pattern },
  });
}
