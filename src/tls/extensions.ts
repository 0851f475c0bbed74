/** TLS extensions: numbers and names. What each holds is read in hello.ts. */

import { formatCode } from './versions.ts';

export interface ExtensionEntry {
  readonly code: number;
  readonly name: string;
}

/** Source: IANA TLS ExtensionType values, and the historic ones still seen in hellos. */
export const extensionTable = [
  { code: 0, name: 'server_name' },
  { code: 1, name: 'max_fragment_length' },
  { code: 2, name: 'client_certificate_url' },
  { code: 3, name: 'trusted_ca_keys' },
  { code: 4, name: 'truncated_hmac' },
  { code: 5, name: 'status_request' },
  { code: 6, name: 'user_mapping' },
  { code: 7, name: 'client_authz' },
  { code: 8, name: 'server_authz' },
  { code: 9, name: 'cert_type' },
  { code: 10, name: 'supported_groups' },
  { code: 11, name: 'ec_point_formats' },
  { code: 12, name: 'srp' },
  { code: 13, name: 'signature_algorithms' },
  { code: 14, name: 'use_srtp' },
  { code: 15, name: 'heartbeat' },
  { code: 16, name: 'application_layer_protocol_negotiation' },
  { code: 17, name: 'status_request_v2' },
  { code: 18, name: 'signed_certificate_timestamp' },
  { code: 19, name: 'client_certificate_type' },
  { code: 20, name: 'server_certificate_type' },
  { code: 21, name: 'padding' },
  { code: 22, name: 'encrypt_then_mac' },
  { code: 23, name: 'extended_master_secret' },
  { code: 24, name: 'token_binding' },
  { code: 25, name: 'cached_info' },
  { code: 26, name: 'tls_lts' },
  { code: 27, name: 'compress_certificate' },
  { code: 28, name: 'record_size_limit' },
  { code: 29, name: 'pwd_protect' },
  { code: 30, name: 'pwd_clear' },
  { code: 31, name: 'password_salt' },
  { code: 32, name: 'ticket_pinning' },
  { code: 33, name: 'tls_cert_with_extern_psk' },
  { code: 34, name: 'delegated_credential' },
  { code: 35, name: 'session_ticket' },
  { code: 36, name: 'TLMSP_36' },
  { code: 37, name: 'TLMSP_37' },
  { code: 38, name: 'TLMSP_38' },
  { code: 39, name: 'supported_ekt_ciphers' },
  { code: 41, name: 'pre_shared_key' },
  { code: 42, name: 'early_data' },
  { code: 43, name: 'supported_versions' },
  { code: 44, name: 'cookie' },
  { code: 45, name: 'psk_key_exchange_modes' },
  { code: 47, name: 'certificate_authorities' },
  { code: 48, name: 'oid_filters' },
  { code: 49, name: 'post_handshake_auth' },
  { code: 50, name: 'signature_algorithms_cert' },
  { code: 51, name: 'key_share' },
  { code: 52, name: 'transparency_info' },
  { code: 54, name: 'connection_id' },
  { code: 55, name: 'external_id_hash' },
  { code: 56, name: 'external_session_id' },
  { code: 57, name: 'quic_transport_parameters' },
  { code: 58, name: 'ticket_request' },
  { code: 59, name: 'dnssec_chain' },
  { code: 60, name: 'sequence_number_encryption_algorithms' },
  { code: 61, name: 'rrc' },
  { code: 13172, name: 'next_protocol_negotiation' },
  { code: 17513, name: 'application_settings_old' },
  { code: 17613, name: 'application_settings' },
  { code: 30032, name: 'channel_id' },
  { code: 64768, name: 'ech_outer_extensions' },
  { code: 65037, name: 'encrypted_client_hello' },
  { code: 65281, name: 'renegotiation_info' },
  { code: 65486, name: 'encrypted_server_name' },
] as const satisfies readonly ExtensionEntry[];

export type ExtensionName = (typeof extensionTable)[number]['name'];

const byCode: ReadonlyMap<number, string> = new Map(
  extensionTable.map((entry): [number, string] => [entry.code, entry.name]),
);

/** Code of each extension by its registry name: `extensionCode.server_name` is 0. */
export const extensionCode = Object.fromEntries(
  extensionTable.map((entry) => [entry.name, entry.code]),
  // fromEntries forgets which keys it was given; the table has each name once (tested).
) as Readonly<Record<ExtensionName, number>>;

/** The registry's name, or the code in hexadecimal. */
export function extensionName(code: number): string {
  return byCode.get(code) ?? formatCode(code);
}
