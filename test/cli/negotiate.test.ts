/** `sealift negotiate` as scripts meet it. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { findKnownClient } from '../../src/tls/known-clients.ts';
import { measuredHellos } from '../../src/tls/measured-hellos.ts';
import { offerToJson } from '../../src/tls/offer-json.ts';
import { connection, newOffer, openLedger } from '../support/ledger.ts';
import { runSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

const node26 = measuredHellos.find(({ id }) => id === 'node-26')?.hex ?? '';

function negotiate(...args: readonly string[]) {
  return runSealift(['negotiate', ...args], { env: { LANG: 'C' } });
}

test('an agreement is explained step by step and exits 0', async () => {
  const { code, stdout } = await negotiate('--client', 'node-26', '--server', 'intermediate');
  assert.equal(code, 0);
  assert.match(stdout, /^client: Node 26 .*captured hello/m);
  assert.match(stdout, /^server: intermediate; Mozilla/m);
  assert.match(stdout, /^1\. TLS 1\.3 is the highest version of both sides/m);
  assert.match(stdout, /^Agreed: TLS 1\.3, TLS_AES_.*, key exchange X25519MLKEM768/m);
});

test('a refusal names the alert and why, in Chinese too, and exits 1', async () => {
  const { code, stdout } = await negotiate(
    ...['--client', 'windows-7', '--server', 'modern', '--lang', 'zh-CN'],
  );
  assert.equal(code, 1);
  assert.match(stdout, /^1\. 没有共同的版本：客户端提供 SSL 3\.0, TLS 1\.0/m);
  assert.match(stdout, /^拒绝：服务器发送警报 protocol_version（70）/m);
});

test('--json is one document with what was agreed on', async () => {
  const { code, stdout } = await negotiate('--client', node26, '--server', 'pq', '--json');
  assert.equal(code, 0);
  const { why, ...answer } = JSON.parse(stdout) as Record<string, unknown>;
  assert.ok(Array.isArray(why) && why.length === 4);
  assert.deepEqual(answer, {
    ...{ server: 'pq', version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
    ...{ group: 'X25519MLKEM768', helloRetryRequest: false, postQuantum: true },
    ...{ certificate: 'ecdsa-p256', signatureScheme: 'ecdsa_secp256r1_sha256' },
  });
});

test('a batch is answered line by line, also where a line is bad, and exits 1 unless all agree', async (t) => {
  const folder = tempFolder(t);
  const policy = join(folder, 'policy.yaml');
  writeFileSync(policy, 'name: mine\nextends: intermediate\ngroups: [[secp384r1]]\n');
  const file = join(folder, 'pairs.jsonl');
  const offer = JSON.parse(offerToJson(findKnownClient('go-1.20')?.offer ?? newOffer));
  const pairs: readonly unknown[] = [
    { client: 'node-20', server: policy },
    { client: 'windows-7', server: 'intermediate' },
    'no object',
    { client: 'windows-6', server: 'old' },
    { client: 'go-1.20' },
    { client: offer, server: { extends: 'old', preference: 'client' } },
    { client: offer, server: { extends: 'old', versions: ['1.4'] } },
  ];
  writeFileSync(file, pairs.map((pair) => `${JSON.stringify(pair)}\n`).join('\n'));
  const { code, stdout, stderr } = await negotiate('--batch', file, '--server', 'pq');
  assert.equal(code, 1, stderr);
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const shapes = answers.map(({ why: _, ...answer }) => answer);
  assert.equal(shapes.length, pairs.length);
  assert.equal(shapes[0]?.['helloRetryRequest'], true);
  assert.equal(shapes[0]?.['group'], 'secp384r1');
  assert.deepEqual(shapes[1], { alert: 'protocol_version', insufficientSecurity: false });
  assert.match(String(shapes[2]?.['error']), /not an object/);
  assert.match(String(shapes[3]?.['error']), /windows-6/);
  assert.equal(shapes[3]?.['line'], 7);
  assert.equal(shapes[4]?.['alert'], 'handshake_failure');
  assert.equal(shapes[5]?.['version'], 'TLSv1.3');
  assert.match(String(shapes[6]?.['error']), /"1\.4" is not one of/);
});

test('a batch from standard input in which all agree exits 0', async () => {
  const { code, stdout } = await runSealift(['negotiate', '--batch', '-'], {
    input: '{"client": "curl-7.88", "server": "modern"}',
  });
  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout).version, 'TLSv1.3');
});

test('a fingerprint stands for the offer that the ledger of a vault has for it', async (t) => {
  const { ledger, file } = await openLedger(t);
  const record = connection({ offer: newOffer });
  ledger.onEnd(record);
  await ledger.close();
  const fingerprint = record.fingerprint ?? '';
  const data = dirname(file);
  const known = await negotiate('--client', fingerprint, '--server', 'modern', '--data', data);
  assert.equal(known.code, 0, known.stderr);
  assert.match(known.stdout, /key exchange x25519/);
  const unknown = await negotiate(
    '--client',
    fingerprint.replace(/..$/, '00'),
    '--server',
    'modern',
    '--data',
    data,
  );
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /has no offer with the fingerprint/);
  const nowhere = await negotiate('--client', fingerprint, '--server', 'modern');
  assert.match(nowhere.stderr, /hint: .*--data/);
});

test('--list names every known client and baseline, each with its source in the JSON', async () => {
  const { code, stdout } = await negotiate('--list', '--json');
  assert.equal(code, 0);
  const { clients, policies } = JSON.parse(stdout) as {
    clients: readonly { id: string; source: string }[];
    policies: readonly { name: string; source: string }[];
  };
  assert.ok(clients.some(({ id }) => id === 'windows-server-2008-r2'));
  assert.ok([...clients, ...policies].every(({ source }) => source.length > 0));
  assert.ok(policies.some(({ name }) => name === 'nist-sp-800-52r2'));
});
