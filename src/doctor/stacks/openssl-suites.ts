/** The suites that OpenSSL 1.1.0 and later can list below TLS 1.3, in its built-in order. */

import { cipherSuiteTable } from '../../tls/cipher-suite-table.ts';
import type { CipherSuite } from '../../tls/cipher-suites.ts';
import type { TlsVersion } from '../../tls/versions.ts';
import { sslv3, tls10, tls12 } from '../../tls/versions.ts';

export interface OpensslSuite {
  readonly code: number;
  /** OpenSSL's name. */
  readonly name: string;
  readonly keyExchange: string;
  readonly authentication: string;
  readonly encryption: string;
  readonly mac: string;
  readonly aead: boolean;
  readonly bits: number;
  readonly min: TlsVersion;
  /** Part of `DEFAULT`. */
  readonly isDefault: boolean;
}

const keyExchanges = new Set([
  'RSA',
  'DHE',
  'ECDHE',
  'PSK',
  'DHE_PSK',
  'RSA_PSK',
  'ECDHE_PSK',
  'SRP',
]);
/** RC4, DES, 3DES, SEED and IDEA are compiled in only where a distributor asks for weak ciphers. */
const encryptions = /^(?:NULL|AES-|CAMELLIA-|ARIA-\d+-GCM|CHACHA20)/;

/** Every suite that a usual build has, in the order of `ALL:COMPLEMENTOFALL`. */
export const opensslSuites: readonly OpensslSuite[] = builtInOrder(
  (cipherSuiteTable as readonly CipherSuite[]).flatMap((suite) => opensslSuite(suite) ?? []),
);

function opensslSuite(suite: CipherSuite): OpensslSuite | undefined {
  const { code, openssl, keyExchange = '', authentication = '', encryption = '', bits } = suite;
  if (openssl === undefined || code > 0xffff || !keyExchanges.has(keyExchange)) return undefined;
  if (!encryptions.test(encryption)) return undefined;
  // OpenSSL never had the drafts of ChaCha20, nor anonymous ARIA.
  if (openssl.endsWith('-OLD') || openssl.startsWith('ADH-ARIA')) return undefined;
  // RSA_PSK is signed by nothing; OpenSSL counts it as RSA, and the table as both.
  const signer = authentication === 'RSA+PSK' ? 'RSA' : authentication;
  const isPlain = encryption.startsWith('AES-') || encryption.startsWith('CHACHA20');
  return {
    code,
    name: openssl,
    keyExchange,
    authentication: signer,
    encryption,
    mac: suite.aead ? 'AEAD' : (suite.mac ?? ''),
    aead: suite.aead,
    bits,
    min: minimumOf(suite),
    isDefault: isPlain && signer !== 'anon' && signer !== 'DSS' && !encryption.includes('CCM'),
  };
}

/** OpenSSL files PSK's SHA-2 suites under TLS 1.0, where the registry has them from TLS 1.2. */
function minimumOf({ keyExchange = '', mac, aead, openssl = '' }: CipherSuite): TlsVersion {
  if (aead) return tls12;
  const isPsk = keyExchange.includes('PSK');
  if (mac !== 'SHA' && mac !== 'MD5') return isPsk ? tls10 : tls12;
  const isEcdh = keyExchange.startsWith('ECDHE') || openssl.startsWith('AECDH');
  return isEcdh ? tls10 : sslv3;
}

/**
 * The order of ssl_create_cipher_list() in ssl/ssl_ciph.c: a chain of stable moves over the suites by
 * descending code. Each line below is one of its calls.
 */
function builtInOrder(suites: readonly OpensslSuite[]): OpensslSuite[] {
  let list = suites.toSorted((left, right) => right.code - left.code);
  const toFront = (matches: Test): void => {
    list = [...list.filter(matches), ...list.filter((suite) => !matches(suite))];
  };
  const toEnd = (matches: Test): void => {
    list = [...list.filter((suite) => !matches(suite)), ...list.filter(matches)];
  };
  const isEcdhe: Test = ({ keyExchange }) => keyExchange === 'ECDHE';
  const isEphemeral: Test = ({ keyExchange }) => keyExchange === 'ECDHE' || keyExchange === 'DHE';
  const usesAes: Test = ({ encryption }) => encryption.startsWith('AES-');
  const isGcm: Test = ({ encryption }) => /^AES-\d+-GCM$/.test(encryption);
  toFront(isEcdhe);
  toFront((suite) => isEcdhe(suite) && suite.authentication === 'ECDSA');
  toFront((suite) => usesAes(suite) && !isGcm(suite));
  toFront(({ encryption }) => encryption.startsWith('CHACHA20'));
  toFront(isGcm);
  toEnd(({ mac }) => mac === 'MD5');
  toEnd(({ authentication }) => authentication === 'anon');
  toEnd(({ keyExchange }) => keyExchange === 'RSA' || keyExchange === 'PSK');
  toEnd(({ keyExchange }) => keyExchange === 'PSK');
  list = byStrength(list);
  toFront(({ min }) => min === tls12);
  toFront(({ aead }) => aead);
  toFront(isEphemeral);
  toFront((suite) => isEphemeral(suite) && suite.aead);
  return list;
}

/** Stable, strongest first. */
export function byStrength<T extends { readonly bits: number }>(list: readonly T[]): T[] {
  return list.toSorted((left, right) => right.bits - left.bits);
}

type Test = (suite: OpensslSuite) => boolean;
