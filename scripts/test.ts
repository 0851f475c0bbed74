/**
 * Runs every test (`npm test`), or those whose files are named as arguments.
 *
 * Tests that need a peer (restic, OpenSSL, GnuTLS) are skipped with the reason where it is missing.
 * With SEALIFT_REQUIRE_PEERS=1 a skipped test counts as a failure, so that a continuous-integration
 * run cannot pass by leaving something out.
 */

import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const requirePeers = process.env['SEALIFT_REQUIRE_PEERS'] === '1';
const named = process.argv.slice(2);
const globPatterns =
  named.length > 0 ? named : ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'];
const skipped: string[] = [];

const events = run({
  globPatterns,
  concurrency: 2,
  execArgv: ['--disable-warning=ExperimentalWarning'],
});
events.on('test:fail', (event) => {
  if (event.todo === undefined || event.todo === false) process.exitCode = 1;
});
events.on('test:pass', (event) => {
  if (event.skip === undefined || event.skip === false) return;
  skipped.push(`${event.file ?? ''}: ${event.name} (${String(event.skip)})`);
});
events.on('end', () => {
  if (skipped.length === 0) return;
  console.log(`\n${skipped.length} tests were skipped:\n${skipped.join('\n')}`);
  if (!requirePeers) return;
  console.log('SEALIFT_REQUIRE_PEERS is set: a skipped test is a failure.');
  process.exitCode = 1;
});
events.compose(spec).pipe(process.stdout);
