/**
 * A vault with a year behind it (`npm run demo:fleet`), to try the console and to photograph it.
 *
 *     npm run demo:fleet -- [--data FOLDER] [--clients 400] [--days 365] [--seed 1] [--no-serve]
 *
 * Nothing is written into the ledger by hand: a vault runs on a clock that this program drives, and
 * each machine makes its backups through the door, by real handshakes with TLS settings of its own.
 * Some change them in time, some are refused. The last day ends where the real clock stands. Then
 * `sealift up` serves the folder; a folder that has a year already is only served.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { playYear } from './demo-fleet/play-year.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: join(tmpdir(), 'sealift-demo-fleet') },
    clients: { type: 'string', default: '400' },
    days: { type: 'string', default: '365' },
    seed: { type: 'string', default: '1' },
    'no-serve': { type: 'boolean', default: false },
  },
});

const dataDir = resolve(values.data);
if (existsSync(join(dataDir, 'vault.db'))) {
  console.log(`${dataDir} has a vault already; remove the folder to play another year.`);
} else {
  const started = performance.now();
  const { results } = await playYear({
    dataDir,
    clients: countOf('clients'),
    days: countOf('days'),
    seed: countOf('seed'),
    endMs: Date.now(),
    onDay(day, days) {
      if (process.stderr.isTTY) process.stderr.write(`\rday ${day + 1} of ${days} `);
    },
  });
  if (process.stderr.isTTY) process.stderr.write('\n');
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`A year of backups in ${dataDir}, played in ${seconds} s:`);
  for (const [result, count] of [...results].sort(([, a], [, b]) => b - a)) {
    console.log(`${String(count).padStart(8)}  ${result}`);
  }
}
if (!values['no-serve']) {
  const main = resolve(import.meta.dirname, '../src/cli/main.mjs');
  const flags = ['--disable-warning=ExperimentalWarning'];
  const vault = spawn(process.execPath, [...flags, main, 'up', '--data', dataDir], {
    stdio: 'inherit',
  });
  // Ctrl-C reaches both; the vault ends in order and this program after it.
  process.on('SIGINT', () => {});
  const [code] = await once(vault, 'exit');
  process.exitCode = typeof code === 'number' ? code : 1;
}

function countOf(option: 'clients' | 'days' | 'seed'): number {
  const count = Number(values[option]);
  if (Number.isSafeInteger(count) && count > 0) return count;
  process.stderr.write(`error: --${option} takes a whole number from 1, not ${values[option]}\n`);
  process.exit(1);
}
