import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, decodeHex } from '../base/bytes.ts';
import { encodeAlert, encodeRecords, parseAlert } from './records.ts';
import {
  encodeServerHelloRecord,
  parseServerHello,
  readServerFlight,
  serverKeyExchangeGroup,
} from './server-hello.ts';

const modern = {
  legacyVersion: 0x0303,
  random: new Uint8Array(32).fill(9),
  sessionId: new Uint8Array(32),
  cipherSuite: 0x1302,
  compressionMethod: 0,
  extensions: [
    { type: 43, data: decodeHex('0304') },
    { type: 51, data: decodeHex('001d0020') },
  ],
};
const retryRandom = decodeHex('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c');

test('TLS 1.3 is read from supported_versions, its group from key_share', () => {
  const flight = readServerFlight(encodeServerHelloRecord(modern));
  assert.equal(flight.kind, 'hello');
  if (flight.kind !== 'hello') return;
  assert.equal(flight.hello.version, 0x0304);
  assert.equal(flight.hello.group, 0x001d);
  assert.equal(flight.hello.cipherSuite, 0x1302);
  assert.equal(flight.hello.helloRetryRequest, false);
});

test('a HelloRetryRequest is told by its random', () => {
  const retry = {
    ...modern,
    random: retryRandom,
    extensions: [{ type: 51, data: decodeHex('11ec') }],
  };
  const flight = readServerFlight(encodeServerHelloRecord(retry));
  assert.equal(flight.kind === 'hello' && flight.hello.helloRetryRequest, true);
  assert.equal(flight.kind === 'hello' && flight.hello.group, 0x11ec);
});

test('the downgrade sentinel is read from the end of random', () => {
  const random = concatBytes(new Uint8Array(24), decodeHex('444f574e47524401'));
  const flight = readServerFlight(encodeServerHelloRecord({ ...modern, random, extensions: [] }));
  assert.equal(flight.kind === 'hello' && flight.hello.downgrade, 'from-1.3');
});

test('messages after the ServerHello come with it, across records', () => {
  const keyExchange = decodeHex('0c00000403001d00');
  const hello = encodeServerHelloRecord({ ...modern, extensions: undefined });
  const split = encodeRecords(22, 0x0303, keyExchange, { fragmentSize: 3 });
  const flight = readServerFlight(concatBytes(hello, split));
  assert.equal(flight.kind, 'hello');
  if (flight.kind !== 'hello') return;
  assert.deepEqual(
    flight.messages.map(({ type, body }) => [type, serverKeyExchangeGroup(body)]),
    [[12, 0x001d]],
  );
});

test('an alert is its seven bytes, with the version of the hello capped at TLS 1.2', () => {
  assert.deepEqual(
    encodeAlert('protocol_version', { version: 0x0301 }),
    decodeHex('15030100020246'),
  );
  assert.deepEqual(
    encodeAlert('protocol_version', { version: 0x0304 }),
    decodeHex('15030300020246'),
  );
  assert.deepEqual(
    encodeAlert('handshake_failure', { version: 0x0002 }),
    decodeHex('15030000020228'),
  );
  assert.deepEqual(parseAlert(decodeHex('15030300020246')), {
    level: 'fatal',
    code: 70,
    name: 'protocol_version',
  });
});

test('a fatal alert ends the flight, a warning before the ServerHello does not', () => {
  const refusal = readServerFlight(encodeAlert('protocol_version'));
  assert.equal(refusal.kind === 'alert' && refusal.alert.name, 'protocol_version');
  const warning = encodeAlert('unrecognized_name', { level: 'warning' });
  assert.equal(readServerFlight(warning).kind, 'more');
  assert.equal(
    readServerFlight(concatBytes(warning, encodeServerHelloRecord(modern))).kind,
    'hello',
  );
});

test('plaintext in answer is a fault', () => {
  const flight = readServerFlight(new TextEncoder().encode('HTTP/1.1 400 Bad Request'));
  assert.equal(flight.kind, 'fault');
});

test('no bytes make the readers of the server side throw', () => {
  const seed = encodeServerHelloRecord(modern);
  const mutated = fc
    .array(fc.tuple(fc.nat({ max: seed.byteLength - 1 }), fc.nat({ max: 255 })), { maxLength: 6 })
    .map((changes) => {
      const bytes = seed.slice();
      for (const [offset, value] of changes) bytes[offset] = value;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      readServerFlight(bytes);
      parseServerHello(bytes);
      parseAlert(bytes);
    }),
    { numRuns: 1000 },
  );
});
