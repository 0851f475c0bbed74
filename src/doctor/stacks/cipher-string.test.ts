import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithout } from '../../../test/support/peers.ts';
import { mustRun } from '../../../test/support/run.ts';
import { parseCipherString } from './cipher-string.ts';

const strings = [
  'ALL:COMPLEMENTOFALL',
  'DEFAULT',
  'HIGH',
  'ALL',
  'HIGH:!aNULL',
  'HIGH:!aNULL:!MD5',
  'DEFAULT:!kRSA',
  'DEFAULT:-AES128:AES128',
  'DEFAULT:+SHA1',
  'DEFAULT:+AES256',
  'kRSA',
  'kRSA+AES',
  'ECDHE+AESGCM:DHE+AESGCM:ECDHE+CHACHA20:!DSS',
  'EECDH+AESGCM:EDH+AESGCM:AES256+EECDH:AES256+EDH',
  'ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA',
  'AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256:NO-SUCH-SUITE',
  'HIGH:!kEDH:!ADH:!MD5:@STRENGTH',
  'AES128:AES256:@STRENGTH',
  'ALL:!EXPORT:!LOW:!aNULL:!eNULL:!SSLv2:!RC4:+HIGH',
  'ALL:-kRSA:-DHE:kRSA+AES256',
  'TLSv1.2:!aNULL:!eNULL',
  'SSLv3:!aNULL',
  'TLSv1',
  'aNULL',
  'eNULL',
  'aRSA:!kRSAPSK:!SRP',
  'PSK',
  'CAMELLIA:ARIA:!PSK',
  'AESCCM8:AESCCM',
  'SHA256:SHA384',
  'HIGH MEDIUM,!aNULL;!PSK',
  'FIPS:!aNULL',
  // Mozilla's guideline 5.7, intermediate.
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305',
  // Red Hat's DEFAULT policy.
  'kEECDH:kRSA:kEDH:kPSK:kDHEPSK:kECDHEPSK:kRSAPSK:-aDSS:-3DES:!DES:!RC4:!RC2:!IDEA:-SEED:!eNULL:!aNULL:!MD5:-SHA384:-CAMELLIA:-ARIA:-AESCCM8',
];

for (const text of strings) {
  test(`OpenSSL lists the same suites in the same order for ${text}`, {
    skip: skipWithout('openssl'),
  }, async () => {
    const output = await mustRun('openssl', ['ciphers', '-v', text], {
      env: { OPENSSL_CONF: '/dev/null' },
    });
    const expected = output
      .split('\n')
      .flatMap((line) => line.split(/\s+/)[0] || [])
      .filter((name) => !name.startsWith('TLS_'));
    assert.deepEqual(
      parseCipherString(text).suites.map(({ name }) => name),
      expected,
    );
  });
}

test('the security level is read wherever it stands', () => {
  assert.equal(parseCipherString('DEFAULT@SECLEVEL=0').securityLevel, 0);
  assert.equal(parseCipherString('@SECLEVEL=2:kEECDH').securityLevel, 2);
  assert.equal(parseCipherString('HIGH:@SECLEVEL=9').securityLevel, undefined);
});

test('a word that OpenSSL does not know is named', () => {
  assert.deepEqual(parseCipherString('HIGH:FOO+AES:RC4').unknown, ['FOO+AES']);
});
