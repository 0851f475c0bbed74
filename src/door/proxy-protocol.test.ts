import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, decodeHex, encodeHex } from '../base/bytes.ts';
import { encodeProxyHeader, readProxyHeader } from './proxy-protocol.ts';

const destination = { address: '198.51.100.1', port: 443 };
const v2Start = '0d0a0d0a000d0a515549540a';

test('a version 2 header for IPv4 has the bytes of the specification', () => {
  const header = encodeProxyHeader({ source: { address: '192.0.2.1', port: 56324 }, destination });
  assert.equal(encodeHex(header), `${v2Start}2111000cc0000201c6336401dc0401bb`);
});

test('TLS is told in TLVs: protocol, name, and inside 0x20 version, common name and cipher', () => {
  const header = encodeProxyHeader(
    { source: { address: '192.0.2.1', port: 1 }, destination },
    {
      ...{ version: 'TLSv1.3', cipher: 'C', alpn: 'h2', serverName: 'a' },
      ...{ commonName: 'anna', verified: true },
    },
  );
  const tlvs = encodeHex(header).slice(56);
  const ssl = '07' + '00000000' + '210007544c5376312e33' + '23000143' + '220004616e6e61';
  assert.equal(tlvs, `01000268320200016120${(ssl.length / 2).toString(16).padStart(4, '0')}${ssl}`);
});

test('a header that was written is read back, however it is cut, and what follows is left', () => {
  const addresses = fc.oneof(fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(addresses, fc.nat(0xffff), fc.nat(8), (address, port, more) => {
      const header = encodeProxyHeader({ source: { address, port }, destination });
      const bytes = concatBytes(header, new Uint8Array(more));
      for (let size = 0; size < header.byteLength; size += 1) {
        assert.equal(readProxyHeader(bytes.subarray(0, size)).kind, 'more');
      }
      const read = readProxyHeader(bytes);
      assert.ok(read.kind === 'header');
      assert.equal(read.size, header.byteLength);
      assert.equal(read.source?.port, port);
      const again = encodeProxyHeader({ source: read.source ?? destination, destination });
      assert.equal(encodeHex(again), encodeHex(header));
    }),
  );
});

test('version 1 lines are read as the specification shows them', () => {
  const read = (text: string) => readProxyHeader(Buffer.from(text, 'latin1'));
  assert.deepEqual(read('PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n\x16'), {
    kind: 'header',
    source: { address: '255.255.255.255', port: 65535 },
    size: 56,
  });
  assert.deepEqual(read('PROXY TCP6 ::1 ::2 1 2\r\n'), {
    kind: 'header',
    source: { address: '::1', port: 1 },
    size: 24,
  });
  assert.deepEqual(read('PROXY UNKNOWN\r\n'), { kind: 'header', source: undefined, size: 15 });
  for (const bad of ['\x16\x03\x01', 'PROXY TCP4 1 2 3 4\r\n', `PROXY ${'x'.repeat(110)}`]) {
    assert.equal(read(bad).kind, 'fault');
  }
});

test('a LOCAL header names nobody; an unknown command and a huge header are faults', () => {
  const read = (hex: string) => readProxyHeader(decodeHex(v2Start + hex));
  assert.deepEqual(read('20000000'), { kind: 'header', source: undefined, size: 16 });
  assert.equal(read('22110000').kind, 'fault');
  assert.equal(read('2111ffff').kind, 'fault');
  assert.equal(read('21110004c0000201').kind, 'fault');
});

test('no bytes make the reader throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void readProxyHeader(bytes)));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      readProxyHeader(concatBytes(decodeHex(v2Start), bytes));
    }),
  );
});
