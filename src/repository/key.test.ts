import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { generateRepositoryKey } from './crypto.ts';
import { createKeyFile, openKeyFile, parseKeyFile } from './key.ts';

const masterKey = generateRepositoryKey((size) => new Uint8Array(randomBytes(size)));
const cheap = { cost: 16, blockSize: 1, parallelization: 1 };
const made = createKeyFile({
  password: 'geheim – 密碼',
  masterKey,
  username: 'ann',
  hostname: 'host <1>',
  createdNs: 1_700_000_000_120_000_000n,
  random: randomBytes,
  params: cheap,
});
const document: Record<string, unknown> = JSON.parse(Buffer.from(made).toString());
const changed = (more: Record<string, unknown>): Uint8Array =>
  Buffer.from(JSON.stringify({ ...document, ...more }));

test('a key file gives its master key to its password', async () => {
  assert.deepEqual(await openKeyFile(made, 'geheim – 密碼'), masterKey);
});

test('another password is told as such', async () => {
  await assert.rejects(openKeyFile(made, 'geheim'), { code: 'password/wrong' });
});

test('fields stand in restic’s order', () => {
  assert.deepEqual(Object.keys(document), [
    'created',
    'username',
    'hostname',
    'kdf',
    'N',
    'r',
    'p',
    'salt',
    'data',
  ]);
  const file = parseKeyFile(made);
  assert.equal(file.createdNs, 1_700_000_000_120_000_000n);
  assert.equal(file.username, 'ann');
  assert.equal(file.hostname, 'host <1>');
  assert.deepEqual(file.params, cheap);
});

test('the default cost works within the memory that is allowed', async () => {
  const file = createKeyFile({
    password: 'p',
    masterKey,
    username: '',
    hostname: '',
    createdNs: 0n,
    random: randomBytes,
  });
  assert.equal(parseKeyFile(file).params.cost, 32768);
  assert.deepEqual(await openKeyFile(file, 'p'), masterKey);
});

test('an empty password is refused', () => {
  const options = { password: '', masterKey, username: '', hostname: '', createdNs: 0n };
  assert.throws(() => createKeyFile({ ...options, random: randomBytes }), {
    code: 'password/empty',
  });
});

test('bad content is refused before any derivation', () => {
  const broken: Record<string, unknown>[] = [
    { kdf: 'argon2' },
    { N: 3 },
    { N: 1 },
    { N: 0 },
    { N: 2 ** 40 },
    { N: 1.5 },
    { r: 0 },
    { p: 0 },
    { p: 2 ** 29 },
    { r: 2 ** 20 },
    { salt: 'AAAA' },
    { salt: null },
    { salt: '!' },
    { data: undefined },
    { created: 'yesterday' },
  ];
  for (const change of broken) {
    assert.throws(
      () => parseKeyFile(changed(change)),
      { code: 'format/key' },
      JSON.stringify(change),
    );
  }
  assert.throws(() => parseKeyFile(Buffer.from('not JSON')), { code: 'format/key' });
});

test('sealed data that is too short does not open', async () => {
  await assert.rejects(openKeyFile(changed({ data: 'AAAA' }), 'x'), { code: 'password/wrong' });
});
