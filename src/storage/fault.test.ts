import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backendConformance, collect, makeFile } from '../../test/support/backend-conformance.ts';
import { isSealiftError } from '../base/errors.ts';
import { faultBackend } from './fault.ts';
import { memoryBackend } from './memory.ts';
import { verifyBackend } from './verify.ts';

backendConformance('faults without a rule', async () => faultBackend(memoryBackend()));
backendConformance('verification', async () => verifyBackend(memoryBackend()));

const isLost = (error: unknown): boolean => isSealiftError(error, 'backend/unreachable');

test('only the nth call fails, counted for its type', async () => {
  const backend = faultBackend(memoryBackend(), [
    { operation: 'save', type: 'data', nth: 2, fault: { kind: 'fail' } },
  ]);
  const save = async (type: 'data' | 'index'): Promise<void> => {
    const { file, bytes } = makeFile(type);
    await backend.save(file, [bytes]);
  };
  await save('data');
  await save('index');
  await assert.rejects(() => save('data'), isLost);
  await save('data');
  assert.equal(backend.calls.length, 4);
});

test('a lost reply leaves the work done', async () => {
  const backend = faultBackend(memoryBackend(), [
    { operation: 'save', fault: { kind: 'lose-reply' } },
  ]);
  const { file, bytes } = makeFile('data');
  await assert.rejects(() => backend.save(file, [bytes]), isLost);
  assert.equal((await backend.stat(file)).size, bytes.byteLength);
});

test('a cut save leaves a part, a cut load gives a part, a cut list fails', async () => {
  const backend = faultBackend(memoryBackend(), [
    { operation: 'save', fault: { kind: 'cut', after: 10 } },
    { operation: 'load', fault: { kind: 'cut', after: 4 } },
    { operation: 'list', fault: { kind: 'cut', after: 0 } },
  ]);
  const { file, bytes } = makeFile('data');
  await assert.rejects(() => backend.save(file, [bytes]), isLost);
  assert.equal((await backend.stat(file)).size, 10);
  assert.equal((await backend.load(file)).byteLength, 4);
  await assert.rejects(() => collect(backend.list('data')), isLost);
});

test('lies are told about saves, removals, sizes and contents', async () => {
  const lie = { kind: 'lie' } as const;
  const memory = memoryBackend();
  const backend = faultBackend(memory, [{ operation: 'save', fault: lie }]);
  const { file, bytes } = makeFile('data');
  await backend.save(file, [bytes]);
  assert.equal(memory.files.size, 0);
  await backend.save(file, [bytes]);
  for (const operation of ['remove', 'stat', 'load'] as const)
    backend.inject({ operation, fault: lie });
  await backend.remove(file);
  assert.equal((await backend.stat(file)).size, bytes.byteLength + 1);
  assert.ok(!Buffer.from(await backend.load(file)).equals(bytes));
  assert.ok(Buffer.from(await backend.load(file)).equals(bytes));
});

test('a delayed call waits for its promise', async () => {
  const gate = Promise.withResolvers<void>();
  const backend = faultBackend(memoryBackend(), [
    { operation: 'create', fault: { kind: 'delay', until: gate.promise } },
  ]);
  let done = false;
  const call = backend.create().then(() => {
    done = true;
  });
  await new Promise(setImmediate);
  assert.equal(done, false);
  gate.resolve();
  await call;
});

test('verification loads a damaged answer again', async () => {
  const faulty = faultBackend(memoryBackend(), [{ operation: 'load', fault: { kind: 'lie' } }]);
  const { file, bytes } = makeFile('data');
  await faulty.save(file, [bytes]);
  assert.ok(Buffer.from(await verifyBackend(faulty).load(file)).equals(bytes));
});

test('verification names a damaged file, with what was found', async () => {
  const memory = memoryBackend();
  const { file } = makeFile('data');
  await memory.save(file, [Buffer.from('abc')]);
  await assert.rejects(
    () => verifyBackend(memory).load(file),
    (error) =>
      isSealiftError(error, 'backend/corrupt') &&
      error.fields['expected'] === file.name &&
      error.fields['found'] === 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

test('verification leaves a config and ranges alone', async () => {
  const memory = memoryBackend();
  const config = makeFile('config');
  await memory.save(config.file, [config.bytes]);
  const damaged = makeFile('data').file;
  await memory.save(damaged, [Buffer.from('abc')]);
  const backend = verifyBackend(memory);
  await backend.load(config.file);
  assert.equal((await backend.load(damaged, { offset: 1, length: 2 })).byteLength, 2);
});
