import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import tls from 'node:tls';
import { renderCipherSuiteTable } from '../../scripts/cipher-suite-source.ts';
import { alertTable, findAlert, getAlert } from './alerts.ts';
import { cipherSuiteTable } from './cipher-suite-table.ts';
import type { CipherSuite } from './cipher-suites.ts';
import { findCipherSuite, findCipherSuiteByName } from './cipher-suites.ts';
import { extensionCode, extensionTable } from './extensions.ts';
import { findGroup, findGroupByName, groupTable } from './groups.ts';
import { findSignatureScheme, signatureSchemeTable } from './signature-schemes.ts';
import { findVersion, findVersionByName, isGrease, isGreaseByte } from './versions.ts';

test('the cipher suite table is what its data says', () => {
  const rendered = renderCipherSuiteTable(
    readFileSync(new URL('./cipher-suites.tsv', import.meta.url), 'utf8'),
  );
  const committed = readFileSync(new URL('./cipher-suite-table.ts', import.meta.url), 'utf8');
  assert.equal(committed, rendered);
});

test('every registry has each code and each name once', () => {
  for (const table of [
    cipherSuiteTable,
    groupTable,
    signatureSchemeTable,
    extensionTable,
    alertTable,
  ]) {
    const entries: readonly { code: number; name: string }[] = table;
    assert.equal(new Set(entries.map((entry) => entry.code)).size, entries.length);
    assert.equal(new Set(entries.map((entry) => entry.name)).size, entries.length);
  }
});

test('a suite is found by its code, by its IANA name and by its OpenSSL name', () => {
  const suite = findCipherSuite(0xc02f);
  assert.equal(suite?.name, 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256');
  assert.equal(findCipherSuiteByName('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'), suite);
  assert.equal(findCipherSuiteByName('ECDHE-RSA-AES128-GCM-SHA256'), suite);
});

test('an OpenSSL name that SSLv2 shares means the TLS suite', () => {
  assert.equal(findCipherSuiteByName('DES-CBC3-SHA')?.code, 0x000a);
  assert.equal(findCipherSuiteByName('RC4-MD5')?.code, 0x0004);
});

test('a suite with forward secrecy has an ephemeral key exchange', () => {
  for (const suite of cipherSuiteTable as readonly CipherSuite[]) {
    if (!suite.forwardSecret) continue;
    assert.match(suite.keyExchange ?? '', /DHE|any|ECCPWD|CECPQ1|ECJPAKE|GOST/, suite.name);
  }
});

test("the suites marked as Node's are known to this Node under their OpenSSL names", () => {
  const known = new Set(tls.getCiphers());
  for (const suite of cipherSuiteTable as readonly CipherSuite[]) {
    if (!suite.inNode) continue;
    assert.ok(known.has((suite.openssl ?? '').toLowerCase()), suite.name);
  }
});

test('groups are found by every name in use, whatever the case', () => {
  for (const name of ['P-256', 'prime256v1', 'secp256r1', 'SECP256R1']) {
    assert.equal(findGroupByName(name)?.code, 0x0017);
  }
  assert.equal(findGroupByName('X25519')?.name, 'x25519');
});

test('the post-quantum hybrids are marked, the Kyber drafts are not', () => {
  assert.equal(findGroup(0x11ec)?.postQuantum, true);
  assert.equal(findGroup(0x6399)?.postQuantum, false);
});

test('PKCS#1 v1.5 and SHA-1 never sign a TLS 1.3 handshake', () => {
  assert.equal(findSignatureScheme(0x0401)?.inTls13, false);
  assert.equal(findSignatureScheme(0x0203)?.inTls13, false);
  assert.equal(findSignatureScheme(0x0804)?.inTls13, true);
});

test('versions are found by each way of writing them', () => {
  for (const name of ['1.2', 'TLS 1.2', 'TLSv1.2', 'tls1.2']) {
    assert.equal(findVersionByName(name)?.code, 0x0303, name);
  }
  assert.equal(findVersionByName('TLSv1')?.code, 0x0301);
  assert.equal(findVersionByName('SSL 3.0')?.code, 0x0300);
  assert.equal(findVersionByName('1.4'), undefined);
});

test('GREASE is the sixteen reserved values and no draft version is a version', () => {
  const grease = Array.from({ length: 0x10000 }, (_, code) => code).filter(isGrease);
  assert.equal(grease.length, 16);
  assert.deepEqual([grease[0], grease[15]], [0x0a0a, 0xfafa]);
  const bytes = Array.from({ length: 0x100 }, (_, code) => code).filter(isGreaseByte);
  assert.deepEqual(bytes, [0x0b, 0x2a, 0x49, 0x68, 0x87, 0xa6, 0xc5, 0xe4]);
  assert.equal(findVersion(0x7f1c), undefined);
});

test('extensions and alerts answer to their registry names', () => {
  assert.equal(extensionCode.encrypted_client_hello, 0xfe0d);
  assert.equal(getAlert('protocol_version').code, 70);
  assert.equal(findAlert(86)?.name, 'inappropriate_fallback');
});
