/**
 * What Node and OpenSSL say when a connection fails, as our errors: lost connections may come back
 * (`backend/unreachable`, retryable), refused handshakes and untrusted certificates do not.
 */
import {
  type ErrorCode,
  type FieldValue,
  messageOf,
  SealiftError,
  systemCodeOf,
} from '../base/errors.ts';

/** Alerts by OpenSSL's number, spelled as the registry does (RFC 8446 §6, RFC 5246 §7.2). */
const alertNames: Readonly<Record<number, string>> = {
  0: 'close_notify',
  10: 'unexpected_message',
  20: 'bad_record_mac',
  22: 'record_overflow',
  40: 'handshake_failure',
  42: 'bad_certificate',
  43: 'unsupported_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  49: 'access_denied',
  50: 'decode_error',
  51: 'decrypt_error',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  86: 'inappropriate_fallback',
  90: 'user_canceled',
  100: 'no_renegotiation',
  109: 'missing_extension',
  110: 'unsupported_extension',
  112: 'unrecognized_name',
  113: 'bad_certificate_status_response',
  115: 'unknown_psk_identity',
  116: 'certificate_required',
  120: 'no_application_protocol',
};

const clientCertificateAlerts = [
  'access_denied',
  'bad_certificate',
  'certificate_expired',
  'certificate_required',
  'certificate_revoked',
  'certificate_unknown',
  'unknown_ca',
  'unsupported_certificate',
];

/** Codes of X.509 verification, as Node hands them on from OpenSSL. */
const untrustedHints: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED:
    "renew the server's certificate; if it is fresh, check the clock of this machine",
  CERT_NOT_YET_VALID: 'check the clocks of this machine and of the server',
  CERT_REVOKED: "replace the server's certificate",
  ERR_TLS_CERT_ALTNAME_INVALID:
    'use a name in the location that the certificate carries, or have the certificate issued for this name',
  HOSTNAME_MISMATCH:
    'use a name in the location that the certificate carries, or have the certificate issued for this name',
};
const unknownIssuerHint =
  'give the certificate of the authority that signed it with --cacert FILE (a vault shows its own with `sealift up`)';
const untrustedCodes = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** `authority` is host and port; errors that are ours already come back as they are. */
export function translateConnectionError(error: unknown, authority: string): unknown {
  if (error instanceof SealiftError) return error;
  const code = systemCodeOf(error);
  if (code === undefined) return error;
  const reason = opensslReasonOf(error);
  if (untrustedCodes.has(code)) {
    const hint = untrustedHints[code] ?? unknownIssuerHint;
    const names = namesOf(error);
    const issued = names === undefined ? '' : ` (it is for ${names})`;
    return connectionError(
      'tls/untrusted',
      `the certificate of ${authority} is not trusted${issued}`,
      {
        error,
        hint,
        fields: { authority, reason: code, ...(names === undefined ? {} : { names }) },
      },
    );
  }
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || reason !== undefined) {
    return handshakeError(error, authority, reason ?? code);
  }
  if (code.startsWith('HPE_')) {
    return connectionError('backend/protocol', `${authority} does not speak HTTP`, {
      error,
      hint: 'check host and port in the location, and whether it should begin with rest:https://',
      fields: { authority, reason: code },
    });
  }
  return connectionError('backend/unreachable', `${authority} cannot be reached`, {
    error,
    hint: unreachableHint(code),
    retryable: true,
    fields: { authority, reason: code },
  });
}

function handshakeError(error: unknown, authority: string, reason: string): SealiftError {
  const alert = alertOf(error);
  const fields = { authority, reason, ...(alert === undefined ? {} : { alert }) };
  // A record that did not decrypt is noise on the line or someone in it; a new connection may do.
  const retryable = alert === undefined && /bad record mac|decryption failed/i.test(reason);
  return connectionError('tls/handshake', `TLS with ${authority} failed`, {
    error,
    hint: handshakeHint(alert, reason, authority),
    retryable,
    fields,
  });
}

function handshakeHint(alert: string | undefined, reason: string, authority: string): string {
  const ask = `run \`sealift explain --server ${authority}\` to see what the server speaks`;
  if (alert !== undefined && clientCertificateAlerts.includes(alert)) {
    return 'the server wants another client certificate: give it with --tls-client-cert FILE, or enrol this machine again with `sealift enroll`';
  }
  if (alert === 'protocol_version' || /unsupported protocol|unsupported version/i.test(reason)) {
    return `client and server share no TLS version; ${ask}`;
  }
  if (alert === 'handshake_failure' || alert === 'insufficient_security') {
    return `client and server share no cipher suite, group or signature scheme; ${ask}`;
  }
  if (alert === 'unrecognized_name') return 'check the host name in the location';
  if (/wrong version number|http request|packet length too long/i.test(reason)) {
    return 'this port does not speak TLS: check the port, or write rest:http:// for a plain server';
  }
  return ask;
}

function unreachableHint(code: string): string {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'check the host name in the location and the name service of this machine';
    case 'ECONNREFUSED':
      return 'check that the server runs and that the port in the location is right';
    default:
      return 'check the network between this machine and the server';
  }
}

/** The names in the certificate that Node hands on with a mismatch: `DNS:a.example, IP Address:…`. */
function namesOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('cert' in error)) return undefined;
  const { cert } = error;
  if (typeof cert !== 'object' || cert === null || !('subjectaltname' in cert)) return undefined;
  return typeof cert.subjectaltname === 'string' ? cert.subjectaltname : undefined;
}

/** The name of the alert that the peer sent, from OpenSSL's text; undefined if it sent none. */
export function alertOf(error: unknown): string | undefined {
  const number = /SSL alert number (\d+)/.exec(messageOf(error))?.[1];
  if (number !== undefined) return alertNames[Number(number)] ?? `alert_${number}`;
  const words = / alert ([a-z ]+)$/i.exec(opensslReasonOf(error) ?? '')?.[1];
  return words?.toLowerCase().replaceAll(' ', '_');
}

/** `ssl/tls alert handshake failure`, `wrong version number`: OpenSSL's own words. */
function opensslReasonOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('reason' in error && typeof error.reason === 'string' && 'library' in error) {
    return error.reason;
  }
  return /:SSL routines:[^:]*:([^:]+):/.exec(messageOf(error))?.[1];
}

interface Particulars {
  readonly error: unknown;
  readonly hint: string;
  readonly retryable?: boolean;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

function connectionError(code: ErrorCode, problem: string, more: Particulars): SealiftError {
  return new SealiftError(code, `${problem}: ${oneLine(messageOf(more.error))}`, {
    hint: more.hint,
    retryable: more.retryable ?? false,
    cause: more.error,
    fields: more.fields,
  });
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
