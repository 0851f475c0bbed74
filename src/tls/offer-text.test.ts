import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ja4 } from './fingerprints.ts';
import { measuredHellos } from './measured-hellos.ts';
import { isJa4, parseOfferText } from './offer-text.ts';

const [{ hex }] = measuredHellos;

test('a hello is the same offer with its record, as a message, as a body, and with marks between its bytes', () => {
  const message = hex.slice(10);
  const body = message.slice(8);
  const { offer } = parseOfferText(hex);
  const spaced = (hex.match(/../g) ?? []).join(':\n');
  for (const text of [message, body, hex.toUpperCase(), ` ${spaced} `]) {
    assert.deepEqual(parseOfferText(text), { kind: 'hello', offer });
  }
});

test('a hello over two records is read', () => {
  const message = Buffer.from(hex.slice(10), 'hex');
  const records = [message.subarray(0, 7), message.subarray(7)].map((fragment) => {
    const header = Buffer.from([22, 3, 1, fragment.byteLength >> 8, fragment.byteLength & 0xff]);
    return Buffer.concat([header, fragment]).toString('hex');
  });
  assert.deepEqual(parseOfferText(records.join('')), parseOfferText(hex));
});

test('an SSLv2-form hello is read', () => {
  const text = '802e010301001500000010010080000005000004000035ffff00'.padEnd(96, '0');
  assert.equal(parseOfferText(text).offer.form, 'sslv2');
});

test('the id of a known client is its offer, whatever the case', () => {
  const named = parseOfferText(' Windows-7 ');
  assert.equal(named.kind === 'known' && named.client.id, 'windows-7');
});

test('what is neither is refused with what is wrong', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['windows-6', /neither a ClientHello in hexadecimal nor a known client/],
    ['cafe', /neither/],
    ['', /neither/],
    ['16030100', /neither/],
    [hex.slice(0, -2), /cut short/],
    [`${hex.slice(0, 18)}ffff${hex.slice(22, 60)}`, /cut short|not a ClientHello/],
    ['474554202f20485454502f312e310d0a', /not a ClientHello: plaintext: http/],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => parseOfferText(text), { code: 'usage/invalid', message });
  }
});

test('a fingerprint is told from other words', () => {
  assert.ok(isJa4(ja4(parseOfferText(hex).offer)));
  assert.ok(!isJa4('windows-7'));
  assert.ok(!isJa4(hex));
});
