import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { findPeer, skipWithout } from '../../test/support/peers.ts';
import { Secret } from '../base/secret.ts';
import { listClients, revokeClient } from '../vault/accounts/clients.ts';
import { encodeInviteToken, parseInviteToken } from '../vault/accounts/invite-token.ts';
import { createInvite } from '../vault/accounts/invites.ts';
import {
  createAuthority,
  issueServerCertificate,
  leafLifeMs,
} from '../vault/certificates/authority.ts';
import { trustAnchorOf } from '../vault/certificates/server-certificate.ts';
import { defaultVaultConfig, parseVaultConfig } from '../vault/config.ts';
import {
  filesBelow,
  startTestVault,
  type TestVault,
  tempVaultFolder,
} from '../vault/vault-fixture.ts';
import { enrol } from './enrol.ts';
import { type Enrolment, listEnrolments, loadEnrolment } from './identity-store.ts';
import { renewIfDue } from './renew.ts';

async function invite(vault: TestVault, name = 'laptop'): Promise<Secret> {
  const anchor = await trustAnchorOf(vault.dataDir, defaultVaultConfig);
  return (await createInvite(vault.database, { name, anchor })).token;
}

async function enrolled(t: TestContext) {
  const vault = await startTestVault(t);
  const configDir = await tempVaultFolder(t);
  const url = vault.vault.url;
  const enrolment = await enrol({ url, token: await invite(vault), configDir, name: 'home' });
  return { vault, configDir, enrolment };
}

function asClient({ certificate, key }: Enrolment) {
  return { cert: certificate, key: key.reveal() };
}

test('a token makes a machine a client with a certificate of its own', async (t) => {
  const { vault, configDir, enrolment } = await enrolled(t);
  assert.equal(enrolment.clientName, 'laptop');
  const call = (path: string) => vault.call('POST', `${path}?create=true`, asClient(enrolment));
  assert.equal((await call('/laptop/')).status, 200);
  assert.equal((await call('/alice/')).status, 403);
  assert.deepEqual(await listEnrolments(configDir), ['home']);
  assert.equal((await loadEnrolment('home', configDir)).certificate, enrolment.certificate);
  for (const file of filesBelow(configDir)) assert.equal(statSync(file).mode & 0o077, 0, file);
});

test('the private key never leaves the machine', async (t) => {
  const { vault, enrolment } = await enrolled(t);
  const key = enrolment.key.reveal().split('\n')[1] ?? 'no key';
  for (const file of filesBelow(vault.dataDir))
    assert.equal(readFileSync(file, 'latin1').includes(key), false, file);
});

test('a token works once', async (t) => {
  const vault = await startTestVault(t);
  const configDir = await tempVaultFolder(t);
  const token = await invite(vault);
  await enrol({ url: vault.vault.url, token, configDir, name: 'home' });
  await assert.rejects(enrol({ url: vault.vault.url, token, configDir, name: 'thief' }), {
    code: 'agent/enrol-refused',
    message: /used already/,
  });
  assert.deepEqual(await listEnrolments(configDir), ['home']);
});

