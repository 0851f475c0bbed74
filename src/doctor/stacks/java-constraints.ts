/**
 * Java's disabled algorithms: what an entry of jdk.tls.disabledAlgorithms takes away. A suite or scheme
 * goes if its name or one of its parts is listed (SSLAlgorithmDecomposer and
 * DisabledAlgorithmConstraints of OpenJDK).
 */

import type { CipherSuite } from '../../tls/cipher-suites.ts';
import { findCipherSuite } from '../../tls/cipher-suites.ts';
import { findGroup } from '../../tls/groups.ts';
import type { SignatureScheme } from '../../tls/signature-schemes.ts';
import { findSignatureScheme } from '../../tls/signature-schemes.ts';
import type { TlsVersion } from '../../tls/versions.ts';
import { tls13 } from '../../tls/versions.ts';

export interface JavaConstraints {
  /** In capitals. */
  readonly names: ReadonlySet<string>;
  readonly patterns: readonly RegExp[];
  /** Schemes that may not sign a handshake. */
  readonly handshakeNames: ReadonlySet<string>;
  /** Least size in bits by algorithm: `EC`, `DH`, `RSA`. */
  readonly keySizes: ReadonlyMap<string, number>;
}

export function parseConstraints(
  text: string,
  {
    wide,
    curves = '',
  }: {
    readonly wide: boolean /** jdk.disabled.namedCurves */;
    readonly curves?: string | undefined;
  },
): JavaConstraints {
  const names = new Set<string>();
  const handshakeNames = new Set<string>();
  const patterns: RegExp[] = [];
  const keySizes = new Map<string, number>();
  const unquoted = text.trim().replace(/^"(.*)"$/s, '$1');
  const entries = unquoted.split(',').flatMap((entry) => {
    const isInclude = /^include\s+jdk\.disabled\.namedCurves$/i.test(entry.trim());
    return isInclude ? curves.split(',') : [entry];
  });
  for (const entry of entries) {
    const [name = '', ...condition] = entry.trim().split(/\s+/);
    if (name === '') continue;
    const upper = name.toUpperCase();
    const size = keySizeOf(condition);
    if (condition.length === 0) {
      if (!upper.includes('*')) names.add(upper);
      else if (wide) patterns.push(wildcard(upper));
    } else if (size !== undefined) {
      keySizes.set(upper, Math.max(size, keySizes.get(upper) ?? 0));
    } else if (wide && /^usage HandshakeSignature$/i.test(condition.join(' '))) {
      handshakeNames.add(upper);
    }
  }
  return { names, patterns, handshakeNames, keySizes };
}

/** Sizes below the result are disabled. */
function keySizeOf([word = '', operator = '', size = '']: readonly string[]): number | undefined {
  if (word.toLowerCase() !== 'keysize' || !/^\d+$/.test(size)) return undefined;
  if (operator === '<') return Number(size);
  return operator === '<=' ? Number(size) + 1 : undefined;
}

