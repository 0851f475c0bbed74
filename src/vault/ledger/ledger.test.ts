import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  connection,
  dayMs,
  newOffer,
  noonMs,
  oldOffer,
  openLedger,
  refusal,
  refused,
  rowsOf,
  silent,
  tls12Handshake,
  tls13Handshake,
  withDatabase,
} from '../../../test/support/ledger.ts';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import type { ConnectionRecord, Outcome } from '../../door/connection.ts';
import { offerFromJson } from '../../tls/offer-json.ts';
import { Ledger } from './ledger.ts';
import type { LedgerStore } from './ledger-store.ts';
import type { countNames } from './row.ts';
import { workerStore } from './worker-store.ts';

const login = { kind: 'login', name: 'alice' } as const;

test('a hundred connections of one client on one day are one row', async (context) => {
  const { ledger, file } = await openLedger(context);
  for (let index = 0; index < 100; index += 1) {
    ledger.onEnd(
      connection({
        endedMs: noonMs + index,
        negotiated: tls12Handshake,
        bytesRead: 10,
        bytesWritten: 1,
      }),
    );
    if (index % 30 === 0) await ledger.flush();
  }
  await ledger.flush();
  const rows = await rowsOf(file);
  assert.equal(rows.length, 1);
  const [row] = rows;
  assert.equal(row?.accepted, 100);
  assert.equal(row?.bytes_in, 1000);
  assert.equal(row?.first_seen_ms, noonMs);
  assert.equal(row?.last_seen_ms, noonMs + 99);
  assert.equal(row?.best_negotiated, 0x0303);
  assert.equal(row?.cipher_suite, 0xc02f);
  assert.deepEqual(JSON.parse(row?.agreements ?? ''), { '0303/c02f/001d': 100 });
});

test('the offer is stored once and can be judged again', async (context) => {
  const { ledger, file } = await openLedger(context);
  const offer = { ...newOffer, serverName: 'vault.example' };
  ledger.onEnd(connection({ offer, address: '192.0.2.1' }));
  ledger.onEnd(connection({ offer, address: '192.0.2.2' }));
  await ledger.flush();
  const [row] = await rowsOf(file);
  assert.equal(row?.server_name, 'vault.example');
  const offers = await withDatabase(file, (database) =>
    database.selectFrom('offers').selectAll().execute(),
  );
  assert.equal(offers.length, 1);
  assert.equal(offers[0]?.sha256, row?.offer);
  assert.deepEqual(offerFromJson(offers[0]?.json ?? ''), { ...offer, serverName: undefined });
});

test('of two offers with one fingerprint the row keeps the one without the hybrid group', async (context) => {
  const { ledger, file } = await openLedger(context);
  const strong = { ...newOffer, groups: [0x11ec, 0x001d] };
  const weak = { ...strong, groups: [0x001d] };
  ledger.onEnd(connection({ offer: weak }));
  await ledger.flush();
  ledger.onEnd(connection({ offer: strong }));
  await ledger.flush();
  const found = await withDatabase(file, (database) =>
    database
      .selectFrom('ledger')
      .innerJoin('offers', 'offers.sha256', 'ledger.offer')
      .select('json')
      .execute(),
  );
  assert.deepEqual(
    found.map(({ json }) => offerFromJson(json).groups),
    [[0x001d]],
  );
});

test('a refusal counts once, with its bytes, though it is told at the verdict and at the end', async (context) => {
  const { ledger, file } = await openLedger(context);
  ledger.onVerdict(refused());
  await ledger.flush();
  assert.equal((await rowsOf(file))[0]?.refused, 1);
  ledger.onEnd(refused({ bytesRead: 200, bytesWritten: 7 }));
  await ledger.flush();
  const rows = await rowsOf(file);
  assert.equal(rows.length, 1);
  assert.equal(rows[0]?.refused, 1);
  assert.equal(rows[0]?.bytes_in, 200);
  assert.deepEqual(JSON.parse(rows[0]?.reasons ?? ''), { 'retired/tls1.0': 1 });
});

test('a connection whose login comes later counts for the login only', async (context) => {
  const { ledger, file } = await openLedger(context);
  const begun = connection({ negotiated: tls12Handshake });
  ledger.onIdentity({ ...begun, client: login });
  await ledger.flush();
  ledger.onEnd({ ...begun, client: login });
  await ledger.flush();
  const rows = await rowsOf(file);
  assert.deepEqual(
    rows.map(({ client_kind, client, accepted }) => [client_kind, client, accepted]),
    [['login', 'alice', 1]],
  );
});

