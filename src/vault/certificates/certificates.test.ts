import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { defaultVaultConfig } from '../config.ts';
import { vaultPaths } from '../data-folder.ts';
import {
  createAuthority,
  createCertificateRequest,
  fingerprintOf,
  isRenewalDue,
  issueClientCertificate,
  issueServerCertificate,
  leafLifeMs,
  readCertificate,
  splitChain,
} from './authority.ts';
import {
  ensureAuthority,
  loadServerMaterial,
  type ServerMaterial,
  trustAnchorOf,
} from './server-certificate.ts';

const start = Date.parse('2026-11-24T00:00:00Z');
const clock = { now: () => start };

test('a server certificate is signed by the authority and holds every name', async () => {
  const authority = await createAuthority(clock);
  const names = ['localhost', 'vault.example', '127.0.0.1', '::1'];
  const issued = await issueServerCertificate(authority, { names, clock });
  const ca = new X509Certificate(authority.certificate);
  const leaf = new X509Certificate(issued.certificate);
  assert.equal(ca.ca, true);
  assert.equal(leaf.ca, false);
  assert.equal(leaf.verify(ca.publicKey), true);
  assert.equal(leaf.checkIssued(ca), true);
  for (const name of ['localhost', 'vault.example']) assert.equal(leaf.checkHost(name), name);
  for (const address of ['127.0.0.1', '::1']) assert.ok(leaf.checkIP(address));
  assert.match(leaf.keyUsage?.join() ?? '', /1\.3\.6\.1\.5\.5\.7\.3\.1/);
});

test("a client's certificate has the invitation's name, not the request's", async () => {
  const authority = await createAuthority(clock);
  const { request, key } = await createCertificateRequest('admin');
  const certificate = await issueClientCertificate(authority, { request, name: 'laptop', clock });
  assert.equal(readCertificate(certificate).commonName, 'laptop');
  assert.doesNotMatch(certificate, /PRIVATE/);
  assert.match(key, /PRIVATE/);
});

test('a request that is not signed by its own key is refused', async () => {
  const authority = await createAuthority(clock);
  const { request } = await createCertificateRequest('laptop');
  const der = Buffer.from(request.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
  const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
  for (const bad of [forged, 'nothing', ''])
    await assert.rejects(issueClientCertificate(authority, { request: bad, name: 'x', clock }), {
      code: 'agent/enrol-refused',
    });
});

test('renewal is due when less than a third of the life is left', async () => {
  const authority = await createAuthority(clock);
  const { certificate } = await issueServerCertificate(authority, { names: ['a'], clock });
  const facts = readCertificate(certificate);
  assert.equal(isRenewalDue(facts, start), false);
  assert.equal(isRenewalDue(facts, start + leafLifeMs * 0.6), false);
  assert.equal(isRenewalDue(facts, start + leafLifeMs * 0.7), true);
});

async function authorityFolder(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'sealift-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const paths = vaultPaths(folder);
  await ensureAuthority(paths, clock);
  return paths;
}

function chainOf({ identities }: ServerMaterial): string {
  return identities[0]?.chain ?? '';
}

test('with tls.rsa the vault has an ECDSA and an RSA certificate of the same authority', async (t) => {
  const paths = await authorityFolder(t);
  const tls = { ...defaultVaultConfig.tls, rsa: true };
  const { identities, clientCa } = await loadServerMaterial({ paths, tls, clock });
  const leaves = identities.map(({ chain }) => new X509Certificate(chain));
  assert.deepEqual(
    leaves.map(({ publicKey }) => publicKey.asymmetricKeyType),
    ['ec', 'rsa'],
  );
  for (const [at, leaf] of leaves.entries()) {
    assert.equal(leaf.checkPrivateKey(createPrivateKey(identities[at]?.key ?? '')), true);
    assert.equal(leaf.verify(new X509Certificate(clientCa).publicKey), true);
  }
  assert.deepEqual((await loadServerMaterial({ paths, tls, clock })).identities, identities);
});

test('the server certificate is made anew before its end, and stays the same until then', async (t) => {
  const paths = await authorityFolder(t);
  const { tls } = defaultVaultConfig;
  const load = (nowMs: number) => loadServerMaterial({ paths, tls, clock: { now: () => nowMs } });
  const first = await load(start);
  assert.deepEqual((await load(start + leafLifeMs / 2)).identities, first.identities);
  const second = await load(start + leafLifeMs * 0.8);
  assert.notEqual(chainOf(second), chainOf(first));
  assert.equal(second.clientCa, first.clientCa);
  const named = await loadServerMaterial({
    paths,
    tls: { ...tls, names: ['vault.example'] },
    clock: { now: () => start + leafLifeMs * 0.8 },
  });
  assert.ok(readCertificate(chainOf(named)).names.includes('vault.example'));
});

test('a damaged certificate is an error that names the file, and is not overwritten', async (t) => {
  const paths = await authorityFolder(t);
  const { tls } = defaultVaultConfig;
  await loadServerMaterial({ paths, tls, clock });
  writeFileSync(paths.serverCertificate, 'damaged');
  await assert.rejects(loadServerMaterial({ paths, tls, clock }), {
    code: 'vault/certificate',
    message: /server\.crt/,
  });
  assert.equal(readFileSync(paths.serverCertificate, 'utf8'), 'damaged');
});

test('a key without its certificate, as a crash in a renewal leaves it, is made good', async (t) => {
  const paths = await authorityFolder(t);
  const { tls } = defaultVaultConfig;
  const before = await loadServerMaterial({ paths, tls, clock });
  writeFileSync(paths.serverKey, (await createAuthority(clock)).key);
  const again = await loadServerMaterial({ paths, tls, clock });
  assert.notEqual(chainOf(again), chainOf(before));
  const key = createPrivateKey(again.identities[0]?.key ?? '');
  assert.equal(new X509Certificate(chainOf(again)).checkPrivateKey(key), true);
});

test('an authority whose key is missing is never replaced', async (t) => {
  const paths = await authorityFolder(t);
  const before = readFileSync(paths.caCertificate, 'utf8');
  rmSync(paths.caKey);
  await ensureAuthority(paths, clock);
  assert.equal(readFileSync(paths.caCertificate, 'utf8'), before);
});

test('the trust anchor is the last certificate that the server sends', async (t) => {
  const paths = await authorityFolder(t);
  const material = await loadServerMaterial({ paths, tls: defaultVaultConfig.tls, clock });
  const last = new X509Certificate(splitChain(chainOf(material)).at(-1) ?? '');
  assert.equal(await trustAnchorOf(paths.root, defaultVaultConfig), fingerprintOf(last.raw));
});
