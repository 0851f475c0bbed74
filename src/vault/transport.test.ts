/** The vault behind its door: what the plan, the ratchet and a reload do to real connections. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { pino } from 'pino';
import { findPeer, skipWithout } from '../../test/support/peers.ts';
import { run } from '../../test/support/run.ts';
import { Secret } from '../base/secret.ts';
import { addUser } from './accounts/users.ts';
import { listClients } from './ledger/queries.ts';
import { listRatchet, releaseRatchet } from './ratchet/ratchet.ts';
import { createVaultData, startVault } from './vault.ts';
import {
  basicHeader,
  passwordOf,
  randomFile,
  startTestVault,
  type TestVault,
  tempVaultFolder,
} from './vault-fixture.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const old = { maxVersion: 'TLSv1.2' } as const;
const alice = { user: 'alice' };
const bob = { user: 'bob' };

test('a brownout answers every request with 403 and a sentence, and only to whom it will concern', async (t) => {
  const { vault } = await withPlan(t, (nowMs) => [
    `    brownout: ${day(nowMs - 2 * dayMs)}`,
    `    enforce: ${day(nowMs + 30 * dayMs)}`,
    '    link: https://example.org/tls',
    '    shares:',
    `      - {from: ${day(nowMs - dayMs)}, percent: 100, answer: http}`,
  ]);
  for (const path of ['/alice/config', '/_sealift/v1/health', '/alice/?create=true']) {
    const answer = await vault.call('GET', path, { ...alice, ...old });
    assert.equal(answer.status, 403, path);
    assert.equal(answer.headers.connection, 'close');
    assert.match(String((answer.json() as { error: string }).error), /TLS 1\.2.*refused for good/);
    assert.match(String(answer.headers['sealift-notice']), /"tls1\.2"/);
  }
  const modern = await vault.call('GET', '/alice/config', alice);
  assert.equal(modern.status, 404);
  assert.equal(modern.headers['sealift-notice'], undefined);
  await waitFor(
    async () => (await outcomes(vault)).brownout === 3,
    'three brownouts in the ledger',
  );
});

test('a warning is on every answer of those who would be refused, errors included', async (t) => {
  const { vault } = await withPlan(t, (nowMs) => [
    `    warn: ${day(nowMs - 2 * dayMs)}`,
    `    enforce: ${day(nowMs + 30 * dayMs)}`,
    '    link: https://example.org/tls',
  ]);
  for (const [path, user, status] of [
    ['/_sealift/v1/health', alice, 200],
    ['/alice/config', alice, 404],
    ['/alice/config', {}, 401],
    ['/alice/config', bob, 403],
  ] as const) {
    const { headers, ...answer } = await vault.call('GET', path, { ...user, ...old });
    assert.equal(answer.status, status);
    assert.match(String(headers['deprecation']), /^@\d+$/);
    assert.match(String(headers['sunset']), /GMT$/);
    assert.match(String(headers['link']), /<https:\/\/example\.org\/tls>; rel="sunset"/);
    assert.match(String(headers['cache-control']), /private|no-store/);
  }
  assert.equal((await vault.call('GET', '/alice/config', alice)).headers['sunset'], undefined);
});

test('an exemption holds for its client, and for nobody else behind the same address', async (t) => {
  const { vault, clock } = await withPlan(
    t,
    (nowMs) => [`    enforce: ${day(nowMs + 2 * dayMs)}`],
    (nowMs) => [
      'exemptions:',
      '  - client: alice',
      '    capability: tls1.2',
      '    reason: waits for a part',
      `    until: ${day(nowMs + 20 * dayMs)}`,
    ],
  );
  assert.equal((await vault.call('GET', '/alice/config', { ...alice, ...old })).status, 404);
  clock.skipMs = 4 * dayMs;
  assert.equal((await vault.call('GET', '/alice/config', { ...alice, ...old })).status, 404);
  const other = await vault.call('GET', '/bob/config', { ...bob, ...old });
  assert.equal(other.status, 403);
  assert.match(String((other.json() as { error: string }).error), /does not admit bob.*TLS 1\.2/);
  clock.skipMs = 21 * dayMs;
  await assert.rejects(vault.call('GET', '/alice/config', { ...alice, ...old }), isRefusal);
});

test('a brownout of one client does not refuse another one behind the same address', async (t) => {
  const { vault, clock } = await withPlan(
    t,
    (nowMs) => [
      `    brownout: ${day(nowMs + 20 * dayMs)}`,
      `    enforce: ${day(nowMs + 40 * dayMs)}`,
      '    shares:',
      `      - {from: ${day(nowMs + 20 * dayMs)}, percent: 100, answer: http}`,
    ],
    () => ['waves:', '  - {name: pilot, offset: -18d, clients: [alice]}'],
  );
  const status = async (user: string) =>
    (await vault.call('GET', `/${user}/config`, { user, ...old })).status;
  assert.equal(await status('alice'), 404);
  assert.equal(await status('bob'), 404);
  clock.skipMs = 5 * dayMs;
  assert.equal(await status('alice'), 403);
  assert.equal(await status('bob'), 404);
  await waitFor(async () => (await outcomes(vault)).brownout === 1, 'one brownout in the ledger');
});

test('who has proved TLS 1.3 is refused with less, reported, and can be released', async (t) => {
  const log = collectLog();
  const vault = await startTestVault(t, {
    logger: log.logger,
    metricsListen: { host: '127.0.0.1', port: 0 },
  });
  const status = async (more: object) =>
    (await vault.call('GET', '/alice/config', { ...alice, ...more })).status;
  assert.equal(await status(old), 404, 'nothing was proved yet');
  assert.equal(await status({}), 404);
  const refused = await vault.call('GET', '/alice/config', { ...alice, ...old });
  assert.equal(refused.status, 403);
  assert.equal(refused.headers.connection, 'close');
  assert.match(String((refused.json() as { error: string }).error), /TLS 1\.3 before.*TLS 1\.2/);
  assert.match(log.text(), /suspected downgrade/);
  const metrics = await (await fetch(vault.vault.metricsUrl ?? '')).text();
  assert.match(metrics, /^sealift_suspected_downgrades_total 1$/m);
  await waitFor(async () => (await outcomes(vault)).refused === 1, 'the refusal is in the ledger');

  assert.deepEqual(
    (await listRatchet(vault.database)).map(({ client, version }) => [client, version]),
    [['alice', 0x0304]],
  );
  const more = { reason: 'set back', clock: { now: () => Date.now() } };
  await releaseRatchet(vault.database, 'alice', more);
  assert.equal(await status(old), 404);
});

test('a wrong password proves nothing, and a shared login has no ratchet', async (t) => {
  const vault = await startTestVault(t, { yaml: 'ratchet: { shared: [bo*] }' });
  await addUser(vault.database, {
    name: 'lab',
    password: new Secret(passwordOf('lab')),
    shared: true,
  });
  await vault.call('GET', '/alice/config', { user: 'alice', password: 'wrong' });
  for (const user of ['lab', 'bob']) {
    await vault.call('GET', `/${user}/config`, { user });
    assert.equal((await vault.call('GET', `/${user}/config`, { user, ...old })).status, 404);
  }
  assert.deepEqual(await listRatchet(vault.database), []);
});

test('the preview decides as the plan will, and the main address as it does', async (t) => {
  const { vault, nowMs } = await withPlan(
    t,
    (now) => [`    enforce: ${day(now + 20 * dayMs)}`],
    () => [],
    (now) => ({ preview: { listen: { host: '127.0.0.1', port: 0 }, at: now + 30 * dayMs } }),
  );
  assert.ok(nowMs > 0);
  const preview = vault.vault.preview?.port ?? 0;
  assert.equal((await vault.call('GET', '/alice/config', { ...alice, ...old })).status, 404);
  await assert.rejects(handshake(vault, { port: preview, ...old }), isRefusal);
  const socket = await handshake(vault, { port: preview });
  socket.destroy();
});

test('a changed plan counts for new connections and drops none', async (t) => {
  const log = collectLog();
  const { vault, nowMs } = await withPlan(
    t,
    (now) => [`    enforce: ${day(now + 20 * dayMs)}`],
    () => [],
    () => ({ logger: log.logger, certificateCheckMs: 20 }),
  );
  await vault.call('POST', '/alice/?create=true', { ...alice, ...old });
  const { name, body } = randomFile(200_000);
  const upload = request({
    host: '127.0.0.1',
    port: vault.vault.port,
    ca: vault.ca,
    agent: false,
    ...old,
    method: 'POST',
    path: `/alice/data/${name}`,
    headers: { authorization: basicHeader('alice'), 'content-length': body.length },
  });
  upload.write(body.subarray(0, 100_000));
  await waitFor(() => vault.files().length === 1, 'the upload has begun');

  writePlan(vault.dataDir, [`    enforce: ${day(nowMs - dayMs)}`]);
  await waitFor(() => /plan loaded/.test(log.text()), 'the plan was taken up');
  await assert.rejects(handshake(vault, old), isRefusal);
  upload.end(body.subarray(100_000));
  const [response] = (await once(upload, 'response')) as [{ statusCode: number; resume(): void }];
  response.resume();
  assert.equal(response.statusCode, 200);

  writeFileSync(join(vault.dataDir, 'policy.yaml'), 'retirements: [{capability: tls9}]');
  await waitFor(() => /plan before stays/.test(log.text()), 'the wrong plan was named');
  assert.match(log.text(), /policy\.yaml/);
  await assert.rejects(handshake(vault, old), isRefusal);
});

test('vault.yaml is read again; what counts only from the next start is named', async (t) => {
  const dataDir = await tempVaultFolder(t);
  await createVaultData(dataDir);
  const log = collectLog();
  const file = join(dataDir, 'vault.yaml');
  const listen = { host: '127.0.0.1', port: 0 };
  const running = await startVault({ dataDir, listen, logger: log.logger });
  t.after(() => running.close());
  writeFileSync(file, 'listen: 0.0.0.0:1\nrepositories: { appendOnly: true }');
  await running.reload();
  assert.match(log.text(), /"settings":\["listen"\]/);
  assert.match(log.text(), /configuration loaded/);
  writeFileSync(file, 'lissen: 1');
  await running.reload();
  assert.match(log.text(), /the configuration before stays in use/);
});

test('sessions are resumed across a restart and across processes of one data folder', async (t) => {
  const folder = join(await tempVaultFolder(t), 'vault');
  const first = await startTestVault(t, { dataDir: folder });
  for (const versions of [{}, old]) {
    const session = await sessionOf(first, versions);
    const listen = { host: '127.0.0.1', port: 0 };
    const second = await startVault({ dataDir: folder, listen });
    const socket = await handshake(first, { port: second.port, session, ...versions });
    assert.equal(socket.isSessionReused(), true);
    socket.destroy();
    await second.close();
  }
});

test('a stored snapshot is a backup of its client in the ledger', async (t) => {
  const vault = await startTestVault(t);
  await vault.call('POST', '/alice/?create=true', alice);
  for (const type of ['data', 'snapshots', 'snapshots']) {
    const { name, body } = randomFile();
    for (let count = 0; count < 2; count += 1)
      await vault.call('POST', `/alice/${type}/${name}`, { ...alice, body });
  }
  await vault.vault.flush();
  const found = (await listClients(vault.database)).filter(({ backups }) => backups > 0);
  assert.deepEqual(
    found.map(({ name, backups }) => [name, backups]),
    [['alice', 2]],
  );
});

test('old versions are served by the legacy context when the plan speaks them', {
  skip: skipWithout('openssl'),
}, async (t) => {
  const { vault } = await withPlan(t, (nowMs) => [`    enforce: ${day(nowMs + dayMs)}`]);
  const speak = async (version: string): Promise<string> => {
    const words = ['s_client', version, '-cipher', 'ALL:@SECLEVEL=0', '-connect'];
    const address = `127.0.0.1:${vault.vault.port}`;
    const { stdout, stderr } = await run(findPeer('openssl') ?? 'openssl', [...words, address], {
      input: 'GET /_sealift/v1/health HTTP/1.0\r\n\r\n',
    });
    return stdout + stderr;
  };
  assert.match(await speak('-tls1'), /Protocol *: TLSv1$/m);
  assert.match(await speak('-tls1_1'), /Protocol *: TLSv1\.1$/m);
  assert.match(await speak('-tls1_2'), /Protocol *: TLSv1\.2$/m);
});

test('more connections than the vault takes are ended, and others go on', async (t) => {
  const vault = await startTestVault(t, { yaml: 'limits: { maxConnections: 2 }' });
  const kept = [await handshake(vault, {}), await handshake(vault, {})];
  const third = connect({ host: '127.0.0.1', port: vault.vault.port, ca: vault.ca });
  third.on('error', () => undefined);
  await once(third.resume(), 'close');
  for (const socket of kept) {
    assert.equal(socket.destroyed, false);
    socket.destroy();
  }
});

/** A vault whose plan retires TLS 1.2 as the lines say, with a clock that can be moved. */
async function withPlan(
  t: TestContext,
  retirement: (nowMs: number) => readonly string[],
  rest: (nowMs: number) => readonly string[] = () => [],
  options: (nowMs: number) => Partial<Parameters<typeof startTestVault>[1]> = () => ({}),
) {
  const dataDir = join(await tempVaultFolder(t), 'vault');
  await createVaultData(dataDir);
  const clock = { skipMs: 0, now: () => Date.now() + clock.skipMs };
  const nowMs = Date.now();
  writePlan(dataDir, retirement(nowMs), rest(nowMs));
  const vault = await startTestVault(t, { dataDir, clock, ...options(nowMs) });
  return { vault, clock, nowMs };
}

