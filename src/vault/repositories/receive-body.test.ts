import assert from 'node:assert/strict';
import { hash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants } from 'node:perf_hooks';
import { PassThrough, Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { watchForcedCollections } from '../../../test/support/forced-collections.ts';
import { receiveBody } from './receive-body.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-body-'));
});
after(() => rm(folder, { recursive: true }));

async function withFile<T>(
  name: string,
  use: (handle: FileHandle, path: string) => Promise<T>,
): Promise<T> {
  const path = join(folder, name);
  const handle = await open(path, 'wx');
  try {
    return await use(handle, path);
  } finally {
    await handle.close();
  }
}

const pieces = Array.from({ length: 300 }, (_, number) => randomBytes(number === 7 ? 1 : 16_384));
const content = Buffer.concat(pieces);
const expected = { size: content.length, hash: hash('sha256', content) };

test('a body of many pieces is written in their order, with its size and hash', async () => {
  await withFile('whole', async (handle, path) => {
    assert.deepEqual(await receiveBody(handle, Readable.from(pieces), content.length), expected);
    assert.deepEqual(await readFile(path), content);
  });
});

test('what comes while the disk is busy is written by one call', async () => {
  await withFile('gathered', async (handle) => {
    let calls = 0;
    const counted = {
      writev: (buffers: readonly Buffer[]) => {
        calls += 1;
        return handle.writev(buffers);
      },
    } as unknown as FileHandle;
    const body = new PassThrough({ highWaterMark: content.length });
    for (const piece of pieces) body.write(piece);
    body.end();
    assert.deepEqual(await receiveBody(counted, body, content.length), expected);
    assert.ok(calls < pieces.length / 10, `${calls} calls for ${pieces.length} pieces`);
  });
});

test('what many bodies leave behind is collected', async (t) => {
  const forced = watchForcedCollections(t);
  // Four of them are more than 16 MiB.
  for (const name of ['a', 'b', 'c', 'd']) {
    await withFile(name, (handle) => receiveBody(handle, Readable.from(pieces), content.length));
  }
  for (let looks = 0; forced.length === 0 && looks < 100; looks += 1) await setTimeout(10);
  assert.deepEqual(forced, [constants.NODE_PERFORMANCE_GC_MINOR]);
});

test('an empty body is a file without bytes', async () => {
  await withFile('empty', async (handle, path) => {
    const received = await receiveBody(handle, Readable.from([]), 10);
    assert.deepEqual(received, { size: 0, hash: hash('sha256', new Uint8Array()) });
    assert.equal((await readFile(path)).length, 0);
  });
});

test('what the system did not take at once is written after', async () => {
  await withFile('partly', async (handle, path) => {
    const slow = {
      // A disk that takes a few bytes of the first piece each time, and now and then a whole one.
      writev: async (buffers: readonly Buffer[]) => {
        const [first = Buffer.alloc(0)] = buffers;
        const part = first.length % 3 === 0 ? first : first.subarray(0, 5_000);
        return handle.writev([part]);
      },
    } as unknown as FileHandle;
    assert.deepEqual(await receiveBody(slow, Readable.from(pieces), content.length), expected);
    assert.deepEqual(await readFile(path), content);
  });
});

test('a body that is too large is not destroyed', async () => {
  await withFile('large', async (handle) => {
    const body = new PassThrough();
    for (const piece of pieces) body.write(piece);
    assert.equal(await receiveBody(handle, body, content.length - 1), undefined);
    assert.equal(body.destroyed, false);
    body.destroy();
  });
});

test('a body that breaks off and a disk that fails are errors', async () => {
  await withFile('broken', async (handle) => {
    const body = new PassThrough();
    for (const piece of pieces) body.write(piece);
    setImmediate(() => body.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' })));
    await assert.rejects(receiveBody(handle, body, content.length), { code: 'ECONNRESET' });
  });
  const full = {
    writev: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })),
  } as unknown as FileHandle;
  await assert.rejects(receiveBody(full, Readable.from(pieces), content.length), {
    code: 'ENOSPC',
  });
});
