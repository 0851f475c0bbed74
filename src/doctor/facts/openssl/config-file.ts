/**
 * OpenSSL's configuration file as data. Format: config(5) of OpenSSL 3.0.
 *
 * - `[ section ]` opens a section; what stands before the first belongs to `default`.
 * - `name = value`; a value may name another as `$name`, `${name}`, `$(name)`, `$section::name`, `$ENV::name`.
 * - `\` escapes one character or continues the line; quotes keep `#`, `$` and blanks.
 * - `.include path` reads a file, or the `.cnf` and `.conf` files of a folder, in place.
 */

import { posix } from 'node:path';

export interface ConfigEntry {
  readonly name: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

export interface ConfigProblem {
  readonly detail: string;
  readonly file: string;
  readonly line: number;
}

export interface OpensslConfig {
  /** In file order; a name that is set again keeps only its last value, at the last place. */
  readonly sections: ReadonlyMap<string, readonly ConfigEntry[]>;
  readonly problems: readonly ConfigProblem[];
}

export interface ConfigFile {
  readonly file: string;
  readonly text: string;
}

export interface ConfigInput extends ConfigFile {
  /** The files of an `.include`, a folder's in order of their names; empty when there is none. */
  readonly include?: (path: string) => readonly ConfigFile[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export const defaultSection = 'default';
/** OpenSSL has no limit; a file that includes itself must end somewhere. */
const maxIncludeDepth = 16;
const maxEntries = 100_000;
const maxValueLength = 65_536;
const environmentSection = 'ENV';

/** Never throws: what cannot be read is in `problems`, each of which makes OpenSSL drop the whole file. */
export function parseOpensslConfig(input: ConfigInput): OpensslConfig {
  const parser = new ConfigParser(input);
  parser.read(input, 0);
  return parser.result();
}

/** The value of a name, as OpenSSL looks it up: in the section, then in `default`. */
export function findConfigEntry(
  config: OpensslConfig,
  section: string,
  name: string,
): ConfigEntry | undefined {
  const own = config.sections.get(section)?.find((entry) => entry.name === name);
  return own ?? config.sections.get(defaultSection)?.find((entry) => entry.name === name);
}

class ConfigParser {
  readonly #input: ConfigInput;
  readonly #sections = new Map<string, Map<string, ConfigEntry>>([[defaultSection, new Map()]]);
  readonly #problems: ConfigProblem[] = [];
  #section = defaultSection;
  #entryCount = 0;
  /** `.pragma dollarid:on`: `$` belongs to names, only `${…}` and `$(…)` are variables. */
  #dollarInNames = false;
  #includeFolder: string | undefined;

  constructor(input: ConfigInput) {
    this.#input = input;
  }

  result(): OpensslConfig {
    const sections = new Map(
      [...this.#sections].map(([name, entries]): [string, ConfigEntry[]] => [
        name,
        [...entries.values()],
      ]),
    );
    return { sections, problems: this.#problems };
  }

  read({ file, text }: ConfigFile, depth: number): void {
    for (const { content, line } of joinLines(text)) {
      const trimmed = content.trim();
      if (trimmed === '') continue;
      const place = { file, line };
      if (trimmed.startsWith('[')) this.#openSection(trimmed, place);
      else if (trimmed.startsWith('.')) this.#direct(trimmed, place, depth);
      else this.#assign(trimmed, place);
    }
  }

  #openSection(text: string, place: Place): void {
    const name = /^\[\s*([^\]]*?)\s*\]$/.exec(text)?.[1];
    if (name === undefined) {
      this.#complain('a section without its closing bracket', place);
      return;
    }
    this.#section = name;
    if (!this.#sections.has(name)) this.#sections.set(name, new Map());
  }

  #direct(text: string, place: Place, depth: number): void {
    const match = /^\.(include|pragma)(?:\s*=\s*|\s+)(.*)$/.exec(text);
    if (match === null) {
      // A name may begin with a dot.
      this.#assign(text, place);
      return;
    }
    const [, directive, argument = ''] = match;
    if (directive === 'pragma') this.#pragma(argument);
    else this.#include(argument, place, depth);
  }

  #pragma(text: string): void {
    const [name, value = ''] = text.split(':', 2).map((part) => part.trim());
    if (name === 'dollarid') this.#dollarInNames = value === 'on' || value === 'true';
    if (name === 'includedir') this.#includeFolder = value;
  }

  #include(argument: string, place: Place, depth: number): void {
    const path = this.#expand(argument, place);
    if (path === undefined) return;
    if (depth >= maxIncludeDepth) {
      this.#complain('files include each other without end', place);
      return;
    }
    const folder = this.#includeFolder;
    const whole = folder === undefined || path.startsWith('/') ? path : posix.join(folder, path);
    for (const included of this.#input.include?.(whole) ?? []) this.read(included, depth + 1);
  }

