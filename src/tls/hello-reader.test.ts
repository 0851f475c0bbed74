import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import hellos from '../../test/vectors/client-hellos.json' with { type: 'json' };
import { concatBytes, decodeHex, encodeHex } from '../base/bytes.ts';
import type { ClientHello } from './client-hello.ts';
import { encodeClientHello, encodeClientHelloRecords, parseClientHello } from './client-hello.ts';
import { helloExtension } from './hello-extensions.ts';
import type { HelloProgress } from './hello-reader.ts';
import { ClientHelloReader, readClientHello } from './hello-reader.ts';
import type { Offer } from './offer.ts';
import { bestVersion, offeredVersions } from './offer.ts';

/** The long run sets SEALIFT_FUZZ_RUNS=1000000. */
const fuzzRuns = Number(process.env['SEALIFT_FUZZ_RUNS'] ?? 2000);

const plainHello: ClientHello = {
  form: 'tls',
  legacyVersion: 0x0303,
  random: new Uint8Array(32).fill(7),
  sessionId: new Uint8Array(0),
  cipherSuites: [0x0a0a, 0x1301, 0xc02f],
  compressionMethods: [0],
  extensions: [
    { type: 0x1a1a, data: new Uint8Array(0) },
    helloExtension.serverName('vault.example'),
    helloExtension.supportedVersions([0x2a2a, 0x0304, 0x0303, 0x7f1c]),
    helloExtension.supportedGroups([0x3a3a, 0x11ec, 0x001d]),
    helloExtension.keyShare([
      { group: 0x3a3a, key: new Uint8Array(1) },
      { group: 0x001d, key: new Uint8Array(32) },
    ]),
    helloExtension.signatureAlgorithms([0x0403, 0x0804]),
    helloExtension.alpn(['\x4a\x4a', 'h2']),
    helloExtension.pskKeyExchangeModes([0x0b, 1]),
    { type: 0x4469, data: new Uint8Array([1, 2, 3]) },
  ],
};

function offerIn(progress: HelloProgress): Offer {
  assert.equal(progress.kind, 'hello', JSON.stringify(progress));
  if (progress.kind !== 'hello') throw new assert.AssertionError({ message: 'no hello' });
  return progress.hello.offer;
}

function faultIn(bytes: Uint8Array): { kind: string; alert: string | undefined } {
  const progress = readClientHello(bytes);
  if (progress.kind !== 'fault') throw new assert.AssertionError({ message: progress.kind });
  return { kind: progress.fault.kind, alert: progress.fault.alert };
}

function captured(name: string): Uint8Array {
  const hello = hellos.find((entry) => entry.name === name);
  assert.ok(hello, name);
  return decodeHex(hello.hex);
}

test('every captured hello is read whole and survives a round trip', () => {
  for (const { name, hex } of hellos) {
    const progress = readClientHello(decodeHex(hex));
    assert.equal(progress.kind, 'hello', name);
    if (progress.kind !== 'hello') continue;
    const options = { recordVersion: progress.recordVersion };
    assert.equal(encodeHex(encodeClientHelloRecords(progress.hello, options)), hex, name);
    assert.equal(progress.size, hex.length / 2, name);
  }
});

test('the best version of a captured hello is what the client was told to offer', () => {
  const expected = {
    openssl: 0x0304,
    'openssl TLS 1.2': 0x0303,
    'openssl TLS 1.1': 0x0302,
    'openssl TLS 1.0': 0x0301,
    gnutls: 0x0304,
    'gnutls TLS 1.0': 0x0301,
    node: 0x0304,
    'node TLS 1.2': 0x0303,
  };
  for (const [name, version] of Object.entries(expected)) {
    assert.equal(bestVersion(offerIn(readClientHello(captured(name)))), version, name);
  }
});

test('name, protocols, groups and key shares of a captured hello are read', () => {
  const withAlpn = offerIn(readClientHello(captured('openssl with a name and ALPN')));
  assert.equal(withAlpn.serverName, 'vault.example');
  assert.deepEqual(withAlpn.alpn, ['h2', 'http/1.1']);
  const node = offerIn(readClientHello(captured('node')));
  assert.equal(node.groups?.[0], 0x11ec);
  assert.deepEqual(node.keyShares, [0x11ec, 0x001d]);
  assert.ok(
    offerIn(readClientHello(captured('openssl TLS 1.0 fallback'))).cipherSuites.includes(0x5600),
  );
});

test('GREASE is kept out of the offer and noted', () => {
  const offer = offerIn(readClientHello(encodeClientHelloRecords(plainHello)));
  assert.equal(offer.grease, true);
  assert.deepEqual(offer.cipherSuites, [0x1301, 0xc02f]);
  assert.deepEqual(offer.versions, [0x0304, 0x0303, 0x7f1c]);
  assert.deepEqual(offer.groups, [0x11ec, 0x001d]);
  assert.deepEqual(offer.keyShares, [0x001d]);
  assert.deepEqual(offer.alpn, ['h2']);
  assert.deepEqual(offer.pskModes, [1]);
  assert.ok(!offer.extensions?.includes(0x1a1a));
});

