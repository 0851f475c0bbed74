import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { isSealiftError } from '../../base/errors.ts';
import { generateRepositoryKey, seal } from '../../repository/crypto.ts';
import { blobIdOf } from '../../repository/ids.ts';
import type { PackEntry } from '../../repository/pack.ts';
import { BlobOpener } from './blob-opener.ts';
import { tableOf } from './pack-protocol.ts';
import { ReadBuffer, SealedRange } from './sealed-range.ts';

const key = generateRepositoryKey();

/** A pack of one blob, listed under each of the ids. */
function listed(plaintext: Uint8Array, ids: readonly PackEntry['id'][]) {
  const bytes = new Uint8Array(seal(key, plaintext));
  const entries = ids.map((id) => ({
    type: 'data' as const,
    id,
    offset: 0,
    length: bytes.length,
    uncompressedLength: 0,
  }));
  const source = { kind: 'bytes', bytes } as const;
  const range = { source, offset: 0, length: bytes.length };
  return { range: new SealedRange(range, { buffer: new ReadBuffer() }), table: tableOf(entries) };
}

test('an index that lists a blob twice, once under a wrong id, loses only what is wrong', () => {
  const opener = new BlobOpener(key);
  for (const size of [100, 20_000, 50_000, 200_000]) {
    const plaintext = randomBytes(size);
    const right = blobIdOf(plaintext);
    const wrong = blobIdOf(Buffer.from('another'));
    for (const ids of [
      [right, wrong],
      [wrong, right],
    ]) {
      const faults: number[] = [];
      const onError = (at: number, error: unknown): void => {
        assert.ok(isSealiftError(error, 'format/unexpected-hash'));
        faults.push(at);
      };
      const checked = listed(plaintext, ids);
      opener.verifyAll(checked.range, checked.table, onError);
      const opened: number[] = [];
      const restored = listed(plaintext, ids);
      const onBlob = (at: number, content: Uint8Array): boolean => {
        assert.ok(plaintext.equals(content));
        opened.push(at);
        return true;
      };
      opener.openAll(restored.range, restored.table, onBlob, onError);
      assert.deepEqual(faults, [ids.indexOf(wrong), ids.indexOf(wrong)]);
      assert.deepEqual(opened, [ids.indexOf(right)]);
    }
  }
});
