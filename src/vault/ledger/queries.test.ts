import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  connection,
  dayMs,
  newOffer,
  noonMs,
  openLedger,
  refused,
  tls12Handshake,
  tls13Handshake,
  withDatabase,
} from '../../../test/support/ledger.ts';
import type { ConnectionRecord } from '../../door/connection.ts';
import { classify } from './classes.ts';
import { prune } from './prune.ts';
import { listClients, replayEntries, showClient } from './queries.ts';
import { inventory, timelineByWeek } from './usage.ts';

const laptop = { kind: 'certificate', name: 'laptop' } as const;

/** Accepted connections are told at their end, refused ones at the verdict too. */
async function ledgerOf(
  context: Parameters<typeof openLedger>[0],
  records: readonly ConnectionRecord[],
): Promise<string> {
  const { ledger, file } = await openLedger(context);
  for (const record of records) {
    ledger.onVerdict(record);
    if (record.client !== undefined) ledger.onIdentity(record);
    ledger.onEnd(record);
  }
  await ledger.close();
  return file;
}

function onDay(day: number): { startedMs: number; endedMs: number } {
  const startedMs = noonMs + day * dayMs;
  return { startedMs, endedMs: startedMs + 10 };
}

test('a refused hello from where a client is known counts for this client', async (context) => {
  const file = await ledgerOf(context, [
    connection({ client: laptop, negotiated: tls12Handshake, ...onDay(0) }),
    refused(onDay(1)),
    refused({ ...onDay(1), address: '192.0.2.99' }),
  ]);
  const clients = await withDatabase(file, (database) => listClients(database));
  const summary = clients.find(({ name }) => name === 'laptop');
  assert.equal(summary?.connections, 2);
  assert.equal(summary?.connectionsBySighting, 1);
  assert.equal(summary?.outcomes.refused, 1);
  assert.equal(summary?.days, 2);
  assert.equal(summary?.lastVersion, 0x0303);
  assert.deepEqual(
    clients.map(({ name }) => name),
    ['laptop', '192.0.2.99'],
  );
});

test('a refused hello from where two clients are known counts for neither', async (context) => {
  const file = await ledgerOf(context, [
    connection({ client: laptop }),
    connection({ client: { kind: 'login', name: 'alice' } }),
    refused(),
  ]);
  const clients = await withDatabase(file, (database) => listClients(database));
  assert.deepEqual(
    clients.map(({ name, connections }) => [name, connections]),
    [
      ['alice', 1],
      ['laptop', 1],
      ['192.0.2.1', 1],
    ],
  );
});

test('clients, visitors and scanners are told apart', async (context) => {
  const scan = Array.from({ length: 20 }, (_, index) =>
    connection({ address: '198.51.100.9', fingerprint: `f${index}` }),
  );
  const file = await ledgerOf(context, [
    connection({ client: laptop }),
    connection({ address: '192.0.2.2' }),
    connection({ address: '192.0.2.3', ...onDay(0) }),
    connection({ address: '192.0.2.3', ...onDay(1) }),
    connection({ address: '192.0.2.4', negotiated: tls12Handshake, bytesRead: 50_000 }),
    connection({ address: '192.0.2.5', offer: undefined, outcome: 'not-tls', reason: 'http' }),
    connection({ address: '192.0.2.6', offer: undefined, outcome: 'empty', ...onDay(0) }),
    connection({ address: '192.0.2.6', offer: undefined, outcome: 'empty', ...onDay(1) }),
    ...scan,
  ]);
  const clients = await withDatabase(file, (database) => listClients(database));
  const classes = Object.fromEntries(clients.map(({ name, class: type }) => [name, type]));
  assert.deepEqual(classes, {
    laptop: 'client',
    '192.0.2.2': 'visitor',
    '192.0.2.3': 'client',
    '192.0.2.4': 'client',
    '192.0.2.5': 'scanner',
    '192.0.2.6': 'visitor',
    '198.51.100.9': 'scanner',
  });
});

test('a client that was identified stays one, whatever else came from its address', () => {
  const noise = { days: 1, transfers: 0, idleFingerprints: 50, notTls: 9 };
  assert.equal(classify({ ...noise, identified: true }), 'client');
  assert.equal(classify({ ...noise, identified: false }), 'scanner');
});

