/** Protocol versions: the registry, their names in every place that names them. */

export type TlsVersion = 0x0002 | 0x0300 | 0x0301 | 0x0302 | 0x0303 | 0x0304;

export interface VersionEntry {
  readonly code: TlsVersion;
  /** As a person writes it: `TLS 1.2`. */
  readonly name: string;
  /** As policies and the command line write it: `1.2`, `ssl3`. */
  readonly short: string;
  /** As Node and OpenSSL write it (`TLSv1.2`); undefined where Node cannot speak it. */
  readonly node: string | undefined;
  /** The two characters of JA4. */
  readonly ja4: string;
  /** The standard that forbids it, if one does. */
  readonly forbiddenBy: string | undefined;
}

export const sslv2 = 0x0002;
export const sslv3 = 0x0300;
export const tls10 = 0x0301;
export const tls11 = 0x0302;
export const tls12 = 0x0303;
export const tls13 = 0x0304;

/** Oldest first. */
export const versionTable = [
  entry(sslv2, 'SSL 2.0', 'ssl2', undefined, 's2', 'RFC 6176'),
  entry(sslv3, 'SSL 3.0', 'ssl3', undefined, 's3', 'RFC 7568'),
  entry(tls10, 'TLS 1.0', '1.0', 'TLSv1', '10', 'RFC 8996'),
  entry(tls11, 'TLS 1.1', '1.1', 'TLSv1.1', '11', 'RFC 8996'),
  entry(tls12, 'TLS 1.2', '1.2', 'TLSv1.2', '12', undefined),
  entry(tls13, 'TLS 1.3', '1.3', 'TLSv1.3', '13', undefined),
] as const satisfies readonly VersionEntry[];

/** The entry of a version code; undefined for GREASE, drafts and anything unknown. */
export function findVersion(code: number): VersionEntry | undefined {
  return versionTable.find((version) => version.code === code);
}

/** The entry of `1.2`, `TLS 1.2`, `TLSv1.2`, `tls1.2`, `ssl3`, whatever the case. */
export function findVersionByName(name: string): VersionEntry | undefined {
  const wanted = name
    .trim()
    .toLowerCase()
    .replace(/^tls\s*v?/, '')
    .replace(/^ssl\s*v?/, 'ssl');
  const plain = wanted === '1' ? '1.0' : wanted.replace(/^(ssl\d)\.0$/, '$1');
  return versionTable.find((version) => version.short === plain);
}

/** `TLS 1.2`, or the code in hexadecimal when it is not a version we know. */
export function versionName(code: number): string {
  return findVersion(code)?.name ?? formatCode(code);
}

export function isTlsVersion(code: number): code is TlsVersion {
  return findVersion(code) !== undefined;
}

/** `0x0a0a`: how an unknown registry value is written everywhere. */
export function formatCode(code: number): string {
  return `0x${code.toString(16).padStart(4, '0')}`;
}

/** RFC 8701 §2: 0x0A0A, 0x1A1A … 0xFAFA, reserved so that servers keep ignoring what they do not know. */
export function isGrease(code: number): boolean {
  return (code & 0x0f0f) === 0x0a0a && code >> 8 === (code & 0xff);
}

/** RFC 8701 §2: the reserved values of one byte, used in psk_key_exchange_modes. */
export function isGreaseByte(code: number): boolean {
  return code % 0x1f === 0x0b;
}

function entry(
  code: TlsVersion,
  name: string,
  short: string,
  node: string | undefined,
  ja4: string,
  forbiddenBy: string | undefined,
): VersionEntry {
  return { code, name, short, node, ja4, forbiddenBy };
}