function wildcard(text: string): RegExp {
  const escaped = text.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`);
}

export function allowsSuite({ names, patterns }: JavaConstraints, code: number): boolean {
  const suite = findCipherSuite(code);
  if (suite === undefined || suite.strength === 'signal') return true;
  const javaName = suite.name.toUpperCase();
  const spellings = [javaName, javaName.replace(/^TLS_/, 'SSL_')];
  if (patterns.some((pattern) => spellings.some((spelling) => pattern.test(spelling))))
    return false;
  return ![...spellings, ...suiteParts(suite)].some((part) => names.has(part.toUpperCase()));
}

function suiteParts(suite: CipherSuite): string[] {
  return [...exchangeParts(suite), ...cipherParts(suite), ...hashParts(suite)];
}

function exchangeParts({ keyExchange = '', authentication = '' }: CipherSuite): string[] {
  if (keyExchange === 'any') return [];
  const signer = authentication === 'DSS' ? ['DSA', 'DSS'] : [authentication];
  if (keyExchange === 'RSA') return ['RSA'];
  const isFiniteField = keyExchange === 'DHE' || keyExchange === 'DH';
  const exchange = isFiniteField ? ['DH', keyExchange, 'DiffieHellman'] : [keyExchange];
  return [...signer, ...exchange, `${keyExchange}_${authentication}`];
}

function cipherParts({ encryption = '', min }: CipherSuite): string[] {
  if (encryption.startsWith('CHACHA20')) return ['ChaCha20-Poly1305'];
  if (encryption === 'NULL') return ['NULL', 'C_NULL'];
  if (encryption.startsWith('RC4')) return ['RC4', encryption.replace('-', '_')];
  const words = encryption.split('-');
  const mode = words.at(-1) ?? '';
  const cipher = words[0] === '3DES' ? 'DESede' : (words[0] ?? '');
  // TLS 1.3 has ciphers of its own, which only their parts name.
  const whole = min === tls13 ? [] : [encryption.replaceAll('-', '_')];
  return [cipher, mode, 'NoPadding', ...whole];
}

function hashParts({ mac = '', aead }: CipherSuite): string[] {
  const hash = mac.replace('AEAD/', '');
  const names = (size: string): string[] => [`SHA${size}`, `SHA-${size}`, `HmacSHA${size}`];
  if (aead) return names(hash.replace('SHA', ''));
  if (hash === 'MD5') return ['MD5', 'HmacMD5', ...names('256')];
  // The hash of TLS 1.2's key derivation: SHA-256 unless the suite says more.
  return hash === 'SHA' ? [...names('1'), ...names('256')] : names(hash.replace('SHA', ''));
}

const curveBits: Readonly<Record<number, number>> = { 23: 256, 24: 384, 25: 521 };

export function allowsGroup({ names, keySizes }: JavaConstraints, code: number): boolean {
  const group = findGroup(code);
  if (group === undefined || names.has(group.name.toUpperCase())) return false;
  const digits = Number(/\d{3,}/.exec(group.name)?.[0] ?? 0);
  switch (group.kind) {
    case 'finite-field':
      return digits >= (keySizes.get('DH') ?? 0);
    case 'prime':
    case 'binary':
      return !names.has('EC') && (curveBits[code] ?? digits) >= (keySizes.get('EC') ?? 0);
    default:
      return true;
  }
}

export function allowsScheme(constraints: JavaConstraints, code: number): boolean {
  const scheme = findSignatureScheme(code);
  if (scheme === undefined) return false;
  const { names, handshakeNames } = constraints;
  if (handshakeNames.has(scheme.name.toUpperCase())) return false;
  if (scheme.curve !== undefined && !allowsGroup(constraints, scheme.curve)) return false;
  return !schemeParts(scheme).some((part) => names.has(part.toUpperCase()));
}

function schemeParts({ name, key, hash }: SignatureScheme): string[] {
  if (key === 'ed25519' || key === 'ed448') return [name, 'EdDSA'];
  if (name.startsWith('rsa_pss_rsae')) return [name, 'RSASSA-PSS', 'RSA'];
  if (key === 'rsa-pss') return [name, 'RSASSA-PSS'];
  const digest = (hash ?? '').toUpperCase();
  const signer = key.toUpperCase();
  const dashed = digest.replace('SHA', 'SHA-');
  return [name, digest, dashed, signer, `${digest}with${signer}`];
}

const versionNames: Readonly<Record<TlsVersion, string>> = {
  2: 'SSLV2',
  768: 'SSLV3',
  769: 'TLSV1',
  770: 'TLSV1.1',
  771: 'TLSV1.2',
  772: 'TLSV1.3',
};

export function allowsVersion({ names }: JavaConstraints, version: TlsVersion): boolean {
  return !names.has(versionNames[version]);
}

/** The version that Java calls so: `TLSv1`, `TLSv1.2`. */
export function findJavaVersionName(
  name: string,
  supported: readonly TlsVersion[],
): TlsVersion | undefined {
  return supported.find((version) => versionNames[version] === name.trim().toUpperCase());
}
