/** The year of the demonstration is what the door, the ledger and the ratchet made of real handshakes. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { playYear, type Year } from '../../scripts/demo-fleet/play-year.ts';
import { simulate } from '../../src/tls/retirement/simulate.ts';
import { withVaultDatabase } from '../../src/vault/database/database.ts';
import { replayEntries } from '../../src/vault/ledger/queries.ts';
import { readPlan } from '../../src/vault/plan-store.ts';
import { tempFolder } from '../support/temp-folder.ts';

const skip = !hasHybridKeyExchange() && 'this Node has no X25519MLKEM768 (OpenSSL before 3.5)';

function hasHybridKeyExchange(): boolean {
  try {
    createSecureContext({ ecdhCurve: 'X25519MLKEM768' });
    return true;
  } catch {
    return false;
  }
}

describe('a year of a small fleet', { skip }, () => {
  const days = 100;
  const endMs = Date.now();
  const dataDir = join(tempFolder({ after }), 'vault');
  let year: Year;

  before(async () => {
    year = await playYear({ dataDir, clients: 30, days, seed: 10, endMs });
  });

  test('the ledger counts each stored snapshot as a backup of a day of the year', async () => {
    const rows = await withVaultDatabase(dataDir, (database) =>
      database.selectFrom('ledger').select(['day', 'backups']).execute(),
    );
    const first = new Date(endMs - days * 86_400_000).toISOString().slice(0, 10);
    const last = new Date(endMs).toISOString().slice(0, 10);
    assert.ok(rows.every(({ day }) => day >= first && day <= last));
    const stored = year.results.get('stored') ?? 0;
    assert.ok(stored > 100);
    assert.equal(
      rows.reduce((sum, { backups }) => sum + backups, 0),
      stored,
    );
  });

  test('enrolled machines have told of their restore drills, and nobody else has', async () => {
    const rows = await withVaultDatabase(dataDir, (database) =>
      database.selectFrom('drills').select('client').execute(),
    );
    assert.ok(rows.length > 0);
    const enrolled = year.machines.filter((machine) => machine.enrolled).map(({ name }) => name);
    assert.ok(rows.every(({ client }) => enrolled.includes(client)));
  });

  test('machines that kept TLS 1.0 were refused by an alert once it was enforced', async () => {
    const late = year.machines
      .filter(
        ({ kind, changeDay, enrolled }) => kind.before === 'tls10' && !enrolled && changeDay > days,
      )
      .map(({ address }) => address);
    assert.ok(late.length > 0);
    const refused = await withVaultDatabase(dataDir, (database) =>
      database.selectFrom('ledger').select('address').where('refused', '>', 0).execute(),
    );
    // Who is refused by an alert says no name; the machine is known by its address.
    const addresses = new Set(refused.map(({ address }) => address));
    assert.ok(
      late.slice(1).every((address) => addresses.has(address)),
      [...addresses].join(' '),
    );
  });

  test('the simulation finds who would fail at the next phase', async () => {
    const entries = await withVaultDatabase(dataDir, (database) => replayEntries(database));
    const { failures } = simulate(entries, await readPlan(dataDir), {
      atMs: endMs + 30 * 86_400_000,
      server: { certificates: ['ecdsa-p256'], alpn: ['http/1.1'] },
    });
    const tills = year.machines.filter(
      ({ kind, changeDay, enrolled, lastDay }) =>
        kind.before === 'tls11' && !enrolled && changeDay > days && lastDay === days,
    );
    const failing = new Set(failures.map(({ entry }) => entry.client));
    for (const { name } of tills) assert.ok(failing.has(name), name);
  });

  test('a machine behind TLS inspection is refused as a suspected downgrade', async () => {
    const inspected = year.machines.find(({ inspectedFrom }) => inspectedFrom !== undefined);
    const rows = await withVaultDatabase(dataDir, (database) =>
      database
        .selectFrom('ledger')
        .select('reasons')
        .where('client', '=', inspected?.name ?? '')
        .execute(),
    );
    assert.ok(rows.some(({ reasons }) => reasons.includes('"ratchet"')));
  });
});
