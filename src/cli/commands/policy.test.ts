import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mustRunSealift, type Outcome, runSealift } from '../../../test/support/run.ts';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import type { ConnectionRecord } from '../../door/connection.ts';
import { ja4 } from '../../tls/fingerprints.ts';
import { findKnownClient } from '../../tls/known-clients.ts';
import type { Offer } from '../../tls/offer.ts';
import { addConsoleUsers, signInAs } from '../../vault/api/api-fixture.ts';
import { withVaultDatabase } from '../../vault/database/database.ts';
import { writeBatch } from '../../vault/ledger/ledger-store.ts';
import { dayOf, type LedgerRow, presenceRow, storeOffer } from '../../vault/ledger/row.ts';
import { planPath } from '../../vault/plan-store.ts';
import { createVaultData } from '../../vault/vault.ts';
import { startTestVault } from '../../vault/vault-fixture.ts';

const plan = `# ours
name: the end of TLS 1.0
policy: old
retirements:
  - capability: tls1.0
    warn: 2026-03-01
    enforce: 2999-09-01
`;

async function makeVault(t: TestContext): Promise<{ dataDir: string; file: string }> {
  const folder = tempFolder(t);
  const dataDir = join(folder, 'vault');
  await createVaultData(dataDir);
  const file = join(folder, 'plan.yaml');
  writeFileSync(file, plan);
  return { dataDir, file };
}

function offerOf(id: string): Offer {
  const known = findKnownClient(id);
  if (known === undefined) throw new RangeError(`${id} is no known client`);
  return known.offer;
}

/** A row as the vault writes it after a backup of that client. */
function rowOf(client: string, offer: Offer, sha256: string): LedgerRow {
  const nowMs = Date.now();
  const fingerprint = ja4(offer);
  const key = { day: dayOf(nowMs), client, fingerprint } as const;
  const record: ConnectionRecord = {
    ...{ listener: 'main', startedMs: nowMs, endedMs: nowMs, address: '192.0.2.7' },
    ...{ client: { kind: 'certificate', name: client }, fingerprint, offer, verdict: undefined },
    ...{ outcome: 'accepted', reason: undefined, alert: undefined, negotiated: undefined },
    ...{ handshakeMs: 1, bytesRead: 1, bytesWritten: 1 },
  };
  const row = presenceRow({ ...key, listener: 'main', client_kind: 'certificate' }, record, nowMs);
  return { ...row, accepted: 9, backups: 4, last_backup_ms: nowMs, offer: sha256, offer_rank: 1 };
}

async function fillLedger(
  dataDir: string,
  clients: Readonly<Record<string, string>>,
): Promise<void> {
  const stored = Object.entries(clients).map(([client, id]) => {
    const offer = storeOffer(offerOf(id));
    if (offer === undefined) throw new RangeError(`${id} offers too much`);
    return { offer, row: rowOf(client, offerOf(id), offer.sha256) };
  });
  await withVaultDatabase(dataDir, (database) =>
    writeBatch(database, {
      rows: stored.map(({ row }) => row),
      offers: stored.map(({ offer }) => offer),
      sightings: [],
    }),
  );
}

test('a vault without a plan shows the one it goes by, and the file again when it has one', async (t) => {
  const { dataDir, file } = await makeVault(t);
  const first = await mustRunSealift(['policy', 'show', '--data', dataDir]);
  assert.match(first, /^name: intermediate\npolicy: intermediate\n/);
  await mustRunSealift(['policy', 'apply', file, '--data', dataDir]);
  assert.equal(await mustRunSealift(['policy', 'show', '--data', dataDir]), plan);
  const json = JSON.parse(await mustRunSealift(['policy', 'show', '--data', dataDir, '--json']));
  assert.equal(json.file, planPath(dataDir));
  assert.equal(json.plan.retirements[0].enforce, '2999-09-01');
  assert.deepEqual(json.standings[0].next, { phase: 'enforce', date: '2999-09-01' });
});

test('a date is moved with a reason or not at all', async (t) => {
  const { dataDir, file } = await makeVault(t);
  await mustRunSealift(['policy', 'apply', file, '--data', dataDir]);
  writeFileSync(file, plan.replace('2999', '2998'));
  const refused = await runSealift(['policy', 'apply', file, '--data', dataDir]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /tls1\.0 enforce[\s\S]*--reason/);
  assert.equal(readFileSync(planPath(dataDir), 'utf8'), plan);
  const moved = ['policy', 'apply', file, '--data', dataDir, '--reason', 'sooner'];
  assert.match(
    await mustRunSealift(moved),
    /tls1\.0, enforce: moved from 2999-09-01 to 2998-09-01/,
  );
  assert.match(readFileSync(planPath(dataDir), 'utf8'), /reason: sooner/);
});

test('check names what is wrong, and exits 1', async (t) => {
  const { dataDir, file } = await makeVault(t);
  assert.equal((await runSealift(['policy', 'check', file])).code, 0);
  await fillLedger(dataDir, { 'pc-1': 'windows-7' });
  const waves = 'waves: [{name: pilot, clients: [pc-2]}]\n';
  writeFileSync(file, plan.replace('2999', '2020') + waves);
  const { code, stdout } = await runSealift(['policy', 'check', file, '--data', dataDir]);
  assert.equal(code, 1);
  assert.match(stdout, /error: retirements\[1\]\.enforce: tls1\.0: refused from 2020-09-01/);
  assert.match(stdout, /warning: waves\[1\]: nobody whom the vault knows is in the wave pilot/);
  assert.match(stdout, /warning: waves\[1\]\.clients\[1\]: the vault knows no client pc-2/);
  writeFileSync(file, 'policy: old\nretirements: [{capability: tls9}]\n');
  const wrong = await runSealift(['policy', 'check', file, '--json']);
  assert.equal(wrong.code, 1);
  assert.equal(JSON.parse(wrong.stdout).findings[0].where, 'retirements[1].capability');
});

