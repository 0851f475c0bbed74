import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import { TicketKeys } from './ticket-keys.ts';

const hourMs = 3_600_000;

test('processes of one data folder have the same keys, also after a restart', async (t) => {
  const { path, clock } = setUp(t);
  const first = await TicketKeys.open(path, clock);
  const second = await TicketKeys.open(path, clock);
  assert.equal(first.current.length, 48);
  assert.deepEqual(second.current, first.current);
  assert.equal(statSync(path).mode & 0o077, 0);
});

test('keys are replaced after a day, and every process takes the new ones', async (t) => {
  const { path, clock } = setUp(t);
  const first = await TicketKeys.open(path, clock);
  const second = await TicketKeys.open(path, clock);
  const old = first.current;
  clock.ms += 23 * hourMs;
  assert.equal(await first.refresh(), false);
  clock.ms += hourMs;
  assert.equal(await first.refresh(), true);
  assert.notDeepEqual(first.current, old);
  assert.equal(await second.refresh(), true);
  assert.deepEqual(second.current, first.current);
});

test('a broken file and keys from the future are replaced', async (t) => {
  const { path, clock } = setUp(t);
  writeFileSync(path, 'broken');
  const keys = await TicketKeys.open(path, clock);
  assert.match(readFileSync(path, 'utf8'), new RegExp(keys.current.toString('hex')));
  clock.ms -= 48 * hourMs;
  assert.equal(await keys.refresh(), true);
});

function setUp(t: { after(cleanUp: () => void): void }) {
  const clock = { ms: 1_800_000_000_000, now: () => clock.ms };
  return { path: join(tempFolder(t), 'tickets'), clock };
}
