import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import hellos from '../../test/vectors/client-hellos.json' with { type: 'json' };
import { decodeHex, encodeHex } from '../base/bytes.ts';
import { parseClientHello } from './client-hello.ts';
import { HelloMemo } from './hello-memo.ts';
import { readClientHello } from './hello-reader.ts';
import { handshakeHeaderSize, recordHeaderSize } from './records.ts';

/** Bodies of real hellos that came in one record. */
const bodies = hellos.flatMap(({ name, hex }) => {
  const bytes = decodeHex(hex);
  const progress = readClientHello(bytes);
  const body = bytes.subarray(recordHeaderSize + handshakeHeaderSize);
  const isWhole = progress.kind === 'hello' && progress.hello.form === 'tls';
  return isWhole && parseClientHello(body).kind === 'parsed' ? [{ name, body }] : [];
});

test('a hello that differs in its random bytes only gives the same offer object', () => {
  assert.ok(bodies.length > 5);
  for (const { body } of bodies) {
    const memo = new HelloMemo();
    const first = memo.parse(body);
    const again = new Uint8Array(body);
    again.fill(7, 2, 34);
    const second = memo.parse(again);
    assert.ok(first.kind === 'parsed' && second.kind === 'parsed');
    assert.equal(second.value.offer, first.value.offer);
    assert.equal(memo.size, 1);
    const fresh = parseClientHello(again);
    assert.ok(fresh.kind === 'parsed');
    assert.deepEqual(second.value.offer, fresh.value.offer);
    assert.equal(encodeHex(second.value.sessionId), encodeHex(fresh.value.sessionId));
  }
});

test('a damaged hello gets what parsing it says, whatever was seen before', () => {
  const memo = new HelloMemo();
  for (const { body } of bodies) memo.parse(body);
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
  const numRuns = 20_000;
  let faults = 0;
  fc.assert(
    fc.property(fc.constantFrom(...bodies), edits, fc.nat(40), ({ body }, changes, cut) => {
      const damaged = new Uint8Array(body.subarray(0, cut < 3 ? body.byteLength - cut : undefined));
      for (const [at, value] of changes) damaged[at % damaged.byteLength] = value;
      const expected = parseClientHello(damaged);
      for (const parsed of [memo.parse(damaged), memo.parse(damaged)]) {
        if (expected.kind === 'fault') {
          faults += 1;
          assert.deepEqual(parsed, expected);
        } else {
          assert.ok(parsed.kind === 'parsed');
          assert.deepEqual(parsed.value.offer, expected.value.offer);
          assert.equal(encodeHex(parsed.value.sessionId), encodeHex(expected.value.sessionId));
        }
      }
    }),
    { numRuns },
  );
  assert.ok(faults > 1000 && faults < 2 * numRuns, `${faults} faults`);
});

test('a flood of different hellos does not make the memory grow', () => {
  const memo = new HelloMemo();
  const body = new Uint8Array(bodies[0]?.body ?? []);
  const suites = 2 + 32 + 1 + (body[34] ?? 0) + 2;
  for (let index = 0; index < 2000; index += 1) {
    body[suites] = index >> 8;
    body[suites + 1] = index & 0xff;
    memo.parse(body);
  }
  assert.ok(memo.size <= 512);
});
