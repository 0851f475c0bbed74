/** Runs programs to their end and returns what they said; Sealift runs as a user would start it. */

import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

const root = resolve(import.meta.dirname, '../..');
export const mainFile = resolve(root, 'src/cli/main.mjs');
/** Those of the launchers `sealift` and `sealift.cmd`. */
export const nodeFlags = [
  '--disable-warning=ExperimentalWarning',
  '--initial-old-space-size=64',
] as const;

/** What the launcher `sealift` says to glibc; measurements of memory need it. */
export const mallocSettings = {
  MALLOC_MMAP_THRESHOLD_: '524288',
  MALLOC_TRIM_THRESHOLD_: '1048576',
} as const;

/** The environment of a test's child: this process's, without anything that names a repository. */
export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(RESTIC|SEALIFT|NODE_TEST)/.test(name),
  );
  return { ...Object.fromEntries(kept), ...extra };
}

export function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  return new Promise((done, failed) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: cleanEnvironment(options.env),
      stdio: 'pipe',
      signal: options.signal,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => {
      // The child may end without reading its input; its exit code tells what matters.
    });
    child.stdin.end(options.input ?? '');
    child.on('error', failed);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

export function runSealift(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return run(process.execPath, [...nodeFlags, mainFile, ...args], options);
}

/** Like {@link run}, for steps that must succeed: a failure throws with everything that was said. */
export async function mustRun(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${code}\n${stdout}${stderr}`);
  return stdout;
}

export function mustRunSealift(args: readonly string[], options: RunOptions = {}): Promise<string> {
  return mustRun(process.execPath, [...nodeFlags, mainFile, ...args], options);
}
