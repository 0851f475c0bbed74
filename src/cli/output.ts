/**
 * Where words go: results to standard output, everything else to standard error. With --json the
 * standard output carries JSON and nothing else; with --quiet only results, warnings and errors are left.
 */

import { printable } from '../base/printable.ts';
import type { Say } from './texts/texts.ts';

export interface OutputModes {
  readonly json: boolean;
  readonly quiet: boolean;
  /** 0 as usual, 1 names what happens to each file, 2 adds stacks and retries. */
  readonly verbosity: number;
}

export interface TextStream {
  write(text: string | Uint8Array): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export class Output {
  readonly modes: OutputModes;
  readonly #say: Say;
  readonly #stdout: TextStream;
  readonly #stderr: TextStream;
  #statusLines = 0;

  constructor(modes: OutputModes, say: Say, streams: { stdout: TextStream; stderr: TextStream }) {
    this.modes = modes;
    this.#say = say;
    this.#stdout = streams.stdout;
    this.#stderr = streams.stderr;
  }

  /** True when a status that is redrawn in place makes sense. */
  get showsStatus(): boolean {
    return this.#stderr.isTTY === true && !this.modes.quiet && !this.modes.json;
  }

  /** What the user asked for; printed also when quiet. Not for --json. */
  result(line: string): void {
    this.#write(this.#stdout, line);
  }

  /** Bytes as they are, without a newline. */
  raw(bytes: Uint8Array): void {
    this.status([]);
    this.#stdout.write(bytes);
  }

  /** A line about what was done. */
  info(line: string): void {
    if (!this.modes.quiet && !this.modes.json) this.#write(this.#stdout, line);
  }

  /** A line for those who asked for more. */
  detail(line: string): void {
    if (this.modes.verbosity > 0 && !this.modes.quiet && !this.modes.json) {
      this.#write(this.#stdout, line);
    }
  }

  /** One JSON document or line. */
  json(value: unknown): void {
    this.#write(this.#stdout, toJson(value));
  }

  /** A JSON line about a failure, which must not mix with the results. */
  jsonError(value: unknown): void {
    this.#write(this.#stderr, toJson(value));
  }

  warn(line: string): void {
    if (this.modes.json) this.jsonError({ message_type: 'warning', message: line });
    else this.#write(this.#stderr, `${this.#say('warning.prefix')}: ${line}`);
  }

  /** A line on standard error, for prompts' answers, hints and the like. */
  note(line: string): void {
    this.#write(this.#stderr, line);
  }

  /** Redraws the status below the other lines; an empty list takes it away. */
  status(lines: readonly string[]): void {
    if (!this.showsStatus) return;
    const width = Math.max(20, (this.#stderr.columns ?? 80) - 1);
    const text = lines.map((line) => `${clip(line, width)}\n`).join('');
    this.#stderr.write(this.#eraseStatus() + text);
    this.#statusLines = lines.length;
  }

  #write(stream: TextStream, line: string): void {
    if (this.#statusLines > 0) {
      this.#stderr.write(this.#eraseStatus());
      this.#statusLines = 0;
    }
    stream.write(`${line}\n`);
  }

  #eraseStatus(): string {
    return this.#statusLines === 0 ? '' : `\x1b[${this.#statusLines}A\r\x1b[J`;
  }
}

/** JSON of plain data in which 64-bit numbers may stand: they become numbers where these are exact. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, replaceBigint, indent);
}

function replaceBigint(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
}

/** Cuts a line to the width of the terminal; control characters would break the redrawing. */
function clip(line: string, width: number): string {
  const plain = printable(line);
  if (displayWidth(plain) <= width) return plain;
  let used = 0;
  let cut = '';
  for (const character of plain) {
    used += characterWidth(character);
    if (used > width - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

/** Columns of a terminal that a text takes: East Asian wide characters take two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff);
  return wide ? 2 : 1;
}
