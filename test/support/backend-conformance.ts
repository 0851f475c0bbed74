/** What every backend must do; each adapter's test runs this suite. */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, type TestContext, test } from 'node:test';
import { isSealiftError } from '../../src/base/errors.ts';
import type { Backend, FileEntry, FileName, FileType } from '../../src/storage/backend.ts';

const hashedTypes: readonly FileType[] = ['data', 'index', 'keys', 'locks', 'snapshots'];

/** A file as it is stored: bytes under their hash. */
export function makeFile(
  type: FileType,
  size = 1000,
): { readonly file: FileName; readonly bytes: Uint8Array } {
  const bytes = new Uint8Array(randomBytes(size));
  const name = type === 'config' ? '' : createHash('sha256').update(bytes).digest('hex');
  return { file: { type, name }, bytes };
}

export async function collect(entries: AsyncIterable<FileEntry>): Promise<FileEntry[]> {
  const all: FileEntry[] = [];
  for await (const entry of entries) all.push(entry);
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @param open an empty backend whose layout is not made yet; the suite closes it */
export function backendConformance(
  subject: string,
  open: (context: TestContext) => Promise<Backend>,
): void {
  async function created(context: TestContext): Promise<Backend> {
    const backend = await open(context);
    context.after(() => backend.close());
    await backend.create();
    return backend;
  }

  describe(`${subject} as a backend`, () => {
    for (const type of [...hashedTypes, 'config'] as const) {
      test(`what was saved under ${type} loads unchanged, whole and in ranges`, async (t) => {
        const backend = await created(t);
        const { file, bytes } = makeFile(type);
        await backend.save(file, [bytes]);
        const loaded = await backend.load(file);
        assert.ok(Buffer.from(loaded).equals(bytes));
        assert.equal((await backend.stat(file)).size, bytes.byteLength);
        for (const [offset, length] of [
          [0, 1],
          [0, 1000],
          [1, 998],
          [999, 1],
        ] as const) {
          const part = await backend.load(file, { offset, length });
          assert.ok(Buffer.from(part).equals(bytes.subarray(offset, offset + length)));
        }
      });
    }

    test('the parts of a save are joined, empty ones and large ones too', async (t) => {
      const backend = await created(t);
      const { file, bytes } = makeFile('data', 700_001);
      const cuts = [0, 0, 1, 10, 70_000, 400_000, 400_000, 700_001];
      await backend.save(
        file,
        cuts.map((cut, index) => bytes.subarray(cuts[index - 1] ?? 0, cut)),
      );
      assert.ok(Buffer.from(await backend.load(file)).equals(bytes));
    });

    test('an empty file can be saved, listed and loaded', async (t) => {
      const backend = await created(t);
      const { file } = makeFile('data', 0);
      await backend.save(file, []);
      assert.deepEqual(await collect(backend.list('data')), [{ name: file.name, size: 0 }]);
      assert.equal((await backend.load(file)).byteLength, 0);
    });

    test('a range that the file does not have is refused', async (t) => {
      const backend = await created(t);
      const { file, bytes } = makeFile('index');
      await backend.save(file, [bytes]);
      for (const [offset, length] of [
        [0, 1001],
        [999, 2],
        [1000, 1],
        [5000, 10],
      ] as const) {
        await assert.rejects(
          () => backend.load(file, { offset, length }),
          (error) => isSealiftError(error, 'backend/range'),
          `${offset}+${length}`,
        );
      }
    });

    test('what is not there is not found', async (t) => {
      const backend = await created(t);
      for (const type of [...hashedTypes, 'config'] as const) {
        const { file } = makeFile(type);
        const isNotFound = (error: unknown): boolean => isSealiftError(error, 'backend/not-found');
        await assert.rejects(() => backend.load(file), isNotFound);
        await assert.rejects(() => backend.load(file, { offset: 0, length: 1 }), isNotFound);
        await assert.rejects(() => backend.stat(file), isNotFound);
      }
    });

    test('a list has every file of its type once, with its size', async (t) => {
      const backend = await created(t);
      const expected: FileEntry[] = [];
      for (let size = 1; size <= 40; size += 1) {
        const { file, bytes } = makeFile('data', size);
        await backend.save(file, [bytes]);
        expected.push({ name: file.name, size });
      }
      const other = makeFile('index');
      await backend.save(other.file, [other.bytes]);
      expected.sort((a, b) => (a.name < b.name ? -1 : 1));
      assert.deepEqual(await collect(backend.list('data')), expected);
      assert.deepEqual(await collect(backend.list('index')), [
        { name: other.file.name, size: 1000 },
      ]);
      assert.deepEqual(await collect(backend.list('snapshots')), []);
    });

    test('the listed files can be removed while the list is walked', async (t) => {
      const backend = await created(t);
      for (let count = 0; count < 10; count += 1) {
        const { file, bytes } = makeFile('locks');
        await backend.save(file, [bytes]);
      }
      for await (const { name } of backend.list('locks')) {
        await backend.remove({ type: 'locks', name });
      }
      assert.deepEqual(await collect(backend.list('locks')), []);
    });

    test('removing removes, and removing again is no error', async (t) => {
      const backend = await created(t);
      for (const type of [...hashedTypes, 'config'] as const) {
        const { file, bytes } = makeFile(type);
        await backend.save(file, [bytes]);
        await backend.remove(file);
        await backend.remove(file);
        await assert.rejects(
          () => backend.stat(file),
          (error) => isSealiftError(error, 'backend/not-found'),
        );
      }
    });

    test('saving the same file again succeeds', async (t) => {
      const backend = await created(t);
      for (const type of [...hashedTypes, 'config'] as const) {
        const { file, bytes } = makeFile(type);
        await backend.save(file, [bytes]);
        await backend.save(file, [bytes]);
        assert.ok(Buffer.from(await backend.load(file)).equals(bytes));
      }
    });

    test('a config with other content is not replaced, though it is of the same size', async (t) => {
      const backend = await created(t);
      const first = makeFile('config');
      await backend.save(first.file, [first.bytes]);
      const second = makeFile('config');
      await assert.rejects(
        () => backend.save(second.file, [second.bytes]),
        (error) => isSealiftError(error, 'backend/exists'),
      );
      assert.ok(Buffer.from(await backend.load(first.file)).equals(first.bytes));
    });

    test('a config can be replaced after it was removed', async (t) => {
      const backend = await created(t);
      const first = makeFile('config');
      const second = makeFile('config');
      await backend.save(first.file, [first.bytes]);
      await backend.remove(first.file);
      await backend.save(second.file, [second.bytes]);
      assert.ok(Buffer.from(await backend.load(second.file)).equals(second.bytes));
    });

    test('creating again leaves what is stored', async (t) => {
      const backend = await created(t);
      const { file, bytes } = makeFile('keys');
      await backend.save(file, [bytes]);
      await backend.create();
      assert.ok(Buffer.from(await backend.load(file)).equals(bytes));
    });

    test('the caller may reuse its buffer after a save and change what it loaded', async (t) => {
      const backend = await created(t);
      const { file, bytes } = makeFile('data');
      const buffer = bytes.slice();
      await backend.save(file, [buffer]);
      buffer.fill(0);
      (await backend.load(file)).fill(0);
      assert.ok(Buffer.from(await backend.load(file)).equals(bytes));
    });

    test('an aborted call throws the reason and changes nothing', async (t) => {
      const backend = await created(t);
      const stored = makeFile('data');
      await backend.save(stored.file, [stored.bytes]);
      const reason = new Error('enough');
      const signal = AbortSignal.abort(reason);
      const unsaved = makeFile('data');
      for (const call of [
        () => backend.create(signal),
        () => backend.stat(stored.file, signal),
        () => collect(backend.list('data', signal)),
        () => backend.load(stored.file, undefined, signal),
        () => backend.save(unsaved.file, [unsaved.bytes], signal),
        () => backend.remove(stored.file, signal),
      ]) {
        await assert.rejects(call, reason);
      }
      assert.deepEqual(
        (await collect(backend.list('data'))).map((entry) => entry.name),
        [stored.file.name],
      );
    });

    test('many calls at once all succeed', async (t) => {
      const backend = await created(t);
      const files = Array.from({ length: 25 }, () => makeFile('data', 10_000));
      await Promise.all(files.map(({ file, bytes }) => backend.save(file, [bytes])));
      const loaded = await Promise.all(files.map(({ file }) => backend.load(file)));
      for (const [index, { bytes }] of files.entries()) {
        assert.ok(Buffer.from(loaded[index] ?? []).equals(bytes));
      }
    });
  });
}
