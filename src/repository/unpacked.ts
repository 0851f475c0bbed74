/**
 * Snapshots, indexes and locks: one JSON document per stored file. docs/format.md#unpacked
 *
 * | opened plaintext | meaning |
 * |---|---|
 * | starts with `{` or `[` | JSON, always in version 1, rarely in version 2 |
 * | 0x02, zstd frame | compressed JSON, version 2 |
 */

import { concatBytes, equalBytes, releaseBytes } from '../base/bytes.ts';
import { SealiftError } from '../base/errors.ts';
import { compress, decompress } from './compression.ts';
import type { RepositoryVersion } from './config.ts';
import { open, type RepositoryKey, seal } from './crypto.ts';
import { storageId } from './ids.ts';

const compressedMark = 0x02;
const openBrace = 0x7b;
const openBracket = 0x5b;
/** An index of 50,000 blobs is about 8 MiB; repositories of old releases hold larger ones. */
const maxDocumentBytes = 1024 * 1024 * 1024;

/**
 * The stored file of a document and its name. What was sealed is opened again and compared, so that
 * an encoder's fault is found before the upload.
 */
export function sealUnpacked(
  key: RepositoryKey,
  version: RepositoryVersion,
  json: Uint8Array,
): { id: string; bytes: Uint8Array } {
  const plaintext = version === 1 ? json : compressDocument(json);
  const bytes = seal(key, plaintext);
  const opened = open(key, bytes);
  requireSame(opened, plaintext);
  releaseBytes(opened);
  if (plaintext !== json) releaseBytes(plaintext);
  return { id: storageId(bytes), bytes };
}

function compressDocument(json: Uint8Array): Uint8Array {
  const frame = compress(json, 'auto');
  const unfolded = decompress(frame, json.length);
  requireSame(unfolded, json);
  releaseBytes(unfolded, { isPart: true });
  const plaintext = concatBytes(Uint8Array.of(compressedMark), frame);
  releaseBytes(frame, { isPart: true });
  return plaintext;
}

function requireSame(found: Uint8Array, written: Uint8Array): void {
  if (equalBytes(found, written)) return;
  throw new SealiftError('format/compression', 'a sealed document did not read back as written');
}

/**
 * The JSON document of a stored file.
 * @throws SealiftError `format/mac` if the file was altered or sealed with another key,
 *   `format/compression` if its frame is damaged, `format/json` on an unknown encoding
 */
export function openUnpacked(key: RepositoryKey, bytes: Uint8Array): Uint8Array {
  const plaintext = open(key, bytes);
  const mark = plaintext[0];
  if (mark === undefined || mark === openBrace || mark === openBracket) return plaintext;
  if (mark === compressedMark) return decompress(plaintext.subarray(1), maxDocumentBytes);
  throw new SealiftError('format/json', `a stored document has the unknown encoding ${mark}`, {
    fields: { found: mark },
  });
}
