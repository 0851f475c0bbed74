/**
 * What an alert says, by who complained (RFC 8446 §6, RFC 5246 §7.2, RFC 7507, RFC 7301; the reading
 * of Schannel's numbers follows its own table of alerts).
 */

import { alertTable } from '../../../tls/alerts.ts';
import type { AlertSide, Weights } from './signature.ts';

const ourCertificate = { 'client-too-old': -0.6 } as const;

/** The other side complained: the client reads this. */
const received: Readonly<Record<string, Weights>> = {
  close_notify: { 'client-too-old': 0.45, 'no-common-suite': 0.3, 'something-between': 0.25 },
  unexpected_message: { 'something-between': 0.4, 'not-tls': 0.3, 'server-trouble': 0.2 },
  bad_record_mac: { 'corrupted-traffic': 0.8, 'something-between': 0.3 },
  decryption_failed: { 'corrupted-traffic': 0.6, 'something-between': 0.3 },
  record_overflow: { 'not-tls': 0.5, 'something-between': 0.4 },
  handshake_failure: {
    'no-common-suite': 0.7,
    'client-too-old': 0.4,
    'client-certificate-needed': 0.25,
    'unknown-server-name': 0.1,
  },
  bad_certificate: { 'client-certificate-rejected': 0.8, ...ourCertificate },
  unsupported_certificate: { 'client-certificate-rejected': 0.85, ...ourCertificate },
  certificate_revoked: { 'client-certificate-rejected': 0.9, ...ourCertificate },
  certificate_expired: {
    'client-certificate-rejected': 0.85,
    'clock-wrong': 0.3,
    ...ourCertificate,
  },
  certificate_unknown: { 'client-certificate-rejected': 0.75, ...ourCertificate },
  illegal_parameter: {
    'something-between': 0.4,
    'server-trouble': 0.3,
    'no-common-suite': 0.2,
  },
  unknown_ca: { 'client-certificate-rejected': 0.85, ...ourCertificate },
  access_denied: { 'access-denied': 0.9, ...ourCertificate },
  decode_error: { 'something-between': 0.45, 'server-trouble': 0.3 },
  decrypt_error: { 'corrupted-traffic': 0.4, 'client-certificate-rejected': 0.35 },
  protocol_version: { 'client-too-old': 0.95, 'server-too-old': 0.4, 'something-between': -0.5 },
  insufficient_security: { 'no-common-suite': 0.92, 'something-between': -0.5 },
  internal_error: { 'server-trouble': 0.85 },
  inappropriate_fallback: { 'version-fallback': 0.95 },
  no_renegotiation: { 'old-renegotiation': 0.7 },
  missing_extension: { 'no-common-suite': 0.5, 'something-between': 0.3 },
  unsupported_extension: { 'something-between': 0.4, 'server-trouble': 0.4 },
  unrecognized_name: { 'unknown-server-name': 0.95 },
  bad_certificate_status_response: { 'server-trouble': 0.5, 'revocation-unreachable': 0.3 },
  unknown_psk_identity: { 'server-trouble': 0.6 },
  certificate_required: { 'client-certificate-needed': 0.97, ...ourCertificate },
  no_application_protocol: { 'alpn-mismatch': 0.97 },
};

/** This machine complained (Schannel event 36888, "local error"). */
const sent: Readonly<Record<string, Weights>> = {
  unexpected_message: { 'not-tls': 0.6, 'something-between': 0.3 },
  bad_record_mac: { 'corrupted-traffic': 0.8, 'something-between': 0.3 },
  record_overflow: { 'not-tls': 0.6, 'something-between': 0.3 },
  handshake_failure: { 'no-common-suite': 0.8, 'client-too-old': 0.2 },
  bad_certificate: { 'untrusted-root': 0.4, 'weak-certificate': 0.3, 'tls-inspection': 0.3 },
  certificate_expired: { 'certificate-expired': 0.7, 'clock-wrong': 0.45 },
  certificate_revoked: { 'certificate-revoked': 0.9 },
  certificate_unknown: { 'untrusted-root': 0.5, 'name-mismatch': 0.4, 'tls-inspection': 0.3 },
  unknown_ca: { 'untrusted-root': 0.7, 'tls-inspection': 0.4, 'incomplete-chain': 0.3 },
  // At a server the peer is the client that is too old; at a client the server is.
  protocol_version: { 'server-too-old': 0.55, 'client-too-old': 0.5 },
  insufficient_security: { 'no-common-suite': 0.8 },
  internal_error: { 'local-versions-disabled': 0.4, 'service-trouble': 0.2 },
};