test('a draft of TLS 1.3 is not TLS 1.3', () => {
  const offer = offerIn(
    readClientHello(
      encodeClientHelloRecords({
        ...plainHello,
        extensions: [helloExtension.supportedVersions([0x7f1c, 0x0303])],
      }),
    ),
  );
  assert.deepEqual(offeredVersions(offer), [0x0303]);
});

test('without supported_versions a version field of 0x0304 offers TLS 1.2 at most', () => {
  const hello = { ...plainHello, legacyVersion: 0x0304, extensions: undefined };
  assert.equal(bestVersion(offerIn(readClientHello(encodeClientHelloRecords(hello)))), 0x0303);
});

test('an unknown extension survives a round trip', () => {
  const body = encodeClientHello(plainHello);
  const parsed = parseClientHello(body);
  assert.equal(parsed.kind, 'parsed');
  if (parsed.kind === 'parsed') assert.deepEqual(encodeClientHello(parsed.value), body);
});

test('a hello is the same however its bytes are split over segments and records', () => {
  const whole = captured('node with ALPN');
  const progress = readClientHello(whole);
  assert.equal(progress.kind, 'hello');
  if (progress.kind !== 'hello') return;
  for (const fragmentSize of [1, 3, 4, 5, 100, 16384]) {
    const records = encodeClientHelloRecords(progress.hello, { fragmentSize });
    for (const segmentSize of [1, 7, 1400, records.byteLength]) {
      const reader = new ClientHelloReader();
      let last: HelloProgress = { kind: 'more' };
      for (let offset = 0; offset < records.byteLength; offset += segmentSize) {
        assert.equal(last.kind, 'more', `${fragmentSize}/${segmentSize} at ${offset}`);
        last = reader.push(records.subarray(offset, offset + segmentSize));
      }
      assert.deepEqual(offerIn(last), progress.hello.offer);
      assert.deepEqual(reader.bytes, records);
    }
  }
});

test('what follows the hello is left to whoever serves the connection', () => {
  const hello = encodeClientHelloRecords(plainHello);
  const after = new Uint8Array([20, 3, 3, 0, 1, 1]);
  const progress = readClientHello(concatBytes(hello, after));
  assert.equal(progress.kind === 'hello' && progress.size, hello.byteLength);
});

test('an SSLv2-form hello offers its version field and its TLS suites', () => {
  const bytes = encodeClientHelloRecords({
    form: 'sslv2',
    legacyVersion: 0x0301,
    random: new Uint8Array(16),
    sessionId: new Uint8Array(0),
    cipherSuites: [0x00002f, 0x010080, 0x0000ff],
    compressionMethods: [0],
    extensions: undefined,
  });
  const offer = offerIn(readClientHello(bytes));
  assert.equal(offer.form, 'sslv2');
  assert.deepEqual(offeredVersions(offer), [0x0300, 0x0301]);
  assert.deepEqual(offer.cipherSuites, [0x002f, 0x00ff]);
  assert.deepEqual(offer.sslv2Kinds, [0x010080]);
  assert.equal(offer.secureRenegotiation, true);
  const byBytes = new ClientHelloReader();
  for (const byte of bytes.subarray(0, -1)) {
    assert.equal(byBytes.push(Uint8Array.of(byte)).kind, 'more');
  }
  assert.deepEqual(offerIn(byBytes.push(bytes.subarray(-1))), offer);
});

test('a pure SSLv2 hello offers SSL 2.0 and nothing else', () => {
  const bytes = encodeClientHelloRecords({
    form: 'sslv2',
    legacyVersion: 0x0002,
    random: new Uint8Array(16),
    sessionId: new Uint8Array(0),
    cipherSuites: [0x010080],
    compressionMethods: [0],
    extensions: undefined,
  });
  assert.deepEqual(offeredVersions(offerIn(readClientHello(bytes))), [0x0002]);
});

test('other protocols are named from their first bytes', () => {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  assert.equal(faultIn(text('GET / HTTP/1.1\r\n')).kind, 'http');
  assert.equal(faultIn(text('SSH-2.0-OpenSSH')).kind, 'ssh');
  assert.equal(faultIn(text('PROXY TCP4 ')).kind, 'proxy-protocol');
  assert.equal(faultIn(decodeHex('0d0a0d0a000d0a515549540a')).kind, 'proxy-protocol');
  assert.deepEqual(faultIn(text('hello')), { kind: 'not-tls', alert: undefined });
  assert.equal(readClientHello(text('GE')).kind, 'more');
  assert.equal(readClientHello(new Uint8Array(0)).kind, 'more');
});

