/**
 * Nothing breaks the reader of hellos: real ones, damaged in every way that a network or an attacker
 * can think of, and random bytes. 20,000 cases by default; SEALIFT_FUZZ_CASES=1000000 is the long run.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import vectors from '../../test/vectors/client-hellos.json' with { type: 'json' };
import { concatBytes, decodeHex } from '../base/bytes.ts';
import { baselines } from './baselines.ts';
import { ja3, ja4 } from './fingerprints.ts';
import type { HelloProgress } from './hello-reader.ts';
import { ClientHelloReader, defaultHelloLimitBytes, readClientHello } from './hello-reader.ts';
import { measuredHellos } from './measured-hellos.ts';
import { negotiate } from './negotiate.ts';
import { contentType, encodeRecords, recordHeaderSize } from './records.ts';

const cases = Number(process.env['SEALIFT_FUZZ_CASES'] ?? 20_000);

const sslv2Hello = decodeHex(
  `803e01030100150000002001008000000500000a0000130000160700c0060040000004${'5a'.repeat(29)}`,
);
const hellos = [
  ...[...measuredHellos, ...vectors].map(({ hex }) => decodeHex(hex)),
  sslv2Hello,
] as const;

/** One damage; positions are shares of the length, so that a smaller hello keeps a meaning for them. */
type Damage =
  | { readonly kind: 'set'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'remove'; readonly at: number; readonly size: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly size: number }
  | { readonly kind: 'graft'; readonly at: number; readonly from: number; readonly size: number };

const anyHello = fc.nat({ max: hellos.length - 1 });
const share = fc.nat({ max: 0xffff }).map((value) => value / 0x10000);
const size = fc.oneof(fc.nat({ max: 4 }), fc.nat({ max: 300 }));
/** Lengths and types that matter stand at the front and in two bytes; these values are met often. */
const fewBytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 4 }),
  fc
    .constantFrom(0x0000, 0x0001, 0x0002, 0x00ff, 0x0300, 0x0304, 0x7fff, 0x8000, 0xfffe, 0xffff)
    .map((value) => new Uint8Array([value >> 8, value & 0xff])),
);
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), at: share, bytes: fewBytes }),
  fc.record({ kind: fc.constant('insert' as const), at: share, bytes: fewBytes }),
  fc.record({ kind: fc.constant('remove' as const), at: share, size }),
  fc.record({ kind: fc.constant('repeat' as const), at: share, size }),
  fc.record({ kind: fc.constant('graft' as const), at: share, from: anyHello, size }),
);

const damagedHello = fc
  .record({ base: anyHello, damages: fc.array(damage, { minLength: 0, maxLength: 4 }) })
  .map(({ base, damages }) => damages.reduce(applyDamage, helloAt(base)));

function helloAt(index: number): Uint8Array {
  return hellos[index] ?? sslv2Hello;
}

function applyDamage(bytes: Uint8Array, change: Damage): Uint8Array {
  const at = Math.floor(change.at * bytes.byteLength);
  const before = bytes.subarray(0, at);
  switch (change.kind) {
    case 'set':
      return concatBytes(before, change.bytes, bytes.subarray(at + change.bytes.byteLength));
    case 'insert':
      return concatBytes(before, change.bytes, bytes.subarray(at));
    case 'remove':
      return concatBytes(before, bytes.subarray(at + change.size));
    case 'repeat':
      return concatBytes(before, bytes.subarray(at, at + change.size), bytes.subarray(at));
    case 'graft': {
      const other = helloAt(change.from);
      const start = Math.floor(change.at * other.byteLength);
      return concatBytes(before, other.subarray(start, start + change.size), bytes.subarray(at));
    }
  }
}

/** Where the bytes are cut, as sizes of segments that repeat. */
const segmentSizes = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 700 })),
  {
    minLength: 1,
    maxLength: 4,
  },
);

function readInSegments(bytes: Uint8Array, sizes: readonly number[]): HelloProgress {
  const reader = new ClientHelloReader();
  let progress = reader.push(new Uint8Array(0));
  for (let offset = 0, index = 0; offset < bytes.byteLength; index += 1) {
    const end = offset + (sizes[index % sizes.length] ?? 1);
    progress = reader.push(bytes.subarray(offset, end));
    offset = end;
  }
  assert.equal(reader.bytes.byteLength, bytes.byteLength);
  return progress;
}