/** The log is a server's, and its client complained about it. */
const atServer: Readonly<Record<string, Weights>> = {
  bad_certificate: { 'untrusted-root': 0.7, 'name-mismatch': 0.3 },
  certificate_expired: { 'certificate-expired': 0.7, 'clock-wrong': 0.45 },
  certificate_revoked: { 'certificate-revoked': 0.9 },
  certificate_unknown: { 'untrusted-root': 0.6, 'name-mismatch': 0.4, 'tls-inspection': 0.2 },
  unknown_ca: { 'untrusted-root': 0.8, 'incomplete-chain': 0.35, 'tls-inspection': 0.3 },
  protocol_version: { 'server-too-old': 0.9 },
  handshake_failure: { 'no-common-suite': 0.7 },
};

const tables: Readonly<Record<AlertSide, Readonly<Record<string, Weights>>>> = {
  received,
  sent,
  'at-server': atServer,
};

/** Names other than the registry's: Go's texts, and OpenSSL's shorter ones. */
const aliases: Readonly<Record<string, string>> = {
  revoked_certificate: 'certificate_revoked',
  expired_certificate: 'certificate_expired',
  unknown_certificate: 'certificate_unknown',
  unknown_certificate_authority: 'unknown_ca',
  error_decoding_message: 'decode_error',
  error_decrypting_message: 'decrypt_error',
  protocol_version_not_supported: 'protocol_version',
  insufficient_security_level: 'insufficient_security',
  illegal_parameter_value: 'illegal_parameter',
};

const byNumber: ReadonlyMap<number, string> = new Map(
  alertTable.map(({ code, name }): [number, string] => [code, name]),
);
const names: ReadonlySet<string> = new Set(byNumber.values());

/** OpenSSL's reason for a received alert is its number and this. */
const opensslAlertOffset = 1000;

/** The registry's name of `70`, `protocol version`, `PROTOCOL_VERSION`, `ProtocolVersion`, `0A00042E`. */
export function findAlertName(text: string): string | undefined {
  if (/^\d{1,3}$/.test(text)) return byNumber.get(Number(text));
  const reason = /^(?:0A000|14[0-9A-F]{3})([0-9A-F]{3})$/i.exec(text)?.[1];
  if (reason !== undefined) return byNumber.get(Number.parseInt(reason, 16) - opensslAlertOffset);
  const snake = text
    .trim()
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  const name = aliases[snake] ?? snake;
  return names.has(name) ? name : undefined;
}

/** Number of an alert's registry name, for a person who looks it up. */
export function alertNumber(name: string): number | undefined {
  return alertTable.find((alert) => alert.name === name)?.code;
}

/** A client that offers TLS 1.2 and 1.3 is refused for its version by old servers only. */
const modernRefused: Weights = {
  'server-too-old': 0.75,
  'client-too-old': 0.5,
  'something-between': -0.5,
};

/**
 * @param name the registry's; one without an entry says only that one side broke off
 * @param from.modern the client that wrote this always offers TLS 1.2 or more
 */
export function weightsOfAlert(
  name: string,
  { side, modern }: { readonly side: AlertSide; readonly modern: boolean },
): Weights {
  if (modern && side === 'received' && name === 'protocol_version') return modernRefused;
  return (
    tables[side][name] ?? tables.received[name] ?? { 'server-trouble': 0.3, 'no-common-suite': 0.2 }
  );
}