  #assign(text: string, place: Place): void {
    const equals = text.indexOf('=');
    if (equals < 0) {
      this.#complain('a line without an equals sign', place);
      return;
    }
    const left = text.slice(0, equals).trim();
    const value = this.#expand(text.slice(equals + 1).trim(), place);
    if (value === undefined) return;
    const separator = left.indexOf('::');
    const section = separator < 0 ? this.#section : left.slice(0, separator);
    const name = separator < 0 ? left : left.slice(separator + 2);
    this.#entryCount += 1;
    if (this.#entryCount > maxEntries) return;
    const entries = this.#sections.get(section) ?? new Map<string, ConfigEntry>();
    this.#sections.set(section, entries);
    // OpenSSL takes the old value out of the section's list and puts the new one at its end.
    entries.delete(name);
    entries.set(name, { name, value, ...place });
  }

  /** Resolves quotes, escapes and variables; undefined after a problem. */
  #expand(text: string, place: Place): string | undefined {
    let result = '';
    let index = 0;
    while (index < text.length) {
      const char = text.charAt(index);
      if (char === '"' || char === "'" || char === '`') {
        const end = closingQuote(text, index);
        result += text.slice(index + 1, end).replace(/\\(.?)/gs, '$1');
        index = end + 1;
      } else if (char === '\\') {
        result += decodeEscapes(text.slice(index, index + 2));
        index += 2;
      } else if (char === '$' && this.#isVariable(text, index)) {
        const variable = this.#variable(text, index, place);
        if (variable === undefined) return undefined;
        result += variable.value;
        index = variable.end;
      } else {
        result += char;
        index += 1;
      }
      if (result.length > maxValueLength) {
        this.#complain('a value longer than 64 KiB', place);
        return undefined;
      }
    }
    return result;
  }

  #isVariable(text: string, index: number): boolean {
    const next = text.charAt(index + 1);
    return next === '{' || next === '(' || (!this.#dollarInNames && /[A-Za-z0-9_]/.test(next));
  }

  #variable(
    text: string,
    start: number,
    place: Place,
  ): { readonly value: string; readonly end: number } | undefined {
    const rest = text.slice(start);
    const match =
      /^\$\{([^}]*)\}/.exec(rest) ??
      /^\$\(([^)]*)\)/.exec(rest) ??
      /^\$([A-Za-z0-9_]+(?:::[A-Za-z0-9_]+)?)/.exec(rest);
    if (match === null) {
      this.#complain('a variable without its closing bracket', place);
      return undefined;
    }
    const [whole, reference = ''] = match;
    const value = this.#lookUp(reference);
    if (value === undefined) {
      this.#complain(`the variable ${reference} has no value`, place);
      return undefined;
    }
    return { value, end: start + whole.length };
  }

  #lookUp(reference: string): string | undefined {
    const separator = reference.indexOf('::');
    const section = separator < 0 ? this.#section : reference.slice(0, separator);
    const name = separator < 0 ? reference : reference.slice(separator + 2);
    if (section === environmentSection) {
      const fromEnvironment = this.#input.environment?.[name];
      if (fromEnvironment !== undefined) return fromEnvironment;
    }
    const own = this.#sections.get(section)?.get(name)?.value;
    return own ?? this.#sections.get(defaultSection)?.get(name)?.value;
  }

  #complain(detail: string, place: Place): void {
    this.#problems.push({ detail, ...place });
  }
}

interface Place {
  readonly file: string;
  readonly line: number;
}

interface LogicalLine {
  readonly content: string;
  /** Of its first physical line, from 1. */
  readonly line: number;
}

/** Takes comments away and joins lines that end in a lone backslash. */
function* joinLines(text: string): Generator<LogicalLine> {
  let pending = '';
  let first = 0;
  const physical = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const [index, raw] of physical.entries()) {
    if (pending === '') first = index + 1;
    const content = withoutComment(raw);
    const slashes = /\\*$/.exec(content)?.[0].length ?? 0;
    if (slashes % 2 === 1) {
      pending += content.slice(0, -1);
      continue;
    }
    yield { content: pending + content, line: first };
    pending = '';
  }
  if (pending !== '') yield { content: pending, line: first };
}

function withoutComment(line: string): string {
  for (let index = 0; index < line.length; index += 1) {
    const char = line.charAt(index);
    if (char === '#') return line.slice(0, index);
    if (char === '\\') index += 1;
    else if (char === '"' || char === "'" || char === '`') index = closingQuote(line, index);
  }
  return line;
}

/** Index of the quote that closes the one at `start`; the end of the text without one. */
function closingQuote(text: string, start: number): number {
  const quote = text.charAt(start);
  for (let index = start + 1; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (char === '\\') index += 1;
    else if (char === quote) return index;
  }
  return text.length;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b' };

function decodeEscapes(text: string): string {
  return text.replace(/\\(.?)/gs, (_, char: string) => escapes[char] ?? char);
}
