/**
 * What OpenSSL's security levels let through (SSL_CTX_set_security_level(3), ssl_security_default_callback).
 * Level 0 lets everything through; levels above 5 count as 5.
 */

import { findGroup } from '../../tls/groups.ts';
import type { SignatureScheme } from '../../tls/signature-schemes.ts';
import type { OpensslTraits } from './openssl-releases.ts';
import type { OpensslSuite } from './openssl-suites.ts';

const bitsOfLevel = [0, 80, 112, 128, 192, 256] as const;

/** Security bits that a level asks for. */
export function levelBits(level: number): number {
  return bitsOfLevel[Math.min(Math.max(level, 0), bitsOfLevel.length - 1)] ?? 0;
}

export function allowsSuite(
  level: number,
  suite: OpensslSuite,
  { weakCcm8 }: OpensslTraits,
): boolean {
  if (level === 0) return true;
  const isEphemeral = suite.keyExchange === 'DHE' || suite.keyExchange === 'ECDHE';
  const bits = weakCcm8 && suite.encryption.endsWith('CCM8') ? 64 : suite.bits;
  return (
    bits >= levelBits(level) &&
    suite.authentication !== 'anon' &&
    suite.mac !== 'MD5' &&
    // HMAC-SHA-1 counts as 160 bits.
    (suite.mac !== 'SHA' || levelBits(level) <= 160) &&
    (isEphemeral || level < 3)
  );
}

/** OpenSSL counts a hybrid by its post-quantum part. */
const kemBits: readonly (readonly [pattern: RegExp, bits: number])[] = [
  [/MLKEM512$/, 128],
  [/MLKEM768$/, 192],
  [/MLKEM1024$/, 256],
];

export function allowsGroup(level: number, code: number): boolean {
  const group = findGroup(code);
  if (group === undefined) return false;
  const bits = kemBits.find(([pattern]) => pattern.test(group.name))?.[1] ?? group.bits;
  return bits >= levelBits(level);
}

const hashBits = { md5: 39, sha224: 112, sha256: 128, sha384: 192, sha512: 256, sm3: 128 } as const;
const keyBits: Readonly<Record<string, number>> = {
  ed25519: 128,
  ed448: 224,
  mldsa44: 128,
  mldsa65: 192,
  mldsa87: 256,
};

export function allowsScheme(
  level: number,
  { name, hash }: SignatureScheme,
  { sha1Bits }: OpensslTraits,
): boolean {
  const byHash = hash === 'sha1' ? sha1Bits : hash === undefined ? undefined : hashBits[hash];
  return (byHash ?? keyBits[name] ?? 0) >= levelBits(level);
}