test('simulate names those who would fail then, and only then', async (t) => {
  const { dataDir, file } = await makeVault(t);
  await fillLedger(dataDir, { 'pc-1': 'openssl-1.0.1', 'pc-2': 'node-26', old: 'windows-7' });
  // The vault has a certificate of its own type; those without TLS 1.2 fail in the end.
  const then = ['policy', 'simulate', '--policy', file, '--data', dataDir];
  const end = await runSealift([...then, '--json']);
  assert.equal(end.code, 1, end.stderr);
  const answer = JSON.parse(end.stdout);
  assert.equal(answer.at, '2999-09-01');
  assert.equal(answer.wouldFail, true);
  const old = answer.failures.find((failure: { client: string }) => failure.client === 'old');
  assert.equal(old.cause, 'enforce');
  assert.equal(old.alert, 'protocol_version');
  assert.equal(old.backups, 4);
  assert.match(old.needs, /^TLS 1\.2 or newer: Windows/);
  const names = answer.failures.map((failure: { client: string }) => failure.client);
  assert.ok(!names.includes('pc-2'));
  const text = await runSealift([...then, '--at', '2999-09-01']);
  assert.equal(text.code, 1);
  assert.match(text.stdout, /old \(192\.0\.2\.7\)[\s\S]*needs: TLS 1\.2/);
  const modern = await runSealift([
    'policy',
    'simulate',
    '--policy',
    'modern',
    '--data',
    dataDir,
    '--json',
  ]);
  assert.equal(JSON.parse(modern.stdout).failures.length, 2);
  assert.equal((await runSealift([...then, '--at', 'soon'])).code, 1);
});

test('nobody fails where nothing was seen, and a folder without a vault is said to be none', async (t) => {
  const { dataDir, file } = await makeVault(t);
  const none = await runSealift(['policy', 'simulate', '--policy', file, '--data', dataDir]);
  assert.equal(none.code, 0);
  assert.match(none.stdout, /Nobody would fail/);
  const wrong = await runSealift(['policy', 'show', '--data', join(dataDir, 'none')]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /not the data folder of a vault/);
});

test('a vault elsewhere answers by its API as it does on its own machine', async (t) => {
  const testVault = await startTestVault(t);
  const { dataDir, database, vault } = testVault;
  await addConsoleUsers(database);
  const owner = await signInAs(testVault, 'owner');
  const made = await owner.call('POST', '/tokens', { body: { name: 'cli', role: 'owner' } });
  const { secret } = made.json() as { secret: string };
  await fillLedger(dataDir, { 'pc-1': 'openssl-1.0.1', 'pc-2': 'node-26', old: 'windows-7' });
  const file = join(tempFolder(t), 'plan.yaml');
  writeFileSync(file, `${plan}waves: [{name: pilot, clients: [pc-9]}]\n`);
  const env = { SEALIFT_VAULT_TOKEN: secret };
  const there = ['--vault', vault.url, '--cacert', vault.caFile];
  const here = ['--data', dataDir];
  const both = async (...args: string[]): Promise<readonly [Outcome, Outcome]> => [
    await runSealift([...args, ...here]),
    await runSealift([...args, ...there], { env }),
  ];

  const withoutReason = await runSealift(['policy', 'apply', file, ...there], { env });
  assert.match(withoutReason.stderr, /--reason/);
  const applied = ['policy', 'apply', file, '--reason', 'agreed', '--json', ...there];
  const answer = JSON.parse(await mustRunSealift(applied, { env }));
  assert.equal(answer.plan, 'the end of TLS 1.0');
  assert.equal(answer.findings[0].where, 'waves[1]');
  const moved = join(tempFolder(t), 'moved.yaml');
  writeFileSync(moved, plan.replace('2999', '2998'));
  const move = ['policy', 'apply', moved, '--reason', 'sooner', ...there];
  assert.match(
    await mustRunSealift(move, { env }),
    /tls1\.0, enforce: moved from 2999-09-01 to 2998-09-01/,
  );

  for (const args of [
    ['policy', 'show'],
    ['policy', 'show', '--json'],
    ['policy', 'check', file],
    ['policy', 'check', file, '--json'],
    ['policy', 'simulate'],
    ['policy', 'simulate', '--policy', 'modern', '--at', '2027-01-01', '--lang', 'zh-CN'],
    ['clients', '--json'],
    ['clients', '--json', '--policy', file],
    ['report', '--inventory', '--json'],
    ['report', '--csv'],
  ]) {
    const [local, remote] = await both(...args);
    const told = (text: string): string =>
      // Only a local plan has a file.
      args.join(' ') === 'policy show --json' ? text.replace(/"file":("[^"]*"|null)/, '') : text;
    assert.equal(remote.stderr, local.stderr, args.join(' '));
    assert.equal(told(remote.stdout), told(local.stdout), args.join(' '));
    assert.equal(remote.code, local.code);
  }
  const [local, remote] = await both('policy', 'simulate', '--json');
  const document = (text: string) =>
    JSON.parse(text, (key, value) => (key === 'looksLike' ? undefined : value));
  assert.equal(document(local.stdout).failures.length, 1);
  assert.deepEqual(document(remote.stdout), document(local.stdout));
});
