import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownClients } from './known-clients.ts';
import { makeOffer } from './offer.ts';
import { offerFromJson, offerToJson } from './offer-json.ts';

test('every known offer survives JSON', () => {
  for (const { id, offer } of knownClients) {
    assert.deepEqual(offerFromJson(offerToJson(offer)), offer, id);
  }
});

test('an offer with every field survives JSON', () => {
  const offer = makeOffer({
    serverName: 'vault.example',
    alpn: ['h2', '\xab'],
    sslv2Kinds: [0x010080],
    encryptedClientHello: 'outer',
    certificateSignatureSchemes: [0x0403],
    serverCertificateTypes: [2],
  });
  assert.deepEqual(offerFromJson(offerToJson(offer)), offer);
});

test('a wrong field is named', () => {
  assert.throws(() => offerFromJson('{"legacyVersion":771,"cipherSuites":[70000]}'), {
    code: 'format/json',
    message: /^offer, field cipherSuites\.0: /,
  });
  assert.throws(() => offerFromJson('{'), { code: 'format/json' });
});
