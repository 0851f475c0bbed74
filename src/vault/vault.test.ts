import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { findPeer, skipWithout } from '../../test/support/peers.ts';
import { removeUser } from './accounts/users.ts';
import { createAuthority, issueServerCertificate } from './certificates/authority.ts';
import { createVaultData, startVault } from './vault.ts';
import {
  addTestUser,
  basicHeader,
  passwordOf,
  randomFile,
  startTestVault,
  type TestVault,
  tempVaultFolder,
} from './vault-fixture.ts';

const run = promisify(execFile);
const clock = { now: () => Date.now() };

test('health needs no login', async (t) => {
  const vault = await startTestVault(t);
  const answer = await vault.call('GET', '/_sealift/v1/health');
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json(), { status: 'ok', api: 1 });
});

test('a data folder is private, and making it again changes nothing', async (t) => {
  const folder = join(await tempVaultFolder(t), 'vault');
  assert.equal((await createVaultData(folder)).created, true);
  const files = ['ca/ca.key', 'ca/ca.crt', 'tls/server.key', 'vault.yaml', 'vault.db'].map((name) =>
    join(folder, name),
  );
  const before = files.map((file) => readFileSync(file, 'utf8'));
  assert.equal((await createVaultData(folder)).created, false);
  assert.deepEqual(
    files.map((file) => readFileSync(file, 'utf8')),
    before,
  );
  for (const file of files) assert.equal(statSync(file).mode & 0o077, 0, file);
});

test('TLS 1.3 is preferred, 1.2 is spoken with an AEAD, and the name is verified', async (t) => {
  const { vault, ca } = await startTestVault(t);
  for (const [maxVersion, version] of [
    ['TLSv1.3', 'TLSv1.3'],
    ['TLSv1.2', 'TLSv1.2'],
  ] as const) {
    const socket = connect({ host: 'localhost', port: vault.port, ca, maxVersion });
    await once(socket, 'secureConnect');
    assert.equal(socket.authorized, true);
    assert.equal(socket.getProtocol(), version);
    assert.match(socket.getCipher().standardName, /GCM|CHACHA20/);
    socket.destroy();
  }
});