test('what cannot become a hello is refused at once, with the alert that says why', () => {
  const unexpected = { kind: 'unexpected-message', alert: 'unexpected_message' };
  assert.deepEqual(faultIn(decodeHex('15030100020228')), unexpected);
  assert.deepEqual(faultIn(decodeHex('160301004002')), unexpected);
  assert.deepEqual(faultIn(decodeHex('1603010000')), unexpected);
  assert.deepEqual(faultIn(decodeHex('160301ffff01')), {
    kind: 'record-overflow',
    alert: 'record_overflow',
  });
  assert.equal(faultIn(decodeHex('160301400001ffffff')).kind, 'too-long');
});

test('a slow hello beyond the limit is cut off', () => {
  const reader = new ClientHelloReader({ limitBytes: 1024 });
  const records = encodeClientHelloRecords(
    { ...plainHello, extensions: [{ type: 21, data: new Uint8Array(900) }] },
    { fragmentSize: 1 },
  );
  let last: HelloProgress = { kind: 'more' };
  let size = 0;
  while (last.kind === 'more') {
    last = reader.push(records.subarray(size, size + 1));
    size += 1;
  }
  assert.equal(last.kind === 'fault' && last.fault.kind, 'too-long');
  assert.equal(size, 1024);
});

test('a hello that is torn, repeated or out of order is refused with the right alert', () => {
  const alertOf = (hello: ClientHello): string | undefined =>
    faultIn(encodeClientHelloRecords(hello)).alert;
  const twice = helloExtension.supportedGroups([0x001d]);
  assert.equal(alertOf({ ...plainHello, extensions: [twice, twice] }), 'illegal_parameter');
  assert.equal(alertOf({ ...plainHello, compressionMethods: [1] }), 'illegal_parameter');
  const preSharedKey = { type: 41, data: new Uint8Array(4) };
  assert.equal(alertOf({ ...plainHello, extensions: [preSharedKey, twice] }), 'illegal_parameter');
  const odd = { type: 10, data: decodeHex('0003001d00') };
  assert.equal(alertOf({ ...plainHello, extensions: [odd] }), 'decode_error');
  const noName = { type: 0, data: decodeHex('0003000000') };
  assert.equal(alertOf({ ...plainHello, extensions: [noName] }), 'unrecognized_name');
  const body = encodeClientHello(plainHello);
  const cut = parseClientHello(body.subarray(0, -1));
  assert.equal(cut.kind === 'fault' && cut.fault.alert, 'decode_error');
});

test('no bytes make the reader throw, and how they are split changes nothing', () => {
  fc.assert(
    fc.property(
      arbitraryBytes(),
      fc.array(fc.nat({ max: 4096 }), { maxLength: 6 }),
      (bytes, cuts) => {
        const whole = readClientHello(bytes);
        const reader = new ClientHelloReader();
        let last: HelloProgress = { kind: 'more' };
        let start = 0;
        for (const cut of [...cuts.sort((a, b) => a - b), bytes.byteLength]) {
          const end = Math.max(start, Math.min(cut, bytes.byteLength));
          if (end > start) last = reader.push(bytes.subarray(start, end));
          start = end;
        }
        assert.deepEqual(withoutText(last), withoutText(whole));
      },
    ),
    { numRuns: fuzzRuns },
  );
});

/** Random bytes, random bytes behind a plausible header, and captured hellos with some bytes changed. */
function arbitraryBytes(): fc.Arbitrary<Uint8Array> {
  const seeds = hellos.map(({ hex }) => decodeHex(hex));
  const mutated = fc
    .record({
      seed: fc.constantFrom(...seeds),
      changes: fc.array(fc.tuple(fc.nat({ max: 2047 }), fc.nat({ max: 255 })), { maxLength: 8 }),
      cut: fc.option(fc.nat({ max: 2047 })),
    })
    .map(({ seed, changes, cut }) => {
      const bytes = seed.slice(0, cut ?? seed.byteLength);
      for (const [offset, value] of changes) {
        if (bytes.byteLength > 0) bytes[offset % bytes.byteLength] = value;
      }
      return bytes;
    });
  const framed = fc.uint8Array({ maxLength: 300 }).map((body) => encodeFramed(body));
  return fc.oneof(mutated, framed, fc.uint8Array({ maxLength: 100 }));
}

/** Texts quote the bytes that had come; the decision must not depend on them. */
function withoutText(progress: HelloProgress): unknown {
  if (progress.kind !== 'fault') return progress;
  return [progress.fault.kind, progress.fault.alert, progress.fault.field];
}

function encodeFramed(body: Uint8Array): Uint8Array {
  const size = body.byteLength;
  return concatBytes(
    Uint8Array.of(22, 3, 1, (size + 4) >> 8, (size + 4) & 0xff, 1, 0, size >> 8, size & 0xff),
    body,
  );
}