test('the replay gives each fingerprint of a client with its offer and its backups', async (context) => {
  const { ledger, file } = await openLedger(context);
  const offer = { ...newOffer, serverName: 'vault.example' };
  ledger.onEnd(connection({ client: laptop }));
  const modern = connection({ client: laptop, offer, negotiated: tls12Handshake, ...onDay(1) });
  ledger.onEnd(modern);
  ledger.recordBackup({
    client: laptop,
    listener: 'main',
    address: modern.address,
    fingerprint: modern.fingerprint,
    atMs: modern.endedMs,
  });
  ledger.onEnd(connection({ client: laptop, listener: 'preview' }));
  await ledger.close();
  const entries = await withDatabase(file, (database) => replayEntries(database));
  assert.equal(entries.length, 2);
  const entry = entries.find(({ fingerprint }) => fingerprint === modern.fingerprint);
  assert.deepEqual(entry?.offer, offer);
  assert.equal(entry?.client, 'laptop');
  assert.equal(entry?.connections, 1);
  assert.equal(entry?.backups, 1);
  assert.equal(entry?.lastBackupMs, modern.endedMs);
  const recent = await withDatabase(file, (database) =>
    replayEntries(database, { sinceMs: noonMs + dayMs }),
  );
  assert.deepEqual(recent, [entry]);
});

test('the timeline counts connections and clients of each week by version', async (context) => {
  // 2026-11-24 is a Tuesday; six days later is the next week.
  const file = await ledgerOf(context, [
    connection({ client: laptop, negotiated: tls12Handshake, ...onDay(0) }),
    connection({ client: laptop, negotiated: tls12Handshake, ...onDay(1) }),
    connection({ client: laptop, negotiated: tls13Handshake, ...onDay(6) }),
    refused({ address: '192.0.2.7', ...onDay(6) }),
  ]);
  const weeks = await withDatabase(file, (database) => timelineByWeek(database));
  const none = { client: 0, visitor: 0, scanner: 0 };
  assert.deepEqual(weeks, [
    {
      monday: '2026-11-23',
      versions: [
        { version: 0x0303, connections: { ...none, client: 2 }, clients: { ...none, client: 1 } },
      ],
    },
    {
      monday: '2026-11-30',
      versions: [
        { version: 0x0304, connections: { ...none, client: 1 }, clients: { ...none, client: 1 } },
        {
          version: undefined,
          connections: { ...none, visitor: 1 },
          clients: { ...none, visitor: 1 },
        },
      ],
    },
  ]);
});

test('the inventory has a line for each client, version, suite and group', async (context) => {
  const file = await ledgerOf(context, [
    connection({ client: laptop, negotiated: tls13Handshake, ...onDay(0) }),
    connection({ client: laptop, negotiated: tls12Handshake, ...onDay(0) }),
    connection({ client: laptop, negotiated: tls12Handshake, ...onDay(2) }),
    refused(),
  ]);
  const lines = await withDatabase(file, (database) => inventory(database));
  assert.deepEqual(
    lines.map(({ version, cipherSuite, group, client, connections, firstDay, lastDay }) => [
      version,
      cipherSuite,
      group,
      client,
      connections,
      firstDay,
      lastDay,
    ]),
    [
      [0x0303, 0xc02f, 0x1d, 'laptop', 2, '2026-11-24', '2026-11-26'],
      [0x0304, 0x1301, 0x11ec, 'laptop', 1, '2026-11-24', '2026-11-24'],
    ],
  );
});

test('a login that was never seen is listed, and shown by name', async (context) => {
  const file = await ledgerOf(context, []);
  await withDatabase(file, async (database) => {
    const user = { name: 'bob', password_hash: 'x', append_only: 0, created_ms: noonMs };
    await database.insertInto('users').values(user).execute();
    const [bob] = await listClients(database);
    assert.equal(bob?.name, 'bob');
    assert.equal(bob?.lastSeenMs, undefined);
    assert.equal((await showClient(database, 'bob')).length, 1);
    assert.deepEqual(await showClient(database, 'nobody'), []);
  });
});

test('pruning keeps the days asked for and the offers that they refer to', async (context) => {
  const file = await ledgerOf(context, [
    connection({ client: laptop, ...onDay(-10) }),
    connection({ client: laptop, offer: newOffer, ...onDay(-1) }),
    connection({ client: laptop, offer: newOffer, ...onDay(0) }),
  ]);
  await withDatabase(file, async (database) => {
    const pruned = await prune(database, { keepDays: 2, nowMs: noonMs });
    assert.deepEqual(pruned, { rows: 1, offers: 1, sightings: 1 });
    const entries = await replayEntries(database);
    assert.equal(entries.length, 1);
    assert.equal(entries[0]?.connections, 2);
    assert.notEqual(entries[0]?.offer, undefined);
  });
});

test('the ledger prunes itself, and goes on counting', async (context) => {
  const { ledger, file } = await openLedger(context);
  ledger.onEnd(connection(onDay(0)));
  await ledger.flush();
  await ledger.prune({ keepDays: 3, nowMs: noonMs + 2 * dayMs });
  assert.equal((await withDatabase(file, (database) => replayEntries(database))).length, 1);
  ledger.onEnd(connection({ ...onDay(3), address: '192.0.2.2' }));
  await ledger.flush();
  await ledger.prune({ keepDays: 3, nowMs: noonMs + 3 * dayMs });
  const left = await withDatabase(file, (database) => replayEntries(database));
  assert.deepEqual(
    left.map(({ address }) => address),
    ['192.0.2.2'],
  );
});
