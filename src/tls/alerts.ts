/** Alerts: numbers, names and what each says. Their bytes are in records.ts. */

import type { TlsVersion } from './versions.ts';
import { sslv3, tls10 } from './versions.ts';

export interface AlertEntry {
  readonly code: number;
  /** The registry's name, as logs show it. */
  readonly name: string;
  /** What the sender of it says, as half a sentence. */
  readonly says: string;
  /** The first version that defines it for its peers. */
  readonly min: TlsVersion;
}

/** Source: IANA TLS Alerts; RFC 8446 §6, RFC 5246 §7.2, RFC 6101 §5.4, RFC 7507, RFC 9846. */
export const alertTable = [
  { code: 0, name: 'close_notify', says: 'the peer closes in order', min: sslv3 },
  {
    code: 10,
    name: 'unexpected_message',
    says: 'a message came that does not belong here',
    min: sslv3,
  },
  { code: 20, name: 'bad_record_mac', says: 'a record failed its integrity check', min: sslv3 },
  { code: 21, name: 'decryption_failed', says: 'a record could not be decrypted', min: tls10 },
  { code: 22, name: 'record_overflow', says: 'a record is longer than allowed', min: tls10 },
  {
    code: 30,
    name: 'decompression_failure',
    says: 'a record could not be decompressed',
    min: sslv3,
  },
  {
    code: 40,
    name: 'handshake_failure',
    says: 'no set of parameters that both sides accept',
    min: sslv3,
  },
  { code: 41, name: 'no_certificate', says: 'the client has no certificate (SSL 3.0)', min: sslv3 },
  {
    code: 42,
    name: 'bad_certificate',
    says: 'a certificate is damaged or wrongly signed',
    min: sslv3,
  },
  {
    code: 43,
    name: 'unsupported_certificate',
    says: 'a certificate is of an unsupported type',
    min: sslv3,
  },
  { code: 44, name: 'certificate_revoked', says: 'a certificate was revoked', min: sslv3 },
  {
    code: 45,
    name: 'certificate_expired',
    says: 'a certificate has expired or is not yet valid',
    min: sslv3,
  },
  {
    code: 46,
    name: 'certificate_unknown',
    says: 'a certificate is not acceptable for another reason',
    min: sslv3,
  },
  {
    code: 47,
    name: 'illegal_parameter',
    says: 'a field has a value that is not allowed',
    min: sslv3,
  },
  { code: 48, name: 'unknown_ca', says: 'the certificate authority is not known', min: tls10 },
  {
    code: 49,
    name: 'access_denied',
    says: 'the certificate is valid but access is denied',
    min: tls10,
  },
  { code: 50, name: 'decode_error', says: 'a message could not be decoded', min: tls10 },
  {
    code: 51,
    name: 'decrypt_error',
    says: 'a signature or a Finished message is wrong',
    min: tls10,
  },
  {
    code: 52,
    name: 'too_many_cids_requested',
    says: 'too many connection ids were asked for',
    min: tls10,
  },
  {
    code: 60,
    name: 'export_restriction',
    says: 'export restrictions do not allow this',
    min: tls10,
  },
  {
    code: 70,
    name: 'protocol_version',
    says: 'the offered protocol version is known but not supported',
    min: tls10,
  },
  {
    code: 71,
    name: 'insufficient_security',
    says: 'the offered ciphers are weaker than the server demands',
    min: tls10,
  },
  { code: 80, name: 'internal_error', says: 'an error inside the peer', min: tls10 },
  {
    code: 86,
    name: 'inappropriate_fallback',
    says: 'the client retried with a lower version although the server supports a higher one',
    min: tls10,
  },
  { code: 90, name: 'user_canceled', says: 'the user cancelled', min: tls10 },
  { code: 100, name: 'no_renegotiation', says: 'renegotiation is refused', min: tls10 },
  { code: 109, name: 'missing_extension', says: 'a mandatory extension is missing', min: tls10 },
  {
    code: 110,
    name: 'unsupported_extension',
    says: 'an extension came that was not asked for',
    min: tls10,
  },
  {
    code: 111,
    name: 'certificate_unobtainable',
    says: 'the certificate URL could not be read',
    min: tls10,
  },
  { code: 112, name: 'unrecognized_name', says: 'the server name is not known here', min: tls10 },
  {
    code: 113,
    name: 'bad_certificate_status_response',
    says: 'the OCSP response is bad',
    min: tls10,
  },
  {
    code: 114,
    name: 'bad_certificate_hash_value',
    says: 'the certificate hash does not match',
    min: tls10,
  },
  { code: 115, name: 'unknown_psk_identity', says: 'the pre-shared key is not known', min: tls10 },
  { code: 116, name: 'certificate_required', says: 'a client certificate is required', min: tls10 },
  { code: 117, name: 'general_error', says: 'a general error', min: tls10 },
  {
    code: 120,
    name: 'no_application_protocol',
    says: 'no application protocol in common',
    min: tls10,
  },
  { code: 121, name: 'ech_required', says: 'Encrypted ClientHello is required', min: tls10 },
] as const satisfies readonly AlertEntry[];

export type AlertName = (typeof alertTable)[number]['name'];

const byCode: ReadonlyMap<number, AlertEntry> = new Map(
  alertTable.map((alert): [number, AlertEntry] => [alert.code, alert]),
);

const byName: ReadonlyMap<string, AlertEntry> = new Map(
  alertTable.map((alert): [string, AlertEntry] => [alert.name, alert]),
);

export function findAlert(code: number): AlertEntry | undefined {
  return byCode.get(code);
}

/** The entry of a name of the table. */
export function getAlert(name: AlertName): AlertEntry {
  const alert = byName.get(name);
  if (alert === undefined) throw new RangeError(`no alert is called ${name}`);
  return alert;
}

/** `protocol_version`, or `alert 200` for a number that the registry does not have. */
export function alertName(code: number): string {
  return byCode.get(code)?.name ?? `alert ${code}`;
}