test("a server in the vault's place learns no secret, whatever chain it shows", async (t) => {
  const vault = await startTestVault(t);
  const configDir = await tempVaultFolder(t);
  const clock = { now: () => Date.now() };
  const authority = await createAuthority(clock);
  const issued = await issueServerCertificate(authority, { names: ['127.0.0.1'], clock });
  for (const chain of [
    issued.certificate,
    `${issued.certificate}\n${vault.ca}`,
    `${issued.certificate}\n${authority.certificate}\n${vault.ca}`,
  ]) {
    const { createServer } = await import('node:https');
    let requests = 0;
    const server = createServer({ key: issued.key, cert: chain }, (_request, response) => {
      requests += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const url = `https://127.0.0.1:${address.port}`;
    await assert.rejects(enrol({ url, token: await invite(vault), configDir, name: 'x' }), {
      code: 'tls/untrusted',
    });
    assert.equal(requests, 0);
  }
});

test('a revoked client is refused at its next request, also on a connection that is open', async (t) => {
  const { vault, enrolment } = await enrolled(t);
  const { port } = vault.vault;
  const socket = connect({ host: '127.0.0.1', port, ca: vault.ca, ...asClient(enrolment) });
  t.after(() => socket.destroy());
  const ask = () =>
    new Promise<string>((resolve) => {
      socket.once('data', (part: Buffer) => resolve(part.toString('latin1').slice(0, 12)));
      socket.write('HEAD /laptop/config HTTP/1.1\r\nHost: x\r\n\r\n');
    });
  assert.equal(await ask(), 'HTTP/1.1 404');
  await revokeClient(vault.database, 'laptop');
  assert.equal(await ask(), 'HTTP/1.1 401');
  const answer = await vault.call('GET', '/laptop/config', asClient(enrolment));
  assert.equal(answer.status, 401);
  assert.match(answer.body.toString(), /revoked/);
  await assert.rejects(revokeClient(vault.database, 'laptop'), { code: 'vault/user' });
});

test('revoking also ends the invitations that are open', async (t) => {
  const { vault, configDir } = await enrolled(t);
  const token = await invite(vault);
  await revokeClient(vault.database, 'laptop');
  await assert.rejects(enrol({ url: vault.vault.url, token, configDir, name: 'again' }), {
    code: 'agent/enrol-refused',
  });
});

test('a certificate renews itself when a third of its life is left, with a new key', async (t) => {
  const { configDir, enrolment, vault } = await enrolled(t);
  assert.equal(await renewIfDue(enrolment), enrolment);
  const later = { now: () => Date.now() + leafLifeMs * 0.8 };
  const renewed = await renewIfDue(enrolment, { clock: later });
  assert.notEqual(renewed.certificate, enrolment.certificate);
  assert.notEqual(renewed.key.reveal(), enrolment.key.reveal());
  const stored = await loadEnrolment('home', configDir);
  assert.equal(stored.certificate, renewed.certificate);
  for (const identity of [renewed, enrolment]) {
    const { status } = await vault.call('GET', '/laptop/config', asClient(identity));
    assert.equal(status, 404, 'both count: the answer to a renewal may be lost');
  }
  const states = (await listClients(vault.database)).map(({ state }) => state);
  assert.deepEqual(states, ['active', 'active']);
});

test('a renewal that fails leaves the machine with the certificate it has', async (t) => {
  const { vault, enrolment } = await enrolled(t);
  await vault.vault.close();
  const clock = { now: () => Date.now() + leafLifeMs * 0.8 };
  const problems: unknown[] = [];
  const onProblem = (error: unknown) => problems.push(error);
  assert.equal(await renewIfDue(enrolment, { clock, onProblem }), enrolment);
  assert.equal(problems.length, 1);
});

test('a certificate that has run out says how to go on', async (t) => {
  const { enrolment } = await enrolled(t);
  const later = { now: () => Date.now() + leafLifeMs * 2 };
  await assert.rejects(renewIfDue(enrolment, { clock: later }), {
    code: 'agent/identity',
    hint: /new invitation/,
  });
});

test('a name belongs to the machine that enrolled last', async (t) => {
  const { vault, configDir, enrolment } = await enrolled(t);
  const second = await enrol({
    url: vault.vault.url,
    token: await invite(vault),
    configDir,
    name: 'second',
  });
  const status = async (identity: Enrolment) =>
    (await vault.call('GET', '/laptop/config', asClient(identity))).status;
  assert.equal(await status(enrolment), 401);
  assert.equal(await status(second), 404);
});

test('a certificate of another authority gives no access', async (t) => {
  const { vault } = await enrolled(t);
  const other = await startTestVault(t);
  const configDir = await tempVaultFolder(t);
  const foreign = await enrol({
    url: other.vault.url,
    token: await invite(other),
    configDir,
    name: 'other',
  });
  const answer = await vault.call('GET', '/laptop/config', asClient(foreign));
  assert.equal(answer.status, 401);
});

test('a session resumed with a certificate is the same client', async (t) => {
  const { vault, enrolment } = await enrolled(t);
  const options = { host: '127.0.0.1', port: vault.vault.port, ca: vault.ca };
  const first = connect({ ...options, ...asClient(enrolment) });
  const session = await new Promise<Buffer>((resolve) => {
    first.once('session', resolve);
    first.write('GET /_sealift/v1/health HTTP/1.1\r\nHost: x\r\n\r\n');
  });
  first.destroy();
  const second = connect({ ...options, ...asClient(enrolment), session });
  t.after(() => second.destroy());
  const answer = await new Promise<string>((resolve) => {
    second.once('data', (part: Buffer) => resolve(part.toString('latin1')));
    second.write('GET /laptop/config HTTP/1.1\r\nHost: x\r\n\r\n');
  });
  assert.equal(second.isSessionReused(), true);
  assert.match(answer, /^HTTP\/1\.1 404/);
});

test("restic can use the machine's certificate in place of a login", {
  skip: skipWithout('restic'),
}, async (t) => {
  const { vault, configDir, enrolment } = await enrolled(t);
  const pem = join(configDir, 'vaults', 'home', 'client.pem');
  const repository = `rest:${enrolment.url}laptop/`;
  const { stdout } = await promisify(execFile)(
    findPeer('restic') ?? 'restic',
    [
      '--no-cache',
      '--cacert',
      vault.vault.caFile,
      '--tls-client-cert',
      pem,
      '-r',
      repository,
      'init',
    ],
    { env: { PATH: process.env['PATH'], RESTIC_PASSWORD: 'x' } },
  );
  assert.match(stdout, /created restic repository/);
});

test('a login of nothing beside a certificate is none, and alone gives no access', async (t) => {
  const { vault, enrolment } = await enrolled(t);
  const headers = { authorization: `Basic ${Buffer.from(':').toString('base64')}` };
  const machine = { ...asClient(enrolment), headers };
  assert.equal((await vault.call('GET', '/laptop/config', machine)).status, 404);
  assert.equal((await vault.call('GET', '/laptop/config', { headers })).status, 401);
});

test('a session resumed without a certificate gives no access', async (t) => {
  const { vault } = await enrolled(t);
  const options = { host: '127.0.0.1', port: vault.vault.port, ca: vault.ca };
  const first = connect(options);
  const session = await new Promise<Buffer>((resolve) => {
    first.once('session', resolve);
    first.write('GET /_sealift/v1/health HTTP/1.1\r\nHost: x\r\n\r\n');
  });
  first.destroy();
  const second = connect({ ...options, session });
  t.after(() => second.destroy());
  const answer = await new Promise<string>((resolve) => {
    second.once('data', (part: Buffer) => resolve(part.toString('latin1')));
    second.write('GET /laptop/config HTTP/1.1\r\nHost: x\r\n\r\n');
  });
  assert.equal(second.isSessionReused(), true);
  assert.match(answer, /^HTTP\/1\.1 401/);
});

test("a vault with another authority's certificate is recognised by what it sends", async (t) => {
  const folder = await tempVaultFolder(t);
  const clock = { now: () => Date.now() };
  const authority = await createAuthority(clock);
  const issued = await issueServerCertificate(authority, { names: ['127.0.0.1'], clock });
  const [certificate, key] = [join(folder, 'site.crt'), join(folder, 'site.key')];
  writeFileSync(certificate, issued.certificate);
  writeFileSync(key, issued.key);
  const yaml = `tls: ${JSON.stringify({ certificate, key })}`;
  const vault = await startTestVault(t, { yaml, dataDir: join(folder, 'vault') });
  const anchor = await trustAnchorOf(vault.dataDir, parseVaultConfig(yaml, 'vault.yaml'));
  const { token } = await createInvite(vault.database, { name: 'laptop', anchor });
  const configDir = join(folder, 'config');
  const enrolment = await enrol({ url: vault.vault.url, token, configDir, name: 'home' });
  assert.equal(enrolment.clientName, 'laptop');
});

test('a torn token, a missing address and a missing vault are told apart', async (t) => {
  const vault = await startTestVault(t);
  const configDir = await tempVaultFolder(t);
  const token = await invite(vault);
  await assert.rejects(enrol({ token: new Secret('x'), configDir }), { code: 'agent/token' });
  await assert.rejects(enrol({ token, configDir }), { code: 'agent/token', message: /where/ });
  await assert.rejects(enrol({ url: 'http://x', token, configDir }), { code: 'backend/location' });
  await vault.vault.close();
  await assert.rejects(enrol({ url: vault.vault.url, token, configDir }), {
    code: 'backend/unreachable',
  });
  assert.deepEqual(readdirSync(configDir), []);
  await assert.rejects(loadEnrolment('home', configDir), { code: 'agent/not-enrolled' });
});

test('a token with another secret is refused, and so is a damaged request', async (t) => {
  const vault = await startTestVault(t);
  const configDir = await tempVaultFolder(t);
  const invitation = parseInviteToken((await invite(vault)).reveal());
  const guess = new Secret(
    encodeInviteToken({ ...invitation, secret: new Secret('x'.repeat(43)) }),
  );
  await assert.rejects(enrol({ url: vault.vault.url, token: guess, configDir }), {
    code: 'agent/enrol-refused',
    message: /not known/,
  });
  const path = '/_sealift/v1/enrol';
  const post = async (document: unknown) =>
    (await vault.call('POST', path, { body: Buffer.from(JSON.stringify(document)) })).status;
  assert.equal(await post({}), 400);
  assert.equal(await post({ secret: invitation.secret.reveal(), request: 'torn' }), 403);
  assert.equal((await vault.call('POST', '/_sealift/v1/renew')).status, 401);
  await enrol({
    url: vault.vault.url,
    token: new Secret(encodeInviteToken(invitation)),
    configDir,
    name: 'home',
  });
});
