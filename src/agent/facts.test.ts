import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { tempFolder } from '../../test/support/temp-folder.ts';
import { windowsMachine } from '../../test/support/windows-machine.ts';
import { diagnose } from '../doctor/doctor.ts';
import { type Facts, makeFacts } from '../doctor/facts/facts.ts';
import { parseFacts } from '../doctor/facts/parse-facts.ts';
import { createInvite } from '../vault/accounts/invites.ts';
import { trustAnchorOf } from '../vault/certificates/server-certificate.ts';
import { defaultVaultConfig } from '../vault/config.ts';
import { readStoredFacts } from '../vault/facts/facts-store.ts';
import { startTestVault, tempVaultFolder } from '../vault/vault-fixture.ts';
import { enrol } from './enrol.ts';
import { compactFacts, factsChoice, machineFactsJson, sendFacts } from './machine-facts.ts';
import { sendFactsAfterBackup } from './send-facts.ts';

async function enrolled(t: TestContext) {
  const vault = await startTestVault(t);
  const configDir = await tempVaultFolder(t);
  const anchor = await trustAnchorOf(vault.dataDir, defaultVaultConfig);
  const { token } = await createInvite(vault.database, { name: 'laptop', anchor });
  const enrolment = await enrol({ url: vault.vault.url, token, configDir, name: 'home' });
  return { vault, configDir, enrolment };
}

test('facts reach the vault under the name that the certificate proves, and judge the same', async (t) => {
  const { vault, enrolment } = await enrolled(t);
  const facts = windowsMachine('2008 R2 SP1', { updates: ['KB3140245'] });
  assert.equal(await sendFacts(enrolment, JSON.stringify(compactFacts(facts))), true);
  const stored = await readStoredFacts(vault.database, 'laptop');
  assert.ok(stored);
  assert.match(stored.day, /^\d{4}-\d\d-\d\d$/);
  const ids = (given: typeof facts) => diagnose(given).findings.map(({ id }) => id);
  assert.deepEqual(ids(stored.facts), ids(facts));
  assert.doesNotMatch(JSON.stringify(stored.facts), /machine\.reg/);
  // The next ones replace them.
  await sendFacts(enrolment, JSON.stringify(compactFacts(makeFacts({ host: 'other' }))));
  assert.equal((await readStoredFacts(vault.database, 'laptop'))?.facts.host, 'other');
});

test('the vault takes facts only from a certificate, and only facts of a bounded size', async (t) => {
  const { vault, enrolment } = await enrolled(t);
  const put = (body: Buffer, options = {}) =>
    vault.call('PUT', '/_sealift/v1/facts', { body, ...options });
  const own = { cert: enrolment.certificate, key: enrolment.key.reveal() };
  const good = Buffer.from(JSON.stringify(compactFacts(makeFacts({ host: 'x' }))));
  assert.equal((await put(good)).status, 401);
  assert.equal((await put(good, { user: 'alice' })).status, 401);
  assert.equal((await put(Buffer.from('{"schema":"other"}'), own)).status, 400);
  assert.equal((await put(Buffer.from('not JSON'), own)).status, 400);
  assert.equal((await put(Buffer.alloc(1024 ** 2 + 1, 32), own)).status, 413);
  assert.equal(await readStoredFacts(vault.database, 'laptop'), undefined);
  assert.equal((await put(good, own)).status, 204);
});

test('after a backup this machine sends what `agent facts` shows', {
  skip: process.platform === 'linux' ? false : 'reads a Linux machine',
}, async (t) => {
  const { vault, configDir } = await enrolled(t);
  const env = { PATH: process.env['PATH'] };
  assert.equal(await sendFactsAfterBackup({ vault: 'home', configDir, env }), 'sent');
  const stored = await readStoredFacts(vault.database, 'laptop');
  const shown = await machineFactsJson(env);
  const withoutTime = ({ collectedAt: _, clock: __, ...rest }: Facts) => rest;
  assert.ok(stored);
  assert.deepEqual(withoutTime(stored.facts), withoutTime(parseFacts(shown ?? '', 'shown')));
});

test('the vault compares the clock of a machine with its own', async (t) => {
  const { vault, enrolment } = await enrolled(t);
  const collectedAt = new Date(Date.now() - 3 * 3_600_000).toISOString();
  const late = compactFacts(windowsMachine('2022'));
  await sendFacts(enrolment, JSON.stringify({ ...late, collectedAt }));
  const stored = await readStoredFacts(vault.database, 'laptop');
  assert.ok(stored);
  const finding = diagnose(stored.facts).findings.find(({ id }) => id === 'clock/behind');
  assert.equal(finding?.severity, 'error');
  assert.deepEqual(finding.fields, { skew: '3 h', server: 'vault' });
});

test('one setting switches it off, and a vault that is gone costs nothing but the attempt', async (t) => {
  const { vault, configDir } = await enrolled(t);
  const send = (env = {}) => sendFactsAfterBackup({ vault: 'home', configDir, env });
  assert.equal(await send({ SEALIFT_NO_FACTS: '1' }), 'off');
  writeFileSync(join(configDir, 'config.yaml'), 'agent:\n  facts: false\n  other: 1\n');
  assert.equal(await send(), 'off');
  // A configuration that cannot be read may say no.
  writeFileSync(join(configDir, 'config.yaml'), 'agent: [');
  assert.equal(await send(), 'off');
  assert.equal(await readStoredFacts(vault.database, 'laptop'), undefined);
  const empty = tempFolder(t);
  mkdirSync(join(empty, 'vaults'));
  assert.equal(await sendFactsAfterBackup({ vault: 'gone', configDir: empty, env: {} }), 'failed');
});

test('the choice names what switched the facts off', async (t) => {
  const folder = tempFolder(t);
  assert.deepEqual(await factsChoice(folder, {}), { isSent: true });
  assert.deepEqual(await factsChoice(folder, { SEALIFT_NO_FACTS: '0' }), { isSent: true });
  writeFileSync(join(folder, 'config.yaml'), '');
  assert.deepEqual(await factsChoice(folder, {}), { isSent: true });
  writeFileSync(join(folder, 'config.yaml'), 'agent: { facts: false }\n');
  const { isSent, because } = await factsChoice(folder, {});
  assert.equal(isSent, false);
  assert.match(because ?? '', /config\.yaml/);
});
