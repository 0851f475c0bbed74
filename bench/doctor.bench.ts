/**
 * Question: how long does the doctor take over a large fleet, and over one large registry?
 *
 *     node bench/doctor.bench.ts [--machines 10000] [--mib 100]
 *
 * Each part runs in a process of its own, so that the peak of its memory is its own. `fleet` reads the
 * facts of the machines from a folder, judges each and makes the page; `hive` reads a SOFTWARE hive that
 * is dirty, with the log that completes it, then also every key and value of it.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DoctorPage } from '../src/cli/doctor-page.ts';
import { diagnose } from '../src/doctor/doctor.ts';
import { readHiveFile } from '../src/doctor/facts/read-file.ts';
import { readMachines } from '../src/doctor/facts/read-machines.ts';
import { makeDirty, makeHive } from '../test/support/make-hive.ts';
import {
  machineReg,
  net4,
  type SystemName,
  tls12Client,
  windowsMachine,
  winHttp,
} from '../test/support/windows-machine.ts';

const mib = 1024 ** 2;
const systems: readonly SystemName[] = ['2008 R2 SP1', '2016', '2019', '2022', '7 SP1'];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    machines: { type: 'string', default: '10000' },
    mib: { type: 'string', default: '100' },
  },
});
const [part, folder = ''] = positionals;

if (part === 'fleet') await measureFleet(folder);
else if (part === 'hive') await measureHive(folder);
else compare();

function compare(): void {
  const root = mkdtempSync(join(tmpdir(), 'sealift-doctor-bench-'));
  try {
    const fleet = join(root, 'fleet');
    mkdirSync(fleet);
    const count = Number(values.machines);
    for (let i = 0; i < count; i += 1) {
      writeFileSync(join(fleet, `m${i}.json`), JSON.stringify(machineNumber(i)));
    }
    const config = join(root, 'disk', 'Windows', 'System32', 'config');
    mkdirSync(config, { recursive: true });
    const export_ = machineReg('2019').replaceAll('[HKLM\\', '[HKEY_LOCAL_MACHINE\\');
    const hive = makeHive(export_, 'HKEY_LOCAL_MACHINE\\SOFTWARE', Number(values.mib) * mib);
    const dirty = makeDirty(hive, Math.min(2048, Math.floor(hive.length / 4096 / 4)));
    writeFileSync(join(config, 'SOFTWARE'), dirty.hive);
    writeFileSync(join(config, 'SOFTWARE.LOG1'), dirty.log);
    const sizes = [hive.length, dirty.log.length].map((size) => `${(size / mib).toFixed(1)} MiB`);
    process.stdout.write(`SOFTWARE ${sizes.join(', its log ')}\n`);
    for (const [name, path] of [
      ['fleet', fleet],
      ['hive', join(root, 'disk')],
    ] as const) {
      execFileSync(process.execPath, [import.meta.filename, name, path], { stdio: 'inherit' });
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Five systems, with the settings of a fleet that nobody has looked after. */
function machineNumber(i: number) {
  const system = systems[i % systems.length] ?? '2019';
  const keys = {
    ...(i % 3 === 0 ? { [tls12Client]: { Enabled: i % 2, DisabledByDefault: 0 } } : {}),
    ...(i % 4 === 0 ? { [net4]: { SchUseStrongCrypto: 1, SystemDefaultTlsVersions: i % 2 } } : {}),
    ...(i % 5 === 0 ? { [winHttp]: { DefaultSecureProtocols: i % 2 === 0 ? 0xa0 : 0xa80 } } : {}),
  };
  return { ...windowsMachine(system, { keys }), host: `host${i}` };
}

async function measureFleet(path: string): Promise<void> {
  const start = performance.now();
  const page = new DoctorPage('en');
  let count = 0;
  let judging = 0;
  for await (const machine of readMachines([path])) {
    if ('error' in machine) throw machine.error;
    const before = performance.now();
    const diagnosis = diagnose(machine.facts);
    judging += performance.now() - before;
    page.add({ name: machine.name, path: machine.path, diagnosis });
    count += 1;
  }
  const size = page.render().length;
  report(
    `${count} machines read, judged and put on a page of ${(size / mib).toFixed(1)} MiB`,
    start,
  );
  process.stdout.write(`  of it judging ${(judging / 1000).toFixed(1)} s\n`);
}

async function measureHive(path: string): Promise<void> {
  const start = performance.now();
  for await (const machine of readMachines([path])) {
    if ('error' in machine) throw machine.error;
    const notes = machine.facts.sources.flatMap((source) => source.notes);
    if (!notes.some((note) => note.includes('replayed'))) throw new Error('no log was replayed');
    diagnose(machine.facts);
  }
  report('the hive read with its log, and judged', start);
  const again = performance.now();
  const { hive } = await readHiveFile(join(path, 'Windows/System32/config/SOFTWARE'));
  let keys = 0;
  let all = 0;
  for (const { key } of hive.walk()) {
    keys += 1;
    for (const _ of hive.values(key)) all += 1;
  }
  if (hive.problems.length > 0) throw new Error(hive.problems[0]?.what);
  report(`every key and value of it (${keys} keys, ${all} values)`, again);
}

function report(what: string, start: number): void {
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`${what}: ${seconds} s, peak ${Math.round(peakKib() / 1024)} MiB\n`);
}

/** Linux hands a parent's maximum on to its child; the high-water mark begins anew. */
function peakKib(): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}
