import assert from 'node:assert/strict';
import { test } from 'node:test';
import tls from 'node:tls';
import { baselines, getBaseline } from '../baselines.ts';
import { getCipherSuite } from '../cipher-suites.ts';
import { findGroup } from '../groups.ts';
import { knownClients } from '../known-clients.ts';
import { negotiate } from '../negotiate.ts';
import type { Policy } from '../policy.ts';
import { contextOptions, findContradiction } from '../policy.ts';
import { findSignatureScheme } from '../signature-schemes.ts';
import {
  admits,
  capabilities,
  hasCapability,
  narrowAll,
  narrowPolicy,
  withoutCapability,
} from './capabilities.ts';
import { policyOfPath } from './judge.ts';
import type { Capability } from './plan.ts';

const old = getBaseline('old');
const { openssl } = process.versions;

function left(capability: Capability, policy: Policy = old): Policy {
  const result = withoutCapability(policy, capability);
  if (result === undefined) throw new assert.AssertionError({ message: 'nothing is left' });
  return result;
}

test("Node's TLS takes what is left of every baseline without any capability, and each path of it", () => {
  let results = 0;
  for (const policy of baselines) {
    for (const capability of capabilities) {
      const rest = withoutCapability(policy, capability);
      if (rest === undefined) continue;
      results += 1;
      assert.equal(findContradiction(rest), undefined, `${policy.name} without ${capability}`);
      const needsHybrid = rest.groups.flat().every((group) => findGroup(group)?.postQuantum);
      if (needsHybrid && openssl.startsWith('3.0.')) continue;
      tls.createSecureContext(contextOptions(rest, { openssl }));
      for (const path of ['strict', 'legacy'] as const) {
        const part = policyOfPath(rest, path);
        if (part.versions.length === 0) continue;
        tls.createSecureContext(contextOptions(part, { openssl }));
      }
    }
  }
  assert.ok(results > 40, `${results} policies`);
});

test('retiring TLS 1.1 ends TLS 1.0 too, since versions stay gapless', () => {
  assert.deepEqual(left('tls1.0').versions, [0x0302, 0x0303, 0x0304]);
  assert.deepEqual(left('tls1.1').versions, [0x0303, 0x0304]);
  assert.deepEqual(left('tls1.2').versions, [0x0304]);
});

test('a cipher class goes with the versions that have nothing else', () => {
  const withoutCbc = left('cbc');
  assert.deepEqual(withoutCbc.versions, [0x0303, 0x0304]);
  for (const code of withoutCbc.cipherSuites) assert.ok(getCipherSuite(code).aead);
  const withoutRsa = left('static-rsa');
  assert.deepEqual(withoutRsa.versions, old.versions);
  for (const code of withoutRsa.cipherSuites) {
    assert.notEqual(getCipherSuite(code).keyExchange, 'RSA');
  }
  const names = left('3des').cipherSuites.map((code) => getCipherSuite(code).openssl);
  assert.ok(!names.includes('DES-CBC3-SHA'));
});

test('without SHA-1 there are no schemes with it and no version before TLS 1.2', () => {
  const rest = left('sha1');
  assert.deepEqual(rest.versions, [0x0303, 0x0304]);
  for (const code of rest.signatureSchemes) {
    assert.notEqual(findSignatureScheme(code)?.hash, 'sha1');
  }
});

test('without classic key exchange only hybrids and TLS 1.3 are left', () => {
  const rest = left('no-pq', getBaseline('intermediate'));
  assert.deepEqual(rest.versions, [0x0304]);
  assert.deepEqual(rest.groups, [[0x11ec]]);
  assert.equal(withoutCapability(getBaseline('nist-sp-800-52r2'), 'no-pq'), undefined);
});

test('a policy of which nothing usable is left is no policy', () => {
  const only12: Policy = { ...getBaseline('intermediate'), versions: [0x0303] };
  assert.equal(withoutCapability(only12, 'tls1.2'), undefined);
  assert.equal(withoutCapability(only12, 'no-pq'), undefined);
});

test('a policy that has not the capability comes back itself', () => {
  const modern = getBaseline('modern');
  for (const capability of ['tls1.0', 'tls1.2', 'cbc', 'rc4', 'sha1'] as const) {
    assert.equal(withoutCapability(modern, capability), modern);
    assert.equal(hasCapability(modern, capability), false);
  }
  assert.ok(hasCapability(modern, 'no-pq'));
});

test('the same question gets the same object, so that contexts can be kept', () => {
  const retired = new Set<Capability>(['cbc', 'tls1.0']);
  assert.equal(narrowAll(old, retired), narrowAll(old, new Set<Capability>(['tls1.0', 'cbc'])));
});

test('an agreement that a narrower policy admits is one that it would reach again', () => {
  let admitted = 0;
  for (const { offer } of knownClients) {
    for (const policy of baselines) {
      const now = negotiate(offer, policy);
      if (now.kind === 'refused') continue;
      for (const capability of capabilities) {
        const rest = narrowPolicy(policy, capability);
        if (!admits(rest, now)) continue;
        admitted += 1;
        assert.equal(negotiate(offer, rest).kind, 'agreed');
      }
    }
  }
  assert.ok(admitted > 100, `${admitted} agreements`);
});
