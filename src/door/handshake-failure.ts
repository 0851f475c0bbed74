/** Why a handshake failed, from the error that Node's TLS gives: a reason for the ledger, and the alert. */

import { systemCodeOf } from '../base/errors.ts';
import type { AlertName } from '../tls/alerts.ts';
import { alertTable } from '../tls/alerts.ts';

export interface HandshakeFailure {
  /** `handshake/unknown_ca` for an alert of the client, `handshake/no_shared_cipher` for our own cause. */
  readonly reason: string;
  /** Sent by the client, or by us. */
  readonly alert: AlertName | undefined;
}

/** What OpenSSL sends for its own reason codes (ssl/statem and ssl/record, SSLfatal). */
const alertOfCause: Readonly<Record<string, AlertName>> = {
  unsupported_protocol: 'protocol_version',
  version_too_low: 'protocol_version',
  wrong_version_number: 'protocol_version',
  no_protocols_available: 'protocol_version',
  inappropriate_fallback: 'inappropriate_fallback',
  no_shared_cipher: 'handshake_failure',
  no_ciphers_specified: 'illegal_parameter',
  no_suitable_key_share: 'handshake_failure',
  no_shared_groups: 'handshake_failure',
  no_shared_signature_algorithms: 'handshake_failure',
  no_suitable_signature_algorithm: 'handshake_failure',
  missing_sigalgs_extension: 'missing_extension',
  missing_supported_groups_extension: 'missing_extension',
  no_application_protocol: 'no_application_protocol',
  peer_did_not_return_a_certificate: 'certificate_required',
  certificate_verify_failed: 'bad_certificate',
  decryption_failed_or_bad_record_mac: 'bad_record_mac',
  digest_check_failed: 'decrypt_error',
  bad_signature: 'decrypt_error',
  unexpected_message: 'unexpected_message',
  unexpected_record: 'unexpected_message',
  bad_record_type: 'unexpected_message',
  invalid_ccs_message: 'unexpected_message',
  bad_key_share: 'illegal_parameter',
  bad_ecpoint: 'illegal_parameter',
  bad_extension: 'decode_error',
  length_mismatch: 'decode_error',
  packet_length_too_long: 'record_overflow',
  data_length_too_long: 'record_overflow',
  binder_does_not_verify: 'illegal_parameter',
  renegotiation_mismatch: 'handshake_failure',
  unsafe_legacy_renegotiation_disabled: 'handshake_failure',
};

const connectionCauses: Readonly<Record<string, string>> = {
  ECONNRESET: 'closed',
  EPIPE: 'closed',
  ETIMEDOUT: 'timeout',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'timeout',
};

/** Names of alerts in OpenSSL's reason codes: `TLSV1_ALERT_UNKNOWN_CA`, `SSLV3_ALERT_BAD_CERTIFICATE`. */
const receivedAlert = /^ERR_SSL_(?:TLSV1|TLSV13|SSLV3)_(?:ALERT_)?(\w+)$/;

const alerts: ReadonlyMap<string, AlertName> = new Map(
  alertTable.map(({ name }): [string, AlertName] => [name, name]),
);

/** @param error of `tlsClientError`; anything is accepted */
export function handshakeFailure(error: unknown): HandshakeFailure {
  const code = systemCodeOf(error) ?? '';
  const received = receivedAlert.exec(code)?.[1]?.toLowerCase();
  const alert = received === undefined ? undefined : alerts.get(spellings[received] ?? received);
  if (alert !== undefined) return { reason: `handshake/${alert}`, alert };
  const cause = connectionCauses[code] ?? code.replace(/^ERR_SSL_/, '').toLowerCase();
  return { reason: `handshake/${cause === '' ? 'unknown' : cause}`, alert: alertOfCause[cause] };
}

/** Where OpenSSL's name of an alert is not the registry's. */
const spellings: Readonly<Record<string, string>> = {
  user_cancelled: 'user_canceled',
};
