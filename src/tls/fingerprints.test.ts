import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ja3, ja3Text, ja4 } from './fingerprints.ts';
import { makeOffer } from './offer.ts';

/** The example of FoxIO's technical description of JA4. */
const chrome = makeOffer({
  versions: [0x0304, 0x0303],
  cipherSuites: [
    0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
    0x009d, 0x002f, 0x0035,
  ],
  extensions: [
    0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b,
    0xff01, 0x000b, 0x000a, 0x0015,
  ],
  serverName: 'example.com',
  alpn: ['h2', 'http/1.1'],
  signatureSchemes: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
});

test('the published example has the published JA4', () => {
  assert.equal(ja4(chrome), 't13d1516h2_8daaf6152771_e5627efa2ab1');
});

test('the order of extensions and suites does not change JA4, a new extension does', () => {
  const shuffled = {
    ...chrome,
    cipherSuites: chrome.cipherSuites.toReversed(),
    extensions: chrome.extensions?.toReversed(),
  };
  assert.equal(ja4(shuffled), ja4(chrome));
  const resumed = { ...chrome, extensions: [...(chrome.extensions ?? []), 41] };
  assert.match(ja4(resumed), /^t13d1517h2_/);
});

test('JA4 of a hello without extensions, of a draft and of odd protocol ids follows the text', () => {
  const old = makeOffer({ legacyVersion: 0x0301, cipherSuites: [0x002f] });
  assert.match(ja4(old), /^t10i010000_[0-9a-f]{12}_000000000000$/);
  assert.match(ja4({ ...chrome, versions: [0x7f17, 0x0303] }), /^t00d/);
  assert.match(ja4({ ...chrome, alpn: ['\xab'] }), /^t13d1516ab_/);
  assert.match(ja4({ ...chrome, alpn: ['\x30\xab'] }), /^t13d15163b_/);
  assert.match(ja4({ ...chrome, alpn: ['x'] }), /^t13d1516xx_/);
  assert.match(ja4(makeOffer({ cipherSuites: [] })), /^t12i000000_000000000000_000000000000$/);
  const many = Array.from({ length: 150 }, (_, code) => code);
  assert.match(ja4(makeOffer({ cipherSuites: many })), /^t12i9900/);
});

test("JA3's published examples have the published hashes", () => {
  const full = makeOffer({
    legacyVersion: 769,
    cipherSuites: [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
    extensions: [0, 10, 11],
    groups: [23, 24, 25],
    pointFormats: [0],
  });
  assert.equal(
    ja3Text(full),
    '769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0',
  );
  assert.equal(ja3(full), 'ada70206e40642a3e4461f35503241d5');
  const bare = makeOffer({
    legacyVersion: 769,
    cipherSuites: [4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99],
  });
  assert.equal(ja3(bare), 'de350869b8c85de67a350c8d186f11e6');
});
