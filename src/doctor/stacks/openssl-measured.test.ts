import assert from 'node:assert/strict';
import { test } from 'node:test';
import vectors from '../../../test/vectors/openssl-hellos.json' with { type: 'json' };
import { decodeHex } from '../../base/bytes.ts';
import { readClientHello } from '../../tls/hello-reader.ts';
import { predictOpenssl } from './openssl.ts';
import { parseOpensslVersion } from './openssl-releases.ts';

for (const { openssl, hex } of vectors.hellos) {
  test(`OpenSSL ${openssl} without a configuration sends what its release predicts`, () => {
    const release = parseOpensslVersion(openssl);
    const progress = readClientHello(decodeHex(hex));
    assert.ok(release && progress.kind === 'hello');
    const predicted = predictOpenssl({ release, commands: [] });
    assert.ok(predicted.kind === 'offer');
    const { versions, cipherSuites, groups, keyShares, signatureSchemes } = progress.hello.offer;
    assert.deepEqual(versions, [0x0304, 0x0303], 'TLS 1.0 and 1.1 are not offered at level 1');
    const { offer } = predicted;
    assert.deepEqual(
      [offer.versions, offer.cipherSuites, offer.groups, offer.keyShares, offer.signatureSchemes],
      [versions, cipherSuites, groups, keyShares, signatureSchemes],
    );
  });
}
