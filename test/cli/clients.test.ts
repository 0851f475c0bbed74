/** `sealift clients` and `sealift report` as people and scripts meet them. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import {
  connection,
  dayMs,
  newOffer,
  oldOffer,
  openLedger,
  refused,
  tls12Handshake,
  tls13Handshake,
} from '../support/ledger.ts';
import { mustRunSealift, runSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

const env = { LANG: 'C', TZ: 'UTC' };
const laptop = { kind: 'certificate', name: 'laptop' } as const;
const archive = { kind: 'login', name: 'archive' } as const;

/** Two clients, one of them with TLS 1.0 only, a visitor and a scanner; a data folder with them. */
async function fleet(context: Parameters<typeof openLedger>[0]): Promise<string> {
  const { ledger, file } = await openLedger(context, { nowMs: Date.now() });
  const now = { startedMs: Date.now(), endedMs: Date.now() };
  const before = { startedMs: now.startedMs - 40 * dayMs, endedMs: now.endedMs - 40 * dayMs };
  const old = { ...tls12Handshake, version: 0x0301, cipherSuite: 0xc013, alpn: '=cmd()' };
  const modern = { client: laptop, offer: newOffer, negotiated: tls13Handshake };
  ledger.onEnd(connection({ ...now, ...modern, address: '192.0.2.7' }));
  ledger.onEnd(connection({ ...before, client: archive, offer: oldOffer, negotiated: old }));
  ledger.onVerdict(refused(now));
  ledger.onEnd(refused(now));
  ledger.onEnd(connection({ ...now, address: '192.0.2.8' }));
  ledger.onEnd(connection({ ...now, address: '192.0.2.9', offer: undefined, outcome: 'not-tls' }));
  ledger.recordBackup({
    client: laptop,
    listener: 'main',
    address: '192.0.2.7',
    fingerprint: undefined,
    atMs: now.endedMs,
  });
  await ledger.close();
  return dirname(file);
}

interface ClientDocument {
  readonly name: string;
  readonly class: string;
  readonly last_version: string | null;
  readonly backups: number;
  readonly readiness: { readonly state: string; readonly obstacles: readonly unknown[] };
}

test('clients are listed with their TLS; strangers are only counted', async (context) => {
  const data = await fleet(context);
  const text = await mustRunSealift(['clients', '--data', data], { env });
  assert.match(text, /^archive +login +TLS 1\.0 +TLS 1\.0 .*not ready: protocol_version/m);
  assert.match(text, /^laptop +certificate +TLS 1\.3 +TLS 1\.3 +TLS_AES_128_GCM_SHA256 .* ready$/m);
  assert.match(text, /1 visitors and 1 scanners are not listed/);
  assert.doesNotMatch(text, /192\.0\.2\.[89]/);
  const all = await mustRunSealift(['clients', '--all', '--data', data], { env });
  assert.match(all, /^192\.0\.2\.8 +visitor /m);
  assert.match(all, /^192\.0\.2\.9 +scanner /m);
});

test('--json tells the same to a script', async (context) => {
  const data = await fleet(context);
  const json = await mustRunSealift(['clients', '--json', '--data', data], { env });
  const { clients, visitors, scanners } = JSON.parse(json) as {
    readonly clients: readonly ClientDocument[];
    readonly visitors: number;
    readonly scanners: number;
  };
  assert.deepEqual([visitors, scanners], [1, 1]);
  assert.deepEqual(
    clients.map((client) => [
      client.name,
      client.class,
      client.last_version,
      client.backups,
      client.readiness.state,
    ]),
    [
      ['archive', 'client', '1.0', 0, 'not_ready'],
      ['laptop', 'client', '1.3', 1, 'ready'],
    ],
  );
});

