/** Programs of the system that are run to their end for what they print. */

import { spawn } from 'node:child_process';

export interface ProgramResult {
  /** undefined when it was stopped: by a signal, after its time, or for printing too much. */
  readonly code: number | undefined;
  /** What it wrote to its standard output. */
  readonly output: Buffer;
}

export interface ProgramOptions {
  /** `inherit` lets it talk to the user; only its output is ours. */
  readonly stdio?: 'inherit' | 'ignore';
  readonly timeoutMs?: number;
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal;
}

/**
 * Node throws for some starts that fail and tells others by an event; here both reject.
 * @throws the system's error when it cannot be started
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { stdio = 'ignore', timeoutMs, maxOutputBytes = Infinity, signal }: ProgramOptions = {},
): Promise<ProgramResult> {
  const child = spawn(program, args, {
    stdio: [stdio, 'pipe', stdio],
    timeout: timeoutMs,
    signal,
    windowsHide: stdio === 'ignore',
  });
  const parts: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (part: Buffer) => {
    size += part.length;
    if (size <= maxOutputBytes) parts.push(part);
    else child.kill();
  });
  const code = await new Promise<number | null>((done, failed) => {
    child.once('error', failed);
    child.once('close', done);
  });
  return { code: code ?? undefined, output: Buffer.concat(parts) };
}
