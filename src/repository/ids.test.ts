import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isSealiftError } from '../base/errors.ts';
import {
  blobIdFromBytes,
  blobIdOf,
  blobIdToBytes,
  isStorageId,
  parseBlobId,
  parseIndexId,
  parseKeyId,
  parseLockId,
  parsePackId,
  parseSnapshotId,
  storageId,
} from './ids.ts';

// FIPS 180-2, appendix B.1.
const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

describe('ids', () => {
  test('name content by its SHA-256', () => {
    assert.equal(storageId(Buffer.from('abc')), abc);
    assert.equal(blobIdOf(Buffer.from('abc')), abc);
  });

  test('survive the way to 32 bytes and back', () => {
    const bytes = blobIdToBytes(parseBlobId(abc));
    assert.equal(bytes.length, 32);
    assert.equal(blobIdFromBytes(bytes), abc);
  });

  test('are 64 lower-case hexadecimal digits and nothing else', () => {
    const wrong = [
      '',
      abc.slice(1),
      `${abc}0`,
      abc.toUpperCase(),
      ` ${abc.slice(1)}`,
      `${abc}\n`,
      abc.replace('b', 'g'),
    ];
    const parsers = [
      parseBlobId,
      parsePackId,
      parseIndexId,
      parseSnapshotId,
      parseKeyId,
      parseLockId,
    ];
    for (const parse of parsers) {
      assert.equal(parse(abc), abc);
      for (const text of wrong) {
        assert.equal(isStorageId(text), false);
        assert.throws(
          () => parse(text),
          (error) => isSealiftError(error, 'format/json'),
        );
      }
    }
  });

  test('are not made of too few or too many bytes', () => {
    for (const size of [0, 31, 33]) {
      assert.throws(
        () => blobIdFromBytes(new Uint8Array(size)),
        (error) => isSealiftError(error, 'format/json'),
      );
    }
  });
});