function writePlan(
  dataDir: string,
  retirement: readonly string[],
  rest: readonly string[] = [],
): void {
  const lines = ['policy: old', 'retirements:', '  - capability: tls1.2', ...retirement, ...rest];
  writeFileSync(join(dataDir, 'policy.yaml'), lines.join('\n'));
}

function day(ms: number): string {
  return new Date(ms).toISOString();
}

/** Node has a code of its own for the alert, or EPROTO where it came while something was written. */
function isRefusal(error: Error): true {
  assert.match(`${error}`, /tlsv1 alert protocol version/i);
  return true;
}

async function outcomes(vault: TestVault): Promise<{ brownout: number; refused: number }> {
  await vault.vault.flush();
  const rows = await vault.database.selectFrom('ledger').select(['brownout', 'refused']).execute();
  const sum = (name: 'brownout' | 'refused') => rows.reduce((total, row) => total + row[name], 0);
  return { brownout: sum('brownout'), refused: sum('refused') };
}

async function handshake({ vault, ca }: TestVault, options: object): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: vault.port, ca, ...options });
  await once(socket, 'secureConnect');
  socket.on('error', () => undefined);
  return socket;
}

async function sessionOf(vault: TestVault, versions: object): Promise<Buffer> {
  const socket = connect({ host: '127.0.0.1', port: vault.vault.port, ca: vault.ca, ...versions });
  const [session] = (await once(socket, 'session')) as [Buffer];
  socket.destroy();
  return session;
}

function collectLog() {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (part: Buffer) => {
    text += part.toString();
  });
  return { logger: pino(stream), text: () => text };
}

async function waitFor(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let round = 0; round < 250; round += 1) {
    if (await isTrue()) return;
    await sleep(20);
  }
  assert.fail(`waited in vain: ${what}`);
}

test('a vault with tls.rsa serves clients that know only RSA and clients that know only ECDSA', {
  skip: skipWithout('openssl'),
}, async (t) => {
  const { vault } = await startTestVault(t, { yaml: 'tls: {rsa: true}' });
  for (const [suite, type] of [
    ['ECDHE-RSA-AES128-GCM-SHA256', 'RSA'],
    ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDSA'],
  ] as const) {
    const { stdout } = await run(
      'openssl',
      ['s_client', '-connect', `127.0.0.1:${vault.port}`, '-tls1_2', '-cipher', suite],
      { input: Buffer.alloc(0) },
    );
    assert.match(stdout, new RegExp(`Peer signature type: ${type}`), suite);
  }
});
