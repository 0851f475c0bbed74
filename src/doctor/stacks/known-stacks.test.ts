/** Predictions for releases that are not on this machine, against hellos that were captured of them. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findKnownClient } from '../../tls/known-clients.ts';
import type { Offer } from '../../tls/offer.ts';
import type { StackFact } from '../facts/facts.ts';
import { predictStackFact } from './known-stacks.ts';

interface Row {
  readonly fact: StackFact;
  readonly client: string;
}

const node = (version: string, openssl: string): Row => ({
  fact: { kind: 'node', version, settings: { openssl } },
  client: `node-${version.split('.')[0]}`,
});
const java = (version: string): Row => ({
  fact: { kind: 'java', version },
  client: `java-${version.split('.')[0]}`,
});

const rows: readonly Row[] = [
  // Captured through Node with the suites DEFAULT.
  { fact: { kind: 'openssl', version: '1.1.1t' }, client: 'openssl-1.1.1' },
  {
    fact: { kind: 'openssl', version: '3.0.22', settings: { securityLevel: '2' } },
    client: 'openssl-3.0',
  },
  {
    fact: { kind: 'openssl', version: '3.5.8', settings: { MinProtocol: 'TLSv1.2' } },
    client: 'openssl-3.5',
  },
  node('12.22.12', '1.1.1n'),
  node('14.21.3', '1.1.1t'),
  node('16.20.2', '1.1.1v+quic'),
  node('18.20.8', '3.0.16'),
  node('20.20.2', '3.0.19'),
  node('22.23.3', '3.5.8'),
  node('24.21.0', '3.5.8'),
  node('26.10.0', '3.5.8'),
  java('11.0.13'),
  java('17.0.15'),
  java('21.0.8'),
  java('25.0.2'),
  {
    fact: { kind: 'python', version: '3.11', settings: { openssl: '3.0.22', securityLevel: '2' } },
    client: 'python-3.11',
  },
  { fact: { kind: 'gnutls', version: '3.7.9' }, client: 'gnutls-3.7' },
];

function shape(offer: Offer | undefined): unknown {
  if (offer === undefined) return undefined;
  const { legacyVersion, versions, cipherSuites, groups, keyShares, signatureSchemes } = offer;
  const { sessionTicket, extendedMasterSecret, encryptThenMac } = offer;
  return {
    ...{ legacyVersion, versions, cipherSuites, groups, keyShares, signatureSchemes },
    ...{ sessionTicket, extendedMasterSecret, encryptThenMac },
  };
}

describe('defaults are predicted as they were captured', () => {
  for (const { fact, client } of rows) {
    test(`${fact.kind} ${fact.version}`, () => {
      const predicted = predictStackFact(fact);
      const captured = findKnownClient(client)?.offer;
      assert.ok(captured);
      assert.deepEqual(
        shape(predicted?.kind === 'offer' ? predicted.offer : undefined),
        shape(captured),
      );
    });
  }
});

test('a release that nobody knows is unknown, not guessed', () => {
  const unknown: readonly StackFact[] = [
    { kind: 'openssl', version: 'LibreSSL 3.8.2' },
    { kind: 'java', version: '9.0.4' },
    { kind: 'node', version: '6.17.1', settings: { openssl: '1.0.2u' } },
    { kind: 'gnutls', version: '2.12.23' },
    { kind: 'go' },
  ];
  for (const fact of unknown) assert.equal(predictStackFact(fact)?.kind, 'unknown', fact.kind);
});
