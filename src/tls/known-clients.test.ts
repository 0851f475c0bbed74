import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getBaseline } from './baselines.ts';
import { findCipherSuiteByName } from './cipher-suites.ts';
import { findKnownClient, knownClients } from './known-clients.ts';
import type { Negotiation } from './negotiate.ts';
import { negotiate } from './negotiate.ts';
import { bestVersion } from './offer.ts';
import { schannelSuites } from './schannel-suites.ts';

function outcome(id: string, policy: string, certificate: 'rsa' | 'ecdsa-p256'): Negotiation {
  const client = findKnownClient(id);
  assert.ok(client, id);
  return negotiate(client.offer, getBaseline(policy), { certificates: [certificate] });
}

test('every suite of the Schannel tables is in the registry', () => {
  for (const name of Object.values(schannelSuites).flat()) {
    assert.ok(findCipherSuiteByName(name), name);
  }
});

test('client ids are unique and each names its source', () => {
  assert.equal(new Set(knownClients.map(({ id }) => id)).size, knownClients.length);
  for (const client of knownClients) {
    assert.ok(client.source.length > 0 && bestVersion(client.offer) !== undefined, client.id);
  }
});

test('an untouched Windows 7 is refused for its version by every policy without TLS 1.0', () => {
  const refusal = outcome('windows-7', 'intermediate', 'rsa');
  assert.equal(refusal.kind === 'refused' && refusal.alert, 'protocol_version');
  assert.equal(outcome('windows-7', 'old', 'rsa').kind, 'agreed');
});

test('Windows 7 to 8.1 with TLS 1.2 need an ECDSA certificate where only ECDHE with AEAD is accepted', () => {
  for (const id of [
    'windows-7-tls12',
    'windows-server-2012',
    'windows-8.1',
    'windows-server-2012-r2',
  ]) {
    const refusal = outcome(id, 'intermediate', 'rsa');
    assert.equal(refusal.kind === 'refused' && refusal.alert, 'handshake_failure', id);
    assert.equal(outcome(id, 'intermediate', 'ecdsa-p256').kind, 'agreed', id);
  }
});

test('of the clients measured and documented, only those with a hybrid meet the post-quantum policy', () => {
  const able = knownClients.filter(
    ({ offer }) => negotiate(offer, getBaseline('pq')).kind === 'agreed',
  );
  assert.deepEqual(
    able.map(({ id }) => id),
    ['node-26'],
  );
});
