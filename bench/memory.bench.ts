/**
 * Question: is the memory of a backup and of a restore bounded by the machine, not by the data?
 *
 *     node bench/memory.bench.ts [--gib 20] [--random-gib 2] [--files 200000]
 *
 * Two sources: one large file (random stretches in a sparse file) and one folder of small files. Each is
 * backed up and restored by the real command, each in a process of its own, whose peak resident memory
 * the process itself reports at its end. The limit of 500 MiB is the promise; the exit code says whether
 * it held.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { mallocSettings, nodeFlags } from '../test/support/run.ts';

const limitMib = 500;
const mib = 1024 ** 2;
const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    gib: { type: 'string', default: '20' },
    'random-gib': { type: 'string', default: '2' },
    files: { type: 'string', default: '200000' },
  },
});

/** Loaded into the measured process: tells its peak resident memory on standard error as it ends. */
const reporter = `data:text/javascript,${encodeURIComponent(
  "import { isMainThread } from 'node:worker_threads';" +
    "if (isMainThread) process.on('exit', () => process._rawDebug('peak-kib ' + process.resourceUsage().maxRSS));",
)}`;

function measure(name: string, args: readonly string[], env: NodeJS.ProcessEnv): boolean {
  const started = performance.now();
  const result = spawnSync(
    process.execPath,
    [...nodeFlags, '--import', reporter, 'src/cli/main.mjs', ...args],
    { cwd: root, env, encoding: 'utf8', maxBuffer: 64 * mib },
  );
  const seconds = (performance.now() - started) / 1000;
  const peakMib = Number(/peak-kib (\d+)/.exec(result.stderr)?.[1] ?? Number.NaN) / 1024;
  const held = result.status === 0 && peakMib <= limitMib;
  console.log(
    `${name.padEnd(28)} peak ${peakMib.toFixed(0).padStart(5)} MiB  ${seconds.toFixed(1).padStart(7)} s  ${held ? 'held' : `FAILED (exit ${result.status})`}`,
  );
  if (result.status !== 0) console.log(result.stderr.slice(-2000));
  return held;
}

function makeLargeFile(folder: string): void {
  const file = openSync(join(folder, 'large'), 'w');
  const size = Number(values.gib) * 1024 * mib;
  const stretches = Number(values['random-gib']) * 64;
  for (let i = 0; i < stretches; i += 1) {
    writeSync(file, randomBytes(16 * mib), 0, 16 * mib, Math.floor((size / stretches) * i));
  }
  ftruncateSync(file, size);
  closeSync(file);
}

function makeSmallFiles(folder: string): void {
  const content = randomBytes(4096);
  for (let i = 0; i < Number(values.files); i += 1) {
    content.writeUInt32LE(i);
    writeFileSync(join(folder, `file-${i}`), content);
  }
}

const place = mkdtempSync(join(tmpdir(), 'sealift-bench-'));
let held = true;
try {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: root,
    encoding: 'utf8',
  });
  console.log(
    `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'}, commit ${commit.trim()}`,
  );
  for (const [name, make] of [
    [`${values.gib} GiB file`, makeLargeFile],
    [`${values.files} small files`, makeSmallFiles],
  ] as const) {
    const source = join(place, 'source');
    const target = join(place, 'target');
    const repository = join(place, 'repository');
    const env = {
      ...process.env,
      ...mallocSettings,
      SEALIFT_REPOSITORY: repository,
      SEALIFT_PASSWORD: 'bench',
    };
    mkdirSync(source);
    make(source);
    held = measure(`${name}: init`, ['init'], env) && held;
    held = measure(`${name}: backup`, ['backup', source], env) && held;
    held = measure(`${name}: backup again`, ['backup', source], env) && held;
    held = measure(`${name}: check`, ['check', '--read-data'], env) && held;
    held =
      measure(`${name}: restore`, ['restore', 'latest', '--sparse', '--target', target], env) &&
      held;
    for (const folder of [source, target, repository]) {
      rmSync(folder, { recursive: true, force: true });
    }
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}
process.exitCode = held ? 0 : 1;
