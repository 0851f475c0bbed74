/** Cipher suites: what a table row says, and the look-ups by code and by either name. */

import { cipherSuiteTable } from './cipher-suite-table.ts';
import type { TlsVersion } from './versions.ts';
import { formatCode } from './versions.ts';

/** Weakest first; docs of each class in the reference, section "Strength classes". */
export type StrengthClass =
  | 'null'
  | 'anon'
  | 'export'
  | 'low'
  | 'rc4'
  | 'sslv2'
  | 'block64'
  | 'cbc-nofs'
  | 'aead-nofs'
  | 'cbc-fs'
  | 'aead-fs-shorttag'
  | 'tls13-shorttag'
  | 'aead-fs'
  | 'tls13'
  | 'signal';

export interface CipherSuite {
  /** The two bytes of TLS, or the three of an SSLv2 kind (above 0xffff). */
  readonly code: number;
  /** IANA's name, or the historic one for codes outside the registry. */
  readonly name: string;
  readonly openssl: string | undefined;
  /** `RSA`, `DHE`, `ECDHE`, `PSK`, …; `any` in TLS 1.3, where the group decides. */
  readonly keyExchange: string | undefined;
  /** `RSA`, `ECDSA`, `anon`, `PSK`, …; `any` in TLS 1.3, where the signature scheme decides. */
  readonly authentication: string | undefined;
  readonly encryption: string | undefined;
  /** Key bits of the cipher. */
  readonly bits: number;
  /** The HMAC's hash, or `AEAD/<hash of the PRF>`. */
  readonly mac: string | undefined;
  readonly aead: boolean;
  readonly forwardSecret: boolean;
  /** First and last version that defines it; undefined for signalling values. */
  readonly min: TlsVersion | undefined;
  readonly max: TlsVersion | undefined;
  readonly strength: StrengthClass;
  /** Marked Y in IANA's registry. */
  readonly recommended: boolean;
  /** The strictest Mozilla guideline level that lists it. */
  readonly mozilla: 'modern' | 'intermediate' | 'intermediate-5.7' | 'old' | undefined;
  /** In `tls.getCiphers()` of Node 26 (OpenSSL 3.5). */
  readonly inNode: boolean;
}

/** RFC 5746 §3.3: stands for an empty renegotiation_info. */
export const renegotiationScsv = 0x00ff;
/** RFC 7507: this hello is a retry with a lower version. */
export const fallbackScsv = 0x5600;

/** Classes that no baseline accepts, whatever the version. */
export const brokenStrengths: ReadonlySet<StrengthClass> = new Set([
  'null',
  'anon',
  'export',
  'low',
  'rc4',
  'sslv2',
]);

const byCode: ReadonlyMap<number, CipherSuite> = new Map(
  cipherSuiteTable.map((suite): [number, CipherSuite] => [suite.code, suite]),
);

const byName = new Map<string, CipherSuite>();
for (const suite of cipherSuiteTable as readonly CipherSuite[]) {
  byName.set(suite.name, suite);
  // SSLv2 kinds share OpenSSL names with TLS suites: the first in the table, the TLS one, keeps it.
  if (suite.openssl !== undefined && !byName.has(suite.openssl)) byName.set(suite.openssl, suite);
}

export function findCipherSuite(code: number): CipherSuite | undefined {
  return byCode.get(code);
}

/** @throws RangeError for a code that is not in the table */
export function getCipherSuite(code: number): CipherSuite {
  const suite = byCode.get(code);
  if (suite === undefined) throw new RangeError(`no cipher suite has the code ${formatCode(code)}`);
  return suite;
}

/** By IANA's or OpenSSL's name, exactly as the registry spells it. */
export function findCipherSuiteByName(name: string): CipherSuite | undefined {
  return byName.get(name);
}

/** IANA's name, or the code in hexadecimal. */
export function cipherSuiteName(code: number): string {
  return byCode.get(code)?.name ?? formatCode(code);
}
