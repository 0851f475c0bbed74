/**
 * The Windows that runs this program, by the tools that every Windows has: `reg.exe`, and PowerShell for
 * updates and the versions of files. What cannot be read is a problem in the facts, never a failure.
 */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCodeOf } from '../../base/errors.ts';
import { runProgram } from '../../base/run-program.ts';
import { type Answer, factsOfAnswers, fileVersionsIn } from './collected/answers.ts';
import { keysAbove, type RegistryRequest, registryRequests } from './collected/requests.ts';
import { detailsScript } from './collected/script-ps1.ts';
import type { FactProblem, Facts } from './facts.ts';
import { decodeRegFile } from './registry/reg-text.ts';

export interface ToolResult {
  /** undefined when it could not be started, or was stopped after its time. */
  readonly code: number | undefined;
  readonly output: Uint8Array;
}

/** Runs a tool of Windows, `reg` or `powershell`, to its end. */
export type RunTool = (tool: 'reg' | 'powershell', args: readonly string[]) => Promise<ToolResult>;

const timeoutsMs = { reg: 30_000, powershell: 60_000 } as const;
/** A start can fail for a moment, as when memory or handles are short. */
const startPausesMs = [100, 1000];
/** Missing or forbidden: another try would find the same. */
const lastingCodes: ReadonlySet<string | undefined> = new Set(['ENOENT', 'EACCES', 'EPERM']);
const maxOutputBytes = 64 * 1024 * 1024;
/** reg.exe starts quickly; a few at once keep two processors busy. */
const atOnce = 4;

/** A 32-bit program sees another registry unless it asks for the tools of the 64-bit system. */
export function windowsTools(env: NodeJS.ProcessEnv): RunTool {
  const windows = env['SystemRoot'] ?? env['SYSTEMROOT'] ?? 'C:\\Windows';
  const folder = env['PROCESSOR_ARCHITEW6432'] === undefined ? 'System32' : 'Sysnative';
  const programs = {
    reg: `${windows}\\${folder}\\reg.exe`,
    powershell: `${windows}\\${folder}\\WindowsPowerShell\\v1.0\\powershell.exe`,
  };
  return (tool, args) => runTool(programs[tool], args, timeoutsMs[tool]);
}

async function runTool(
  program: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<ToolResult> {
  for (const pauseMs of [...startPausesMs, undefined]) {
    try {
      return await runProgram(program, args, { timeoutMs, maxOutputBytes });
    } catch (error) {
      if (pauseMs === undefined || lastingCodes.has(systemCodeOf(error))) break;
      await sleep(pauseMs);
    }
  }
  return { code: undefined, output: new Uint8Array() };
}

export async function readWindowsLive(run: RunTool): Promise<Facts> {
  const folder = await mkdtemp(join(tmpdir(), 'sealift-doctor-'));
  try {
    const details = askDetails(run);
    const registry = await askRegistry(run, folder);
    const { text, problems } = await details;
    return factsOfAnswers({
      registry,
      problems,
      updates: [{ command: 'Get-WmiObject Win32_QuickFixEngineering', text }],
      fileVersions: fileVersionsIn(text),
      source: { file: 'reg.exe', kind: 'live', notes: [] },
      host: hostname(),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function askDetails(run: RunTool): Promise<{ text: string; problems: FactProblem[] }> {
  const args = ['-NoProfile', '-NonInteractive', '-Command', detailsScript()];
  const { code, output } = await run('powershell', args);
  const text = decodeRegFile(output);
  const isWhole = code === 0 && /^details=done\s*$/m.test(text);
  const detail = 'PowerShell did not list updates and file versions';
  return { text, problems: isWhole ? [] : [{ what: 'unreadable', detail, file: 'powershell' }] };
}

async function askRegistry(run: RunTool, folder: string): Promise<Answer[]> {
  const requests = registryRequests();
  const answers: Answer[] = [];
  let next = 0;
  const worker = async () => {
    while (next < requests.length) {
      const i = next;
      next += 1;
      const request = requests[i];
      if (request !== undefined) {
        answers[i] = await ask(run, request, join(folder, `${i}.reg`));
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return answers;
}

async function ask(run: RunTool, request: RegistryRequest, file: string): Promise<Answer> {
  const { path, how, name = '' } = request;
  if (how === 'export') {
    const { code } = await run('reg', ['export', path, file, '/y']);
    const bytes = code === 0 ? await readFile(file).catch(() => undefined) : undefined;
    return bytes === undefined ? whyNot(run, path) : { path, kind: 'export', bytes };
  }
  const search = how === 'search' ? ['/s', '/v', name] : [];
  const { code, output } = await run('reg', ['query', path, ...search]);
  if (code === 0) return { path, kind: 'query', bytes: output };
  // A search that finds nothing ends as if the key were missing.
  const plain = how === 'search' ? await run('reg', ['query', path]) : undefined;
  return plain?.code === 0 ? { path, kind: 'query', bytes: plain.output } : whyNot(run, path);
}

/**
 * `reg.exe` ends alike for a missing key and for one that may not be read, and says why in the language
 * of Windows: only the list of the key above tells.
 */
async function whyNot(run: RunTool, path: string): Promise<Answer> {
  const missing = await missingTop(run, path);
  if (missing !== undefined) return { path, kind: 'absent', top: missing };
  return { path, kind: 'failed', detail: 'reg.exe cannot read it' };
}

/** The highest key on the way to `path` that does not exist; undefined when that cannot be told. */
export async function missingTop(run: RunTool, path: string): Promise<string | undefined> {
  let below = path;
  for (const above of keysAbove(path)) {
    const { code, output } = await run('reg', ['query', above]);
    if (code === 0) return lists(output, below) ? undefined : below;
    below = above;
  }
  return undefined;
}

/** True when the output of `reg query` names the key; only its last part, since roots have two names. */
export function lists(output: Uint8Array, path: string): boolean {
  const name = (path.split('\\').at(-1) ?? '').toUpperCase();
  return decodeRegFile(output)
    .split(/\r?\n/)
    .some((line) => /^HKEY_/i.test(line) && line.trimEnd().toUpperCase().endsWith(`\\${name}`));
}