test('a client without TLS 1.2 is told so by the protocol_version alert', {
  skip: skipWithout('openssl'),
}, async (t) => {
  const { vault } = await startTestVault(t);
  for (const version of ['-tls1', '-tls1_1']) {
    const child = run(findPeer('openssl') ?? 'openssl', [
      's_client',
      version,
      '-cipher',
      'ALL:@SECLEVEL=0',
      '-connect',
      `127.0.0.1:${vault.port}`,
    ]);
    child.child.stdin?.end();
    const output = await child.then(
      ({ stdout, stderr }) => stdout + stderr,
      (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
    );
    assert.match(output, /alert protocol version/, version);
  }
});

test('a removed user is refused at the next request, a new password counts at once', async (t) => {
  const vault = await startTestVault(t);
  const status = async (user: string) =>
    (await vault.call('GET', `/${user}/config`, { user })).status;
  assert.equal(await status('alice'), 404);
  await removeUser(vault.database, 'alice');
  assert.equal(await status('alice'), 401);
  assert.equal(await status('carol'), 401);
  await addTestUser(vault.database, 'carol');
  assert.equal(await status('carol'), 404);
});

test('a rest-server data folder with its password file is served as it is', async (t) => {
  const folder = await tempVaultFolder(t);
  const old = join(folder, 'rest-server');
  const { name, body } = randomFile();
  mkdirSync(join(old, 'dave', 'keys'), { recursive: true });
  writeFileSync(join(old, 'dave', 'keys', name), body);
  // The password is `secret`, by bcrypt as htpasswd -B writes it.
  const { hash } = await import('bcryptjs');
  const line = `dave:${(await hash('secret', 4)).replace(/^\$2b/, '$2y')}\n`;
  writeFileSync(join(old, '.htpasswd'), line);
  const vault = await startTestVault(t, {
    dataDir: join(folder, 'vault'),
    yaml: `repositories: { path: ${JSON.stringify(old)} }`,
  });
  const dave = { user: 'dave', password: 'secret' };
  assert.deepEqual((await vault.call('GET', `/dave/keys/${name}`, dave)).body, body);
  assert.equal((await vault.call('GET', '/dave/keys/', { ...dave, password: 'x' })).status, 401);
  writeFileSync(join(old, '.htpasswd'), '# nobody\n');
  assert.equal((await vault.call('GET', '/dave/keys/', dave)).status, 401);
});

test('stopping finishes an upload in flight and ends idle and hung connections', async (t) => {
  const vault = await startTestVault(t, { yaml: 'limits: { stopTimeout: 5s }' });
  await vault.call('POST', '/alice/?create=true', { user: 'alice' });
  const idle = await openSocket(vault);
  const silent = connectPlain(vault.vault.port, '127.0.0.1');
  const half = await openSocket(vault);
  half.write('GET /alice/config HTTP/1.1\r\nHost: x\r\n');
  const ended = [idle, silent, half].map((socket) => once(socket.resume(), 'close'));
  const { name, body } = randomFile(200_000);
  const upload = startUpload(vault, name, body.length);
  upload.write(body.subarray(0, 100_000));
  await waitFor(() => vault.files().length === 1, 'the upload has begun');

  const startMs = Date.now();
  const closed = vault.vault.close();
  await Promise.all(ended);
  upload.end(body.subarray(100_000));
  const [response] = (await once(upload, 'response')) as [{ statusCode: number; resume(): void }];
  response.resume();
  assert.equal(response.statusCode, 200);
  await closed;
  assert.ok(Date.now() - startMs < 4000, 'it did not wait for the limit');
  await assert.rejects(vault.call('GET', '/_sealift/v1/health'));
});

test('stopping does not wait for a request that hangs longer than the limit', async (t) => {
  const vault = await startTestVault(t, { yaml: 'limits: { stopTimeout: 300ms }' });
  await vault.call('POST', '/alice/?create=true', { user: 'alice' });
  const { name } = randomFile();
  const upload = startUpload(vault, name, 1000);
  upload.on('error', () => undefined);
  upload.write('x');
  await waitFor(() => vault.files().length === 1, 'the upload has begun');
  const startMs = Date.now();
  await vault.vault.close();
  assert.ok(Date.now() - startMs < 3000);
  assert.deepEqual(vault.files(), [], 'the upload left nothing');
});

test('headers that do not come to an end end the connection', async (t) => {
  const vault = await startTestVault(t, { yaml: 'limits: { headersTimeout: 300ms }' });
  const socket = await openSocket(vault);
  socket.write('GET / HTTP/1.1\r\n');
  const startMs = Date.now();
  await once(socket.resume(), 'close');
  assert.ok(Date.now() - startMs < 5000);
});

test('a vault with a broken certificate starts, says so, recovers and stops', async (t) => {
  const folder = await tempVaultFolder(t);
  const { dataDir, caFile } = await createVaultData(join(folder, 'vault'));
  const certificate = join(dataDir, 'tls', 'server.crt');
  const good = readFileSync(certificate, 'utf8');
  writeFileSync(certificate, 'broken');
  await createVaultData(dataDir);
  const log = collectLog();
  const vault = await startVault({
    dataDir,
    listen: { host: '127.0.0.1', port: 0 },
    logger: log.logger,
    certificateCheckMs: 50,
  });
  t.after(() => vault.close());
  assert.match(vault.tlsProblem ?? '', /server\.crt/);
  assert.match(log.text(), /no TLS connection can be made/);
  const ca = readFileSync(caFile, 'utf8');
  await assert.rejects(handshake(vault.port, ca));
  writeFileSync(certificate, good);
  await waitFor(() => vault.tlsProblem === undefined, 'the mended file was taken up');
  await handshake(vault.port, ca);
  await vault.close();
});

test("a vault with another authority's broken files stops as usual", async (t) => {
  const folder = await tempVaultFolder(t);
  const file = join(folder, 'broken.pem');
  writeFileSync(file, 'broken');
  const vault = await startTestVault(t, {
    dataDir: join(folder, 'vault'),
    yaml: `tls: { certificate: ${JSON.stringify(file)}, key: ${JSON.stringify(file)} }`,
  });
  assert.notEqual(vault.vault.tlsProblem, undefined);
  await vault.vault.close();
});

test('a certificate of another authority is served, and reloaded when its files change', async (t) => {
  const folder = await tempVaultFolder(t);
  const certificate = join(folder, 'site.crt');
  const key = join(folder, 'site.key');
  const authority = await createAuthority(clock);
  const write = async () => {
    const issued = await issueServerCertificate(authority, { names: ['localhost'], clock });
    writeFileSync(key, issued.key);
    writeFileSync(certificate, issued.certificate);
  };
  await write();
  const { vault } = await startTestVault(t, {
    dataDir: join(folder, 'vault'),
    yaml: `tls: { certificate: ${JSON.stringify(certificate)}, key: ${JSON.stringify(key)} }`,
  });
  const first = await handshake(vault.port, authority.certificate);
  await write();
  await vault.reload();
  const second = await handshake(vault.port, authority.certificate);
  assert.notEqual(first, second);
  copyFileSync(certificate, key);
  await vault.reload();
  assert.notEqual(vault.tlsProblem, undefined);
  assert.equal(await handshake(vault.port, authority.certificate), second, 'the good one stays');
});

test('the log names client, verb, path, status and TLS, and no secret', async (t) => {
  const log = collectLog();
  const vault = await startTestVault(t, { logger: log.logger });
  await vault.call('GET', '/alice/config?password=hidden', { user: 'alice' });
  await vault.call('GET', '/alice/config', { user: 'alice', password: 'also hidden' });
  await waitFor(() => log.lines().filter(({ msg }) => msg === 'request').length === 2, 'two lines');
  const line = log.lines().find(({ msg }) => msg === 'request') ?? {};
  assert.equal(line['client'], 'user:alice');
  assert.equal(line['path'], '/alice/config');
  assert.equal(line['status'], 404);
  assert.equal((line['tls'] as { version: string }).version, 'TLSv1.3');
  assert.doesNotMatch(log.text(), /hidden|Basic|password of/);
});

test('a port in use is an error that names it', async (t) => {
  const { vault } = await startTestVault(t);
  const other = await createVaultData(await tempVaultFolder(t));
  const listen = { host: '127.0.0.1', port: vault.port };
  await assert.rejects(startVault({ dataDir: other.dataDir, listen }), {
    code: 'vault/listen',
    message: new RegExp(String(vault.port)),
  });
});

for (const appendOnly of [false, true]) {
  test(`restic backs up, checks and ${appendOnly ? 'may not prune' : 'prunes'}, append-only ${appendOnly}`, {
    skip: skipWithout('restic'),
  }, async (t) => {
    const vault = await startTestVault(t, { yaml: `repositories: { appendOnly: ${appendOnly} }` });
    const source = join(vault.dataDir, 'source');
    mkdirSync(source);
    writeFileSync(join(source, 'file'), randomFile(3_000_000).body);
    const restic = resticOf(vault, appendOnly);
    await restic('init');
    await restic('backup', source);
    writeFileSync(join(source, 'file'), randomFile(3_000_000).body);
    await restic('backup', source);
    if (appendOnly) await assert.rejects(restic('forget', '--prune', '--keep-last', '1'));
    else await restic('forget', '--prune', '--keep-last', '1');
    // The forget that was killed has left its lock, which is its own to remove.
    if (appendOnly) await restic('unlock');
    assert.match(await restic('check', '--read-data'), /no errors were found/);
    const snapshots = JSON.parse(await restic('snapshots', '--json')) as unknown[];
    assert.equal(snapshots.length, appendOnly ? 2 : 1);
    assert.deepEqual(
      vault.files().filter((file) => file.includes('/locks/') || file.includes('temp')),
      [],
    );
  });
}

function resticOf(vault: TestVault, appendOnly: boolean): (...words: string[]) => Promise<string> {
  const login = encodeURIComponent(passwordOf('alice'));
  const env = {
    PATH: process.env['PATH'],
    RESTIC_PASSWORD: 'x',
    RESTIC_REPOSITORY: `rest:https://alice:${login}@127.0.0.1:${vault.vault.port}/alice/`,
  };
  return async (...words) => {
    // restic 0.14 tries a refused removal again for a minute: the test waits for the first tries.
    const timeoutMs = appendOnly && words[0] === 'forget' ? 5000 : 120_000;
    const all = ['--no-cache', '--cacert', vault.vault.caFile, ...words];
    return (await run(findPeer('restic') ?? 'restic', all, { env, timeout: timeoutMs })).stdout;
  };
}

async function openSocket({ vault, ca }: TestVault): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: vault.port, ca });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

/** Fingerprint of the certificate shown in a verified handshake. */
async function handshake(port: number, ca: string): Promise<string> {
  const socket = connect({ host: 'localhost', port, ca });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

function startUpload({ vault, ca }: TestVault, name: string, size: number) {
  return request({
    host: '127.0.0.1',
    port: vault.port,
    ca,
    agent: false,
    method: 'POST',
    path: `/alice/data/${name}`,
    headers: { authorization: basicHeader('alice'), 'content-length': size },
  });
}

function collectLog() {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (part: Buffer) => {
    text += part.toString();
  });
  const lines = () =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { logger: pino(stream), text: () => text, lines };
}

async function waitFor(isTrue: () => boolean, what: string): Promise<void> {
  for (let round = 0; round < 250; round += 1) {
    if (isTrue()) return;
    await sleep(20);
  }
  assert.fail(`waited in vain: ${what}`);
}
