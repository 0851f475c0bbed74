import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import type { ConnectionRecord } from '../../door/connection.ts';
import { makeOffer } from '../../tls/offer.ts';
import { createMetrics, type Metrics, type StorageReading } from './metrics.ts';
import { listenForMetrics } from './metrics-listener.ts';
import { StorageMeter } from './storage-meter.ts';

const accepted: ConnectionRecord = {
  listener: 'main',
  startedMs: 1000,
  endedMs: 3000,
  address: '192.0.2.1',
  client: undefined,
  fingerprint: 't13d1516h2_8daaf6152771_02713d6af862',
  offer: undefined,
  verdict: undefined,
  outcome: 'accepted',
  reason: undefined,
  alert: undefined,
  negotiated: {
    version: 0x0304,
    cipherSuite: 0x1302,
    group: 0x11ec,
    signatureScheme: undefined,
    alpn: undefined,
    resumed: false,
  },
  handshakeMs: 12,
  bytesRead: 100,
  bytesWritten: 2000,
};

const refused: ConnectionRecord = {
  ...accepted,
  outcome: 'refused',
  reason: 'retired/tls1.0',
  alert: 'protocol_version',
  offer: makeOffer({ legacyVersion: 0x0301 }),
  negotiated: undefined,
  handshakeMs: undefined,
};

const readings = {
  connections: () => ({ open: 7, halfOpen: 3 }),
  ledgerLagMs: () => 1500,
  storage: () => ({ repositories: 2, usedBytes: 4096, freeBytes: 8192 }),
};

test('connections are counted by verdict, version and group', async () => {
  const metrics = createMetrics({}, { processMetrics: false });
  metrics.observer.onEnd(accepted);
  metrics.observer.onEnd(accepted);
  metrics.observer.onEnd(refused);
  const text = await metrics.text();
  const line = 'sealift_connections_total{listener="main",verdict=';
  assert.match(text, exactly(`${line}"accepted",version="TLS 1.3",group="X25519MLKEM768"} 2`));
  assert.match(text, exactly(`${line}"refused",version="TLS 1.0",group="none"} 1`));
  assert.match(
    text,
    exactly(
      'sealift_refused_total{listener="main",verdict="refused",reason="retired/tls1.0",alert="protocol_version"} 1',
    ),
  );
  assert.match(text, exactly('sealift_handshake_seconds_bucket{le="0.025",listener="main"} 2'));
  assert.match(text, exactly('sealift_bytes_total{listener="main",direction="out"} 6000'));
});

test('readings are taken when the metrics are asked for', async () => {
  const text = await createMetrics(readings, { processMetrics: false }).text();
  for (const line of [
    'sealift_open_connections 7',
    'sealift_half_open_connections 3',
    'sealift_ledger_lag_seconds 1.5',
    'sealift_repositories 2',
    'sealift_storage_bytes 4096',
    'sealift_storage_free_bytes 8192',
  ])
    assert.match(text, exactly(line));
});

test('what has not been measured yet has no value', async () => {
  const metrics = createMetrics({ storage: () => undefined }, { processMetrics: false });
  assert.doesNotMatch(await metrics.text(), /^sealift_storage_bytes /m);
});

test('however many reasons, groups and versions there are, the series stay few', async () => {
  const metrics = createMetrics({}, { processMetrics: false });
  for (let code = 0; code < 5000; code += 1) {
    metrics.observer.onEnd({
      ...refused,
      reason: `handshake/code-${code}`,
      negotiated: {
        version: 0x7000 + code,
        cipherSuite: undefined,
        group: 0x4000 + code,
        signatureScheme: undefined,
        alpn: undefined,
        resumed: false,
      },
    });
  }
  const series = (await metrics.text()).split('\n').filter((line) => /^sealift/.test(line));
  assert.ok(series.length < 120, `${series.length} series`);
  assert.match(series.join('\n'), /reason="other",alert="protocol_version"\} 4940/);
});

test('the guide describes every metric', () => {
  const guide = readFileSync(
    resolve(import.meta.dirname, '../../../docs/guide/metrics.md'),
    'utf8',
  );
  const own = createMetrics(readings)
    .names()
    .filter((name) => name.startsWith('sealift_'));
  assert.ok(own.length >= 10);
  assert.deepEqual(
    own.filter((name) => !guide.includes(`\`${name}\``)),
    [],
  );
});

test('the listener answers /metrics and nothing else', async (t) => {
  const metrics = createMetrics();
  metrics.observer.onEnd(accepted);
  const listener = await startListener(t, metrics);
  const answer = await fetch(listener.url);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  assert.match(text, /^sealift_connections_total\{/m);
  assert.match(text, /^process_resident_memory_bytes /m);
  const { origin } = new URL(listener.url);
  assert.equal((await fetch(`${origin}/`)).status, 404);
  assert.equal((await fetch(listener.url, { method: 'POST', body: 'x' })).status, 405);
  assert.equal(await (await fetch(listener.url, { method: 'HEAD' })).text(), '');
});

test('a port that is taken is an error that names it', async (t) => {
  const { port } = await startListener(t, createMetrics());
  await assert.rejects(listenForMetrics(createMetrics(), { host: '127.0.0.1', port }), {
    code: 'vault/listen',
    message: new RegExp(String(port)),
  });
});

test('the storage meter counts repositories and their bytes', async (t) => {
  const root = tempFolder(t);
  for (const name of ['alice', 'bob/laptop']) {
    const folder = join(root, name);
    for (const type of ['keys', 'data/ab', 'snapshots'])
      mkdirSync(join(folder, type), { recursive: true });
    writeFileSync(join(folder, 'config'), Buffer.alloc(10));
    writeFileSync(join(folder, 'keys', '0'.repeat(64)), Buffer.alloc(100));
    writeFileSync(join(folder, 'data', 'ab', 'ab'.repeat(32)), Buffer.alloc(1000));
  }
  const meter = new StorageMeter(root);
  assert.equal(meter.reading, undefined);
  const { repositories, usedBytes, freeBytes } = await measured(meter);
  assert.deepEqual({ repositories, usedBytes }, { repositories: 2, usedBytes: 2220 });
  assert.ok(freeBytes > 0);
});

async function startListener(t: { after(cleanUp: () => Promise<void>): void }, metrics: Metrics) {
  const listener = await listenForMetrics(metrics, { host: '127.0.0.1', port: 0 });
  t.after(() => listener.close());
  return listener;
}

async function measured(meter: StorageMeter): Promise<StorageReading> {
  await meter.measure(0);
  const { reading } = meter;
  assert.ok(reading);
  return reading;
}

function exactly(line: string): RegExp {
  return new RegExp(`^${line.replace(/[[\]{}().*+?|^$\\/]/g, '\\$&')}$`, 'm');
}