/** What must not depend on how the bytes arrived; a fault's words may quote as much as had come. */
function answerOf(progress: HelloProgress): string {
  switch (progress.kind) {
    case 'more':
      return 'more';
    case 'fault':
      return `${progress.fault.kind} ${progress.fault.alert} ${progress.fault.field}`;
    case 'hello':
      return JSON.stringify([progress.size, progress.recordVersion, progress.hello.offer]);
  }
}

/** Everything that is done with an offer before anybody is trusted. */
function useOffer(progress: HelloProgress): void {
  if (progress.kind !== 'hello') return;
  const { offer } = progress.hello;
  assert.match(ja4(offer), /^t[0-9a-z]{2}[di]\d{4}[0-9a-zA-Z]{2}_[0-9a-f]{12}_[0-9a-f]{12}$/);
  assert.equal(ja3(offer).length, 32);
  for (const policy of baselines) assert.ok(negotiate(offer, policy).why.length > 0);
}

function check(bytes: Uint8Array, sizes: readonly number[]): void {
  const whole = readClientHello(bytes);
  useOffer(whole);
  assert.equal(answerOf(readInSegments(bytes, sizes)), answerOf(whole));
}

test(`${Math.ceil(cases * 0.6)} damaged hellos never throw and read the same however they are cut`, () => {
  fc.assert(fc.property(damagedHello, segmentSizes, check), { numRuns: Math.ceil(cases * 0.6) });
});

test(`${Math.ceil(cases * 0.2)} damaged hellos read the same over other records`, () => {
  fc.assert(
    fc.property(
      damagedHello,
      fc.integer({ min: 1, max: 400 }),
      segmentSizes,
      (bytes, fragmentSize, sizes) => {
        const message = bytes.subarray(recordHeaderSize);
        fc.pre(message.byteLength > 0 && message.byteLength < 0x4000);
        const records = encodeRecords(contentType.handshake, 0x0301, message, { fragmentSize });
        check(records, sizes);
        const one = readClientHello(encodeRecords(contentType.handshake, 0x0301, message));
        const many = readClientHello(records);
        // A record that ends within the hello is complete in one way of cutting and not in the other.
        if (one.kind === 'hello' && many.kind === 'hello') {
          assert.deepEqual(many.hello.offer, one.hello.offer);
        } else {
          assert.equal(answerOf(many), answerOf(one));
        }
      },
    ),
    { numRuns: Math.ceil(cases * 0.2) },
  );
});

test(`${Math.ceil(cases * 0.2)} times random bytes never throw`, () => {
  const start = fc.constantFrom(
    ...[[], [22, 3, 1], [22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3], [0x80, 46, 1, 3, 1], [0x15, 3, 1]],
    ...[[22], [0x80], [0x47, 0x45, 0x54], [0x0d, 0x0a, 0x0d, 0x0a]],
  );
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 600 }), segmentSizes, (front, rest, sizes) => {
      check(concatBytes(new Uint8Array(front), rest), sizes);
    }),
    { numRuns: Math.ceil(cases * 0.2) },
  );
});

test('whatever arrives, an answer is there when as many bytes have come as a hello may have', () => {
  fc.assert(
    fc.property(
      damagedHello,
      fc.integer({ min: 1, max: 0x4000 }),
      fc.integer({ min: 1, max: 4096 }),
      (bytes, fragmentSize, chunkSize) => {
        const endless = new Uint8Array(2 * defaultHelloLimitBytes);
        for (let at = 0; at < endless.byteLength; at += bytes.byteLength + 1) {
          endless.set(bytes.subarray(0, endless.byteLength - at), at);
        }
        const records = encodeRecords(contentType.handshake, 0x0301, endless, { fragmentSize });
        for (const stream of [endless, records]) {
          const reader = new ClientHelloReader();
          let pushed = 0;
          while (reader.push(stream.subarray(pushed, pushed + chunkSize)).kind === 'more') {
            pushed += chunkSize;
            assert.ok(pushed < defaultHelloLimitBytes, 'still waiting');
          }
        }
      },
    ),
    { numRuns: Math.min(1000, Math.ceil(cases / 100)) },
  );
});
