import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getBaseline } from './baselines.ts';
import type { Negotiation, ServerSide } from './negotiate.ts';
import { negotiate } from './negotiate.ts';
import type { Offer } from './offer.ts';
import { makeOffer } from './offer.ts';
import { reasonText } from './reasons.ts';

const modernClient = makeOffer({
  versions: [0x0304, 0x0303],
  cipherSuites: [0x1302, 0x1303, 0x1301, 0xc02b, 0xc02f],
  groups: [0x11ec, 0x001d, 0x0017],
  keyShares: [0x11ec, 0x001d],
  signatureSchemes: [0x0403, 0x0804, 0x0401],
});
const tls12Client = makeOffer({
  cipherSuites: [0xc02b, 0xc02f, 0x009c],
  groups: [0x001d, 0x0017],
  signatureSchemes: [0x0403, 0x0401],
});
const tls10Client = makeOffer({
  legacyVersion: 0x0301,
  cipherSuites: [0xc014, 0x0035, 0x000a],
  groups: [0x0017],
});

function agreed(offer: Offer, policy: string, server: ServerSide = {}) {
  const outcome = negotiate(offer, getBaseline(policy), server);
  if (outcome.kind === 'agreed') return outcome;
  throw new assert.AssertionError({
    message: outcome.why.map((why) => reasonText(why)).join('; '),
  });
}

function alertOf(offer: Offer, policy: string, server: ServerSide = {}): string {
  const outcome: Negotiation = negotiate(offer, getBaseline(policy), server);
  return outcome.kind === 'refused' ? outcome.alert : 'agreed';
}

test('the highest version of both sides wins', () => {
  assert.equal(agreed(modernClient, 'old').version, 0x0304);
  assert.equal(agreed(tls12Client, 'old', { certificates: ['rsa'] }).version, 0x0303);
  assert.equal(agreed(tls10Client, 'old').version, 0x0301);
});

test('the order of the side that the policy names decides on the suite', () => {
  assert.equal(agreed(modernClient, 'intermediate').cipherSuite, 0x1302);
  assert.equal(agreed(modernClient, 'old', { certificates: ['rsa'] }).cipherSuite, 0x1301);
});

test('a hybrid that is offered without a share costs a HelloRetryRequest', () => {
  const lazy = { ...modernClient, keyShares: [0x001d] };
  const outcome = agreed(lazy, 'intermediate');
  assert.equal(outcome.helloRetryRequest, true);
  assert.equal(outcome.group, 0x11ec);
  assert.equal(outcome.postQuantum, true);
  assert.equal(agreed(modernClient, 'intermediate').helloRetryRequest, false);
});

test('the certificate that fits the suite is used', () => {
  const both: ServerSide = { certificates: ['ecdsa-p256', 'rsa'] };
  assert.equal(agreed(tls12Client, 'intermediate', both).certificateType, 'ecdsa-p256');
  const rsaOnly = { ...tls12Client, cipherSuites: [0xc02f] };
  assert.equal(agreed(rsaOnly, 'intermediate', both).certificateType, 'rsa');
  assert.equal(alertOf(rsaOnly, 'intermediate'), 'handshake_failure');
});

test('each refusal has its alert', () => {
  assert.equal(alertOf(tls12Client, 'modern'), 'protocol_version');
  assert.equal(alertOf(tls10Client, 'intermediate'), 'protocol_version');
  assert.equal(alertOf(makeOffer({ legacyVersion: 0x0300 }), 'old'), 'handshake_failure');
  const fallback = { ...tls12Client, cipherSuites: [0xc02b, 0x5600] };
  assert.equal(alertOf(fallback, 'intermediate'), 'inappropriate_fallback');
  const classical = { ...modernClient, groups: [0x001d], keyShares: [0x001d] };
  assert.equal(alertOf(classical, 'pq'), 'handshake_failure');
  assert.equal(alertOf({ ...modernClient, keyShares: undefined }, 'modern'), 'missing_extension');
  const noSchemes = { ...modernClient, signatureSchemes: undefined };
  assert.equal(alertOf(noSchemes, 'modern'), 'missing_extension');
  const otherProtocol = { ...modernClient, alpn: ['smtp'] };
  assert.equal(alertOf(otherProtocol, 'modern', { alpn: ['h2'] }), 'no_application_protocol');
});

test('suites that are known but below the policy are told from unknown ones', () => {
  const weak = negotiate({ ...tls12Client, cipherSuites: [0x002f] }, getBaseline('intermediate'));
  assert.equal(weak.kind === 'refused' && weak.insufficientSecurity, true);
  const unknown = negotiate(
    { ...tls12Client, cipherSuites: [0x0b0b] },
    getBaseline('intermediate'),
  );
  assert.equal(unknown.kind === 'refused' && unknown.insufficientSecurity, false);
});

test('the answer says why, in both languages', () => {
  const { why } = agreed({ ...modernClient, keyShares: [] }, 'intermediate');
  assert.deepEqual(
    why.map((reason) => reason.rule),
    ['version/chosen', 'suite/chosen', 'group/retry', 'signature/chosen'],
  );
  assert.match(reasonText(why[0] ?? assert.fail()), /^TLS 1\.3 is the highest version/);
  assert.match(reasonText(why[0] ?? assert.fail(), 'zh-CN'), /^TLS 1\.3 是双方都支持的最高版本/);
});
