import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { open, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import { sendFile } from './send-file.ts';

const content = randomBytes(3_000_000);

async function openFile(t: TestContext) {
  const path = join(tempFolder(t), 'pack');
  await writeFile(path, content);
  const handle = await open(path);
  t.after(() => handle.close());
  return { path, handle };
}

test('any part of a file is sent as it is, to several readers at once', async (t) => {
  const { handle } = await openFile(t);
  const parts = [
    { start: 0, length: content.length },
    { start: 17, length: 1_000_003 },
    { start: 2_999_999, length: 1 },
    { start: 5, length: 0 },
  ];
  const sent = parts.map(async ({ start, length }) => {
    const received: Buffer[] = [];
    const target = new Writable({
      write(piece: Buffer, _encoding, done) {
        received.push(Buffer.from(piece));
        setImmediate(done);
      },
    });
    await sendFile(handle, { start, length }, target);
    return Buffer.concat(received);
  });
  for (const [at, received] of (await Promise.all(sent)).entries()) {
    const { start, length } = parts[at] ?? assert.fail();
    assert.ok(received.equals(content.subarray(start, start + length)), `${start}`);
  }
});

test('a piece stays as it is until the target has taken it', async (t) => {
  const { handle } = await openFile(t);
  let position = 0;
  const target = new Writable({
    async write(piece: Buffer, _encoding, done) {
      for (let turn = 0; turn < 5; turn += 1) await nextTurn();
      assert.ok(piece.equals(content.subarray(position, position + piece.length)));
      position += piece.length;
      done();
    },
  });
  await sendFile(handle, { start: 0, length: content.length }, target);
  assert.equal(position, content.length);
});

test('a file that ends too early and a target that is closed are errors', async (t) => {
  const { path, handle } = await openFile(t);
  const closing = new Writable({
    write(_piece, _encoding, _done) {
      this.destroy();
    },
  });
  const all = { start: 0, length: content.length };
  await assert.rejects(sendFile(handle, all, closing), /closed|destroyed/);
  await truncate(path, 1_000_000);
  const target = new PassThrough();
  target.resume();
  await assert.rejects(sendFile(handle, all, target), /ends at 1000000 instead of 3000000/);
});
