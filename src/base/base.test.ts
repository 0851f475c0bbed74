import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import {
  compareByteStrings,
  decodeByteString,
  encodeByteString,
  hasEscapedBytes,
} from './byte-string.ts';
import { ByteReader, decodeHex, encodeHex, ShortInputError } from './bytes.ts';
import { errorFromData, errorToData, isSealiftError, SealiftError } from './errors.ts';
import { Secret } from './secret.ts';
import { formatTime, parseTime } from './time.ts';
import { formatDuration, formatSize, parseDuration, parseSize } from './units.ts';

test('any bytes survive the trip through a byte string', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      assert.deepEqual(new Uint8Array(encodeByteString(decodeByteString(bytes))), bytes);
    }),
    { numRuns: 2000 },
  );
});

test('bytes that spell a surrogate in UTF-8 are kept as bytes', () => {
  const bytes = Uint8Array.from([0x61, 0xed, 0xb2, 0x80, 0xff]);
  const text = decodeByteString(bytes);
  assert.equal(hasEscapedBytes(text), true);
  assert.deepEqual(encodeByteString(text), bytes);
});

test('valid UTF-8 is an ordinary string, byte order mark included', () => {
  const text = '\ufeffä漢😀';
  assert.equal(decodeByteString(Buffer.from(text)), text);
  assert.equal(hasEscapedBytes(text), false);
});

test('names are ordered by their bytes, also where UTF-16 orders otherwise', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ maxLength: 6 }), (a, b) => {
      const order = compareByteStrings(decodeByteString(a), decodeByteString(b));
      assert.equal(Math.sign(order), Math.sign(Buffer.compare(a, b)));
    }),
    { numRuns: 2000 },
  );
  assert.ok(compareByteStrings('\u{1f600}', '\uff5e') > 0);
});

test('a moment keeps its nanoseconds and its zone', () => {
  const text = '2026-11-24T05:06:07.123456789+08:00';
  const moment = parseTime(text);
  assert.ok(moment);
  assert.equal(formatTime(moment.ns, moment.offsetMinutes), text);
});

test('moments before 1970 count nanoseconds upwards', () => {
  assert.equal(formatTime(-1n, 0), '1969-12-31T23:59:59.999999999Z');
  assert.equal(parseTime('1969-12-31T23:59:59.999999999Z')?.ns, -1n);
});

test('any moment of four-digit years survives its text', () => {
  const min = BigInt(Date.parse('0001-01-01T00:00:00Z')) * 1_000_000n;
  const max = BigInt(Date.parse('9998-12-31T00:00:00Z')) * 1_000_000n;
  fc.assert(
    fc.property(
      fc.bigInt({ min, max }),
      fc.integer({ min: -720, max: 720 }),
      (ns, offsetMinutes) => {
        assert.deepEqual(parseTime(formatTime(ns, offsetMinutes)), { ns, offsetMinutes });
      },
    ),
  );
});

test('a text that is no time is not taken for one', () => {
  for (const text of ['', '2026-11-24', '2026-13-24T00:00:00Z', 'now']) {
    assert.equal(parseTime(text), undefined);
  }
});

test('hexadecimal is strict', () => {
  assert.equal(encodeHex(decodeHex('00ff10')), '00ff10');
  assert.throws(() => decodeHex('0'), RangeError);
  assert.throws(() => decodeHex('FF'), RangeError);
});

test('a reader names the field that did not fit', () => {
  const reader = new ByteReader(Uint8Array.from([1, 2, 3]));
  assert.equal(reader.uint16('first'), 0x0102);
  assert.throws(
    () => reader.uint32('second'),
    (error) => error instanceof ShortInputError && error.field === 'second' && error.offset === 2,
  );
});

test('a secret prints as a placeholder everywhere', () => {
  const secret = new Secret('hunter2');
  assert.doesNotMatch(`${secret} ${JSON.stringify({ secret })} ${inspect({ secret })}`, /hunter2/);
  assert.equal(secret.reveal(), 'hunter2');
});

test('an error crosses a thread with its code, hint and facts', () => {
  const error = new SealiftError('backend/full', 'no room', {
    hint: 'free some',
    fields: { a: 1 },
  });
  const copy = errorFromData(structuredClone(errorToData(error)));
  assert.ok(isSealiftError(copy, 'backend/full'));
  assert.equal(copy.hint, 'free some');
  assert.deepEqual(copy.fields, { a: 1 });
});

test('sizes and durations read as people write them', () => {
  assert.equal(parseSize('16M'), 16 * 1024 ** 2);
  assert.equal(parseSize('1.5 GiB'), 1.5 * 1024 ** 3);
  assert.equal(parseSize('many'), undefined);
  assert.equal(parseDuration('1h30m'), 5_400_000);
  assert.equal(parseDuration('soon'), undefined);
  assert.equal(formatSize(999), '999 B');
  assert.equal(formatSize(16 * 1024 ** 2), '16.000 MiB');
  assert.equal(formatDuration(3723), '1:02:03');
});