test('a client is shown with what was refused from where it is known', async (context) => {
  const data = await fleet(context);
  const text = await mustRunSealift(['clients', 'show', 'archive', '--data', data], { env });
  assert.match(text, /^archive \(login\)\n/);
  assert.match(text, /1 of them were refused before they could say who they are/);
  assert.match(text, /Reason: retired\/tls1\.0, 1 times/);
  assert.match(text, /the client offers SSL 3\.0, TLS 1\.0, the server accepts TLS 1\.2, TLS 1\.3/);
  const chinese = await mustRunSealift(
    ['clients', 'show', 'archive', '--lang', 'zh-CN', '--data', data],
    { env },
  );
  assert.match(chinese, /其中 1 次在表明身份之前就被拒绝/);
});

test('a name that the ledger does not know is an error with a way on', async (context) => {
  const data = await fleet(context);
  const { code, stderr } = await runSealift(['clients', 'show', 'nobody', '--data', data], { env });
  assert.equal(code, 1);
  assert.match(stderr, /the ledger knows no client or address nobody\nhint: .*--since DAYS/);
});

test('--since leaves out what is older', async (context) => {
  const data = await fleet(context);
  const args = ['clients', '--csv', '--since', '30', '--data', data];
  const csv = await mustRunSealift(args, { env });
  const lines = csv.trimEnd().split('\r\n');
  assert.match(lines[0] ?? '', /^name,kind,class,enrolled,best_offered,/);
  // What was refused today still belongs to the client that was known there before.
  assert.match(lines[1] ?? '', /^archive,login,client,false,1\.0,,,/);
  assert.match(lines[2] ?? '', /^laptop,/);
  assert.doesNotMatch(csv, /cmd/);
});

test('--csv disarms what a client smuggles into a cell', async (context) => {
  const data = await fleet(context);
  const csv = await mustRunSealift(['clients', '--csv', '--data', data], { env });
  assert.match(csv, /,'=cmd\(\),/);
});

test('readiness can be judged by another policy', async (context) => {
  const data = await fleet(context);
  const policy = join(tempFolder(context), 'old.yaml');
  writeFileSync(policy, 'policy: old\n');
  const text = await mustRunSealift(['clients', '--policy', policy, '--data', data], { env });
  assert.match(text, /^archive .* ready$/m);
  assert.doesNotMatch(text, /not ready/);
});

test('the report counts, and names those who are not ready', async (context) => {
  const data = await fleet(context);
  const text = await mustRunSealift(['report', '--data', data], { env });
  assert.match(text, /^2 clients \(1 ready, 1 not ready, 0 unknown\), 1 visitors, 1 scanners$/m);
  assert.match(text, /^\d{4}-\d\d-\d\d +TLS 1\.0 +1 +1 /m);
});

test('the inventory is for auditors, as text, CSV and JSON', async (context) => {
  const data = await fleet(context);
  const args = ['report', '--inventory', '--data', data];
  const text = await mustRunSealift(args, { env });
  assert.match(text, /^TLS 1\.0 +TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA +x25519 +archive +login /m);
  const csv = await mustRunSealift([...args, '--csv'], { env });
  assert.match(csv, /^1\.3,TLS_AES_128_GCM_SHA256,X25519MLKEM768,laptop,certificate,client,1,/m);
  const json: unknown = JSON.parse(await mustRunSealift([...args, '--json'], { env }));
  assert.ok(Array.isArray(json));
  assert.equal(json.length, 2);
});

test('--html writes one page and says where', async (context) => {
  const data = await fleet(context);
  const page = join(tempFolder(context), 'fleet.html');
  const text = await mustRunSealift(['report', '--html', page, '--data', data], { env });
  assert.equal(text, `wrote ${page}\n`);
  assert.match(readFileSync(page, 'utf8'), /^<!doctype html>\n<html lang="en">[\s\S]*<\/html>\n$/);
  const missing = join(page, 'in-a-file.html');
  const failed = await runSealift(['report', '--html', missing, '--data', data], { env });
  assert.notEqual(failed.code, 0);
  assert.match(failed.stderr, /in-a-file\.html/);
});

test('reading a folder that is no vault makes none', async (context) => {
  const folder = tempFolder(context);
  const { code, stderr } = await runSealift(['clients', '--data', folder], { env });
  assert.equal(code, 1);
  assert.match(stderr, /data folder/);
  assert.equal(existsSync(join(folder, 'vault.db')), false);
});
