import assert from 'node:assert/strict';
import { test } from 'node:test';
import tls from 'node:tls';
import { isSealiftError } from '../base/errors.ts';
import { baselines, findBaseline, getBaseline } from './baselines.ts';
import type { Policy } from './policy.ts';
import { contextOptions, findContradiction, parsePolicy, securityLevel } from './policy.ts';

function parse(yaml: string): Policy {
  return parsePolicy(yaml, { file: 'strict.yaml', findBaseline });
}

function failure(yaml: string): string {
  try {
    parse(yaml);
  } catch (error) {
    if (isSealiftError(error, 'tls/policy-file')) return error.message;
    throw error;
  }
  throw new assert.AssertionError({ message: 'the policy was accepted' });
}

test("Node's TLS takes the settings of every baseline", () => {
  const { openssl } = process.versions;
  const isOld = openssl.startsWith('3.0.');
  for (const policy of baselines) {
    assert.equal(findContradiction(policy), undefined, policy.name);
    // OpenSSL 3.0 has no post-quantum group at all, and says so.
    if (policy.name === 'pq' && isOld) continue;
    tls.createSecureContext(contextOptions(policy, { openssl }));
  }
});

test('the security level is lowered only where SHA-1 is needed', () => {
  assert.equal(securityLevel(getBaseline('old')), 0);
  assert.equal(securityLevel(getBaseline('intermediate')), 2);
  assert.match(contextOptions(getBaseline('modern')).ciphers, /@SECLEVEL=2$/);
});

test('a policy file takes from its baseline what it leaves out', () => {
  const policy = parse('name: strict\nextends: intermediate\nversions: [1.3]\n');
  assert.equal(policy.name, 'strict');
  assert.deepEqual(policy.versions, [0x0304]);
  assert.deepEqual(policy.cipherSuites, getBaseline('intermediate').cipherSuites);
});

test('suites and groups are accepted by either name, groups alone or as levels', () => {
  const policy = parse(`
cipherSuites: [TLS_AES_256_GCM_SHA384, ECDHE-RSA-AES256-GCM-SHA384]
groups:
  - X25519MLKEM768
  - [x25519, prime256v1]
`);
  assert.deepEqual(policy.cipherSuites, [0x1302, 0xc030]);
  assert.deepEqual(policy.groups, [[0x11ec], [0x001d, 0x0017]]);
});

test('a mistake is reported with file, line and field', () => {
  assert.equal(
    failure('name: x\nciphers: []\n'),
    'strict.yaml, line 2: ciphers: is not a field of a policy',
  );
  assert.equal(
    failure('name: x\nversions:\n  - 1.2\n  - 1.4\n'),
    'strict.yaml, line 4: versions[2]: "1.4" is not one of 1.0, 1.1, 1.2, 1.3',
  );
  assert.equal(
    failure('groups:\n  - x25519\n  - [secp256r1,\n     x25591]\n'),
    'strict.yaml, line 4: groups[2][2]: "x25591" is not a named group',
  );
  assert.match(
    failure('cipherSuites: [RC4-MD5]'),
    /line 1: cipherSuites\[1\]: "RC4-MD5" is broken/,
  );
  assert.match(failure('name: [\n'), /^strict\.yaml, line \d+: /);
  assert.match(failure('extends: modrn'), /line 1: extends: "modrn" is not a baseline/);
  assert.match(
    failure('name: a\nversions: ["1.0", "1.2"]'),
    /line 2: versions: must not leave out/,
  );
});

test('a file that is no mapping, or explodes through aliases, is refused', () => {
  assert.match(failure('modern'), /^strict\.yaml, line 1: /);
  const levels = Array.from(
    { length: 9 },
    (_, level) => `k${level}: &a${level} [${level === 0 ? 'x' : `*a${level - 1}, `.repeat(9)}]`,
  );
  assert.match(failure(`${levels.join('\n')}\n`), /^strict\.yaml, line 1: /);
});

test('a policy that nobody can satisfy is refused', () => {
  assert.match(
    failure('versions: [1.2, 1.3]\ncipherSuites: [TLS_AES_128_GCM_SHA256]\n'),
    /line 2: cipherSuites: no suite that Node has is usable in TLS 1\.2/,
  );
  // 3DES is not compiled into Node: a server with nothing else must not fall back to a default list.
  assert.match(
    failure('versions: [1.1]\ncipherSuites: [DES-CBC3-SHA]\n'),
    /no suite that Node has is usable in TLS 1\.1/,
  );
  assert.match(failure('groups: [brainpoolP256r1]'), /groups: no group is usable in TLS 1\.3/);
  assert.match(failure('groups: [x25519, x25519]'), /groups: a group is listed twice/);
});

test('an OpenSSL before 3.5 gets the groups that it has, in one level', () => {
  const options = contextOptions(getBaseline('intermediate'), { openssl: '3.0.17' });
  assert.equal(options.ecdhCurve, 'X25519:P-256:P-384');
  assert.throws(() => contextOptions(getBaseline('pq'), { openssl: '3.0.17' }), {
    code: 'tls/policy',
  });
});