test('preview rows stand apart', async (context) => {
  const { ledger, file } = await openLedger(context);
  ledger.onEnd(connection());
  ledger.onVerdict(refused({ listener: 'preview' }));
  await ledger.flush();
  const rows = await rowsOf(file);
  assert.deepEqual(rows.map(({ listener, refused: count }) => [listener, count]).sort(), [
    ['main', 0],
    ['preview', 1],
  ]);
});

test('whoIs knows a client at once, the latest first, and again after a restart', async (context) => {
  const { ledger, file } = await openLedger(context);
  const here = connection();
  const fingerprint = here.fingerprint ?? '';
  assert.deepEqual(ledger.whoIs('192.0.2.1', fingerprint), []);
  ledger.onIdentity({ ...here, client: login });
  ledger.onIdentity({
    ...here,
    client: { kind: 'certificate', name: 'laptop' },
    endedMs: noonMs + 5000,
  });
  assert.deepEqual(ledger.whoIs('192.0.2.1', fingerprint), ['laptop', 'alice']);
  assert.deepEqual(ledger.whoIs('192.0.2.2', fingerprint), []);
  assert.deepEqual(ledger.whoIs('192.0.2.1', 'another'), []);
  await ledger.close();
  const again = await Ledger.open(file, { log: silent });
  context.after(() => again.close());
  assert.deepEqual(again.whoIs('192.0.2.1', fingerprint), ['laptop', 'alice']);
});

test('a flood of addresses, networks and fingerprints costs a fixed number of rows', async (context) => {
  const limits = { addressRows: 20, networkRows: 10, fingerprints: 4, offers: 5 };
  const { ledger, file } = await openLedger(context, { limits });
  const count = 3000;
  for (let index = 0; index < count; index += 1) {
    const address =
      index % 2 === 0
        ? `10.${index % 7}.${index % 200}.${index % 250}`
        : `2001:db8:${(index % 999).toString(16)}::${index.toString(16)}`;
    ledger.onEnd(
      connection({
        address,
        fingerprint: `f${index % 50}`,
        offer: { ...oldOffer, groups: [index] },
      }),
    );
    if (index === 1000) await ledger.flush();
  }
  await ledger.flush();
  const rows = await rowsOf(file);
  assert.ok(rows.length <= 20 + 10 + 2, `${rows.length} rows`);
  assert.equal(
    rows.reduce((sum, row) => sum + row.accepted, 0),
    count,
  );
  assert.ok(rows.some((row) => row.client === '0.0.0.0/0' && row.fingerprint === '*'));
  assert.ok(rows.some((row) => row.client === '::/0'));
  const offers = await withDatabase(file, (database) =>
    database.selectFrom('offers').selectAll().execute(),
  );
  assert.ok(offers.length <= 5);
  assert.ok(ledger.counters.collapsed > 0);
});

test('an identified client has its row however many strangers came before', async (context) => {
  const { ledger, file } = await openLedger(context, {
    limits: { addressRows: 1, networkRows: 1 },
  });
  for (let index = 0; index < 10; index += 1) {
    ledger.onEnd(connection({ address: `198.51.100.${index}`, fingerprint: `f${index}` }));
  }
  ledger.onEnd(connection({ client: login }));
  await ledger.flush();
  assert.ok((await rowsOf(file)).some((row) => row.client === 'alice'));
});

test('the limits of a day go on counting after a restart', async (context) => {
  const limits = { addressRows: 3, networkRows: 100 };
  const { ledger, file } = await openLedger(context, { limits });
  for (const host of [1, 2, 3]) ledger.onEnd(connection({ address: `192.0.2.${host}` }));
  await ledger.close();
  const again = await Ledger.open(file, { log: silent, limits, nowMs: noonMs });
  context.after(() => again.close());
  for (const host of [3, 4]) again.onEnd(connection({ address: `192.0.2.${host}` }));
  await again.flush();
  const rows = await rowsOf(file);
  assert.deepEqual(rows.map(({ client, accepted }) => [client, accepted]).sort(), [
    ['192.0.2.0/24', 1],
    ['192.0.2.1', 1],
    ['192.0.2.2', 1],
    ['192.0.2.3', 2],
  ]);
});

