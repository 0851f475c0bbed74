/**
 * Runs a command and takes its cost from the kernel (wait4, by GNU time): user and system time of the
 * process and of all descendants that it waited for, and the peak resident memory of the largest of
 * them. None of the programs compared spreads its work over several processes, so that is their peak.
 */

import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment } from '../../test/support/run.ts';
import { addCosts, type Cost } from './statistics.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const timePaths = ['/usr/bin/time', '/usr/local/bin/gtime', '/opt/homebrew/bin/gtime'];
const timePath = timePaths.find((path) => existsSync(path));
/** What is kept of a command's output, for the message when it fails. */
const keptOutput = 4000;
const zeros = new Uint8Array(2 ** 24);

export function requireTime(): void {
  if (timePath !== undefined) return;
  throw new Error(
    `GNU time is needed (Debian: apt-get install time), at ${timePaths.join(' or ')}`,
  );
}

/** Runs the commands one after the other; throws with what was said when one fails. */
export async function measure(commands: readonly Command[]): Promise<Cost> {
  const costs: Cost[] = [];
  for (const command of commands) costs.push(await measureOne(command));
  return addCosts(costs);
}

/** Dirty pages of the job before are written out before the next is timed; the cache stays warm. */
export function settle(): void {
  execFileSync('sync');
}

/**
 * Takes this much memory for a file and gives it back. The host of a virtual machine may have taken free
 * memory away, and the first program to write much would wait for it in place of the others.
 */
export function touchMemory(folder: string, bytes: number): void {
  const path = join(folder, 'touched');
  const file = openSync(path, 'w');
  try {
    for (let at = 0; at < bytes; at += zeros.length) writeSync(file, zeros);
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

async function measureOne(command: Command): Promise<Cost> {
  requireTime();
  const folder = mkdtempSync(join(tmpdir(), 'sealift-time-'));
  try {
    const report = join(folder, 'time');
    const args = ['-q', '-o', report, '-f', '%U %S %M', command.file, ...command.args];
    const started = performance.now();
    await runQuietly({ ...command, file: timePath ?? '', args });
    const seconds = (performance.now() - started) / 1000;
    const [user = Number.NaN, system = Number.NaN, peak = Number.NaN] = lastLine(report)
      .split(' ')
      .map(Number);
    return { seconds, userSeconds: user, systemSeconds: system, peakBytes: peak * 1024 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lastLine(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '';
}

/** Runs a command to its end; throws with the end of its output when it fails. */
export function runQuietly(command: Command): Promise<string> {
  const { file, args, env = {}, cwd } = command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      env: cleanEnvironment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = `${output}${text}`.slice(-keptOutput);
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${file} ${args.join(' ')}: exit code ${code}\n${output}`));
    });
  });
}
