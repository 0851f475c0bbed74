/** Questions on the terminal whose answers do not show, and lines from a pipe. */

import { SealiftError } from '../base/errors.ts';

/** True when a person can be asked. */
export function canPrompt(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks on standard error and reads a line that is not echoed.
 * @throws SealiftError `interrupted` on Ctrl-C, `password/missing` at the end of input
 */
export function promptHidden(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  return new Promise<string>((resolve, reject) => {
    let answer = '';
    const finish = (): void => {
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
    };
    const onData = (text: string): void => {
      const typed = typeInto(answer, text);
      answer = typed.answer;
      if (typed.end === undefined) return;
      finish();
      if (typed.end === 'done') resolve(answer);
      else if (typed.end === 'interrupted') reject(new SealiftError('interrupted', 'interrupted'));
      else reject(new SealiftError('password/missing', 'no password was given'));
    };
    stdin.on('data', onData);
    stdin.resume();
  });
}

/** What the keys make of a line: Enter ends it, Ctrl-C and Ctrl-D break off, Ctrl-U begins anew. */
export function typeInto(
  before: string,
  keys: string,
): { answer: string; end?: 'done' | 'interrupted' | 'closed' } {
  let answer = before;
  for (const key of keys) {
    if (key === '\r' || key === '\n') return { answer, end: 'done' };
    if (key === '\u0003') return { answer, end: 'interrupted' };
    if (key === '\u0004' && answer === '') return { answer, end: 'closed' };
    if (key === '\u007f' || key === '\b') answer = [...answer].slice(0, -1).join('');
    else if (key === '\u0015') answer = '';
    else answer += key;
  }
  return { answer };
}

/** The first line of standard input, or undefined when it ends without a byte. At most 64 KiB are read. */
export async function readLineFromInput(): Promise<string | undefined> {
  const maxBytes = 65536;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of process.stdin) {
    const bytes = Buffer.from(part as Uint8Array);
    parts.push(bytes);
    size += bytes.length;
    if (bytes.includes(0x0a) || size > maxBytes) break;
  }
  if (size === 0) return undefined;
  const [line = ''] = Buffer.concat(parts).toString('utf8').split('\n', 1);
  return line.replace(/\r$/, '');
}