test('a locked database keeps nobody waiting, and what it refused is written later', async (context) => {
  const { ledger, file } = await openLedger(context, { flushMs: 10 });
  const other = new DatabaseSync(file);
  context.after(() => other.close());
  other.exec('begin immediate');
  ledger.onVerdict(refused());
  await assert.rejects(ledger.flush(), /locked|busy/);
  assert.ok(ledger.lagMs > 0);
  ledger.onEnd(connection({ negotiated: tls13Handshake }));
  other.exec('rollback');
  while (ledger.lagMs > 0) await new Promise((done) => setTimeout(done, 10));
  const [row] = await rowsOf(file);
  assert.equal(row?.refused, 1);
  assert.equal(row?.accepted, 1);
  assert.ok(ledger.counters.failedBatches >= 1);
});

test('a refusal is written by itself, without a call', async (context) => {
  const { ledger, file } = await openLedger(context);
  ledger.onVerdict(refused());
  while (ledger.lagMs > 0) await new Promise((done) => setTimeout(done, 10));
  assert.equal((await rowsOf(file))[0]?.refused, 1);
});

/** A full disk comes and goes: the nth write fails where the list says so. */
function failingStore(store: LedgerStore, faults: readonly boolean[]): LedgerStore {
  let writes = 0;
  return {
    ...store,
    async write(batch) {
      writes += 1;
      if (faults[writes - 1] === true) throw new Error('database or disk is full');
      await store.write(batch);
    },
  };
}

const outcomes: readonly Outcome[] = [
  'accepted',
  'warned',
  'brownout',
  'refused',
  'failed',
  'empty',
  'not-tls',
];

interface Step {
  readonly outcome: Outcome;
  readonly client: number;
  readonly day: number;
  readonly windows: boolean;
  readonly bytes: number;
  readonly preview: boolean;
  readonly flush: boolean;
}

const steps = fc.array(
  fc.record<Step>({
    outcome: fc.constantFrom(...outcomes),
    client: fc.nat(6),
    day: fc.nat(3),
    windows: fc.boolean(),
    bytes: fc.nat(40_000),
    preview: fc.boolean(),
    flush: fc.boolean(),
  }),
  { maxLength: 40 },
);

function recordOf(step: Step): ConnectionRecord {
  const hasHello = step.outcome !== 'empty' && step.outcome !== 'not-tls';
  const handshake = step.outcome === 'accepted' || step.outcome === 'warned';
  const startedMs = noonMs + step.day * dayMs;
  return connection({
    listener: step.preview ? 'preview' : 'main',
    startedMs,
    endedMs: startedMs + 10,
    address: `192.0.2.${step.client}`,
    offer: hasHello ? (step.windows ? oldOffer : newOffer) : undefined,
    client:
      handshake && step.client > 3 ? { kind: 'login', name: `user${step.client}` } : undefined,
    outcome: step.outcome,
    reason: step.outcome === 'failed' ? 'handshake/unknown_ca' : undefined,
    verdict: step.outcome === 'refused' ? refusal : undefined,
    negotiated: handshake ? tls12Handshake : undefined,
    bytesRead: step.bytes,
    bytesWritten: 1,
  });
}

test('the totals are those of the connections, whenever it was written and whatever failed', async (context) => {
  await fc.assert(
    fc.asyncProperty(steps, fc.array(fc.boolean(), { maxLength: 10 }), async (stream, faults) => {
      const file = join(tempFolder(context), 'vault.db');
      const store = failingStore(workerStore(file), faults);
      const ledger = await Ledger.open(file, { log: silent, nowMs: noonMs, store });
      for (const step of stream) {
        const record = recordOf(step);
        ledger.onVerdict(record);
        if (record.client !== undefined) ledger.onIdentity(record);
        ledger.onEnd(record);
        // Not waited for: the next connections come while the batch is under way.
        if (step.flush) ledger.flush().catch(() => undefined);
      }
      await ledger.close();
      const rows = await rowsOf(file);
      const sum = (name: (typeof countNames)[number]): number =>
        rows.reduce((total, row) => total + row[name], 0);
      for (const outcome of outcomes) {
        const column = outcome === 'not-tls' ? 'not_tls' : outcome;
        assert.equal(sum(column), stream.filter((step) => step.outcome === outcome).length);
      }
      assert.equal(
        sum('bytes_in'),
        stream.reduce((total, step) => total + step.bytes, 0),
      );
      assert.equal(sum('bytes_out'), stream.length);
      const keys = stream.map((step) => {
        const { client, address, fingerprint, listener } = recordOf(step);
        return [step.day, client?.name ?? address, fingerprint, listener].join();
      });
      assert.equal(rows.length, new Set(keys).size);
    }),
    { numRuns: 25 },
  );
});
