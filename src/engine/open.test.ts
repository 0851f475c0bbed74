import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipWithout } from '../../test/support/peers.ts';
import { tempFolder } from '../../test/support/temp-folder.ts';
import {
  flipBit,
  quickScrypt,
  tinyPassword,
  tinyRepository,
} from '../../test/support/tiny-repository.ts';
import { isSealiftError, type SealiftError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import { localBackend } from '../storage/local.ts';
import { memoryBackend } from '../storage/memory.ts';
import { addKey, changeKey, listKeys, removeKey } from './keys.ts';
import { initRepository, loadIndex, openRepository } from './open.ts';

test('a place with a config, a key or a snapshot is not made a repository again', async () => {
  const options = { password: tinyPassword, scrypt: quickScrypt };
  for (const file of ['config', `keys/${'a'.repeat(64)}`, `snapshots/${'b'.repeat(64)}`]) {
    const backend = memoryBackend();
    backend.files.set(file, new Uint8Array(1));
    const init = initRepository(backend, options);
    await assert.rejects(init, (error) => isSealiftError(error, 'repository/exists'), file);
    assert.equal(backend.files.size, 1);
  }
});

test('no config or no key means that there is no repository', async () => {
  const isMissing = (error: unknown): boolean => isSealiftError(error, 'repository/missing');
  await assert.rejects(openRepository(memoryBackend(), tinyPassword), isMissing);
  const { backend } = await tinyRepository();
  for (const file of backend.files.keys()) if (file.startsWith('keys/')) backend.files.delete(file);
  await assert.rejects(openRepository(backend, tinyPassword), isMissing);
});

test('an absent local folder is a missing repository', async (context) => {
  const backend = localBackend(join(tempFolder(context), 'absent'));
  const opening = openRepository(backend, tinyPassword);
  await assert.rejects(opening, (error) => isSealiftError(error, 'repository/missing'));
});

test('a wrong password is told apart from damaged keys', async () => {
  const { backend } = await tinyRepository();
  const wrong = openRepository(backend, new Secret('wrong'));
  await assert.rejects(wrong, (error) => isSealiftError(error, 'password/wrong'));
  const [key = ''] = [...backend.files.keys()].filter((file) => file.startsWith('keys/'));
  flipBit(backend, key, (backend.files.get(key)?.length ?? 0) - 10);
  await assert.rejects(
    openRepository(backend, tinyPassword),
    (error: SealiftError) => error.code === 'format/key' && error.message.includes(key),
  );
});

test('a damaged config is named', async () => {
  const { backend } = await tinyRepository();
  flipBit(backend, 'config', 20);
  const opening = openRepository(backend, tinyPassword);
  await assert.rejects(opening, (error) => isSealiftError(error, 'format/config'));
});

test('a damaged index file is named', async () => {
  const repository = await tinyRepository();
  repository.addBlob('data', 'x');
  await repository.savePack();
  const repo = await openRepository(repository.backend, tinyPassword);
  const [file = ''] = [...repository.backend.files.keys()].filter((name) =>
    name.startsWith('index/'),
  );
  flipBit(repository.backend, file, 40);
  await assert.rejects(
    loadIndex(repo),
    (error: SealiftError) => error.code === 'format/index' && error.message.includes(file),
  );
});

test('keys are added, listed, changed and removed; the one in use stays', async () => {
  const { backend, load } = await tinyRepository();
  const repo = await load();
  const second = new Secret('second');
  const added = await addKey(repo, { password: second, scrypt: quickScrypt, username: 'u' });
  assert.equal(
    (await openRepository(backend, second, { keyHint: added.slice(0, 8) })).keyId,
    added,
  );
  const keys = await listKeys(repo);
  assert.deepEqual(keys.map(({ current }) => current).sort(), [false, true]);
  await assert.rejects(removeKey(repo, repo.keyId), (error) =>
    isSealiftError(error, 'usage/invalid'),
  );
  await assert.rejects(removeKey(repo, ''), (error) => isSealiftError(error, 'usage/invalid'));
  await removeKey(repo, added.slice(0, 16));
  const wrong = openRepository(backend, second);
  await assert.rejects(wrong, (error) => isSealiftError(error, 'password/wrong'));

  const third = new Secret('third');
  const changed = await changeKey(repo, { password: third, scrypt: quickScrypt });
  assert.equal((await openRepository(backend, third)).keyId, changed);
  assert.equal((await listKeys(repo)).length, 1);
});

test('a damaged key file does not keep another key from opening', async () => {
  const { backend, load } = await tinyRepository();
  const damaged = `keys/${'0'.repeat(64)}`;
  const others = [...backend.files];
  backend.files.clear();
  backend.files.set(damaged, Buffer.from('{"broken"'));
  for (const [name, bytes] of others) backend.files.set(name, bytes);
  const repo = await openRepository(backend, tinyPassword);
  assert.ok(repo.config.id === (await load()).config.id);
  const errors: SealiftError[] = [];
  assert.equal((await listKeys(repo, { onError: (error) => errors.push(error) })).length, 1);
  assert.ok(errors[0]?.message.includes(damaged));
});

for (const version of [1, 2] as const) {
  test(`restic opens and checks a new version ${version} repository`, {
    skip: skipWithout('restic'),
  }, async (context) => {
    const location = join(tempFolder(context), 'repository');
    await initRepository(localBackend(location), {
      password: tinyPassword,
      version,
      scrypt: { ...quickScrypt, cost: 16 },
    });
    const env = { ...process.env, RESTIC_PASSWORD: tinyPassword.reveal() };
    const options = { env, encoding: 'utf8' } as const;
    const restic = ['-r', location, '--no-cache'];
    execFileSync('restic', [...restic, 'check'], options);
    const config = execFileSync('restic', [...restic, 'cat', 'config'], options);
    assert.equal(JSON.parse(config).version, version);
  });
}
