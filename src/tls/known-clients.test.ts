import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getBaseline } from './baselines.ts';
import { findCipherSuiteByName } from './cipher-suites.ts';
import { ja4 } from './fingerprints.ts';
import { schannelSuites } from './known-clients/schannel-suites.ts';
import { findKnownClient, knownClients } from './known-clients.ts';
import type { Negotiation } from './negotiate.ts';
import { negotiate } from './negotiate.ts';
import { bestVersion } from './offer.ts';
import { findVersion } from './versions.ts';

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
    ['openssl-3.5', 'go-1.24', 'node-22', 'node-24', 'node-26'],
  );
});

test('the highest version of each client is the one that its vendor documents for its defaults', () => {
  const best: Readonly<Record<string, readonly string[]>> = {
    '1.0': [
      ...['windows-xp', 'windows-server-2008', 'windows-7', 'windows-server-2008-r2'],
      ...['dotnet-4.5', 'dotnet-4.7-windows-7', 'java-6', 'java-7', 'openssl-0.9.8'],
    ],
    '1.2': [
      ...['windows-server-2008-tls12', 'windows-7-tls12', 'windows-8', 'windows-server-2012'],
      ...['windows-8.1', 'windows-server-2012-r2', 'windows-10-1607', 'windows-server-2016'],
      ...['windows-server-2019', 'windows-10-21h2', 'windows-10', 'dotnet-4.6'],
      ...['dotnet-4.6-windows-7', 'dotnet-4.7', 'java-8u31', 'java-8', 'openssl-1.0.1'],
      ...['openssl-1.0.2', 'node-8', 'node-10'],
    ],
    '1.3': [
      ...['windows-server-2022', 'windows-11', 'windows-server-2025', 'dotnet-8', 'dotnet-8-linux'],
      ...[
        'dotnet-4.8-windows-server-2022',
        'java-8u442',
        'java-11',
        'java-17',
        'java-21',
        'java-25',
      ],
      ...['openssl-1.1.1', 'openssl-3.0', 'openssl-3.5', 'gnutls-3.7', 'curl-7.88', 'python-3.11'],
      ...['go-1.13', 'go-1.20', 'go-1.24', 'restic-0.9', 'restic-0.12', 'restic-0.14'],
      ...['restic-0.16', 'restic-0.18', 'node-12', 'node-14', 'node-16', 'node-18', 'node-20'],
      ...['node-22', 'node-24', 'node-26'],
    ],
  };
  const found: Record<string, string[]> = { '1.0': [], '1.2': [], '1.3': [] };
  for (const { id, offer } of knownClients) {
    found[findVersion(bestVersion(offer) ?? 0)?.short ?? '']?.push(id);
  }
  for (const [version, ids] of Object.entries(best)) {
    assert.deepEqual(found[version]?.toSorted(), ids.toSorted(), version);
  }
});

test('a program of .NET Framework gets TLS 1.2 from Windows 7 only where it asks for it by name', () => {
  assert.equal(outcome('dotnet-4.7-windows-7', 'intermediate', 'ecdsa-p256').kind, 'refused');
  assert.equal(outcome('dotnet-4.6-windows-7', 'intermediate', 'ecdsa-p256').kind, 'agreed');
});

test('Windows XP meets no policy of this OpenSSL, not even old: RC4, DES and 3DES are not built', () => {
  const refusal = outcome('windows-xp', 'old', 'rsa');
  assert.equal(refusal.kind === 'refused' && refusal.alert, 'handshake_failure');
});

test("restic's own hello has the fingerprint of Go's HTTP client, so that its other ages can be told by Go's", () => {
  const [own, go] = ['restic-0.14', 'restic-0.12'].map(findKnownClient);
  assert.ok(own && go);
  assert.equal(ja4(own.offer), ja4(go.offer));
});

test('restic 0.18 has no hybrid key exchange, although the Go that builds it has: its module is of Go 1.23', () => {
  assert.equal(outcome('go-1.24', 'pq', 'ecdsa-p256').kind, 'agreed');
  assert.equal(outcome('restic-0.18', 'pq', 'ecdsa-p256').kind, 'refused');
});
