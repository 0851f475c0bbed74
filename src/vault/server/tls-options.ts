/** How the vault speaks TLS: 1.2 as the minimum, 1.3 preferred, authenticated encryption only. */

import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { ServerMaterial } from '../certificates/server-certificate.ts';
import type { VaultConfig } from '../config.ts';

/** TLS 1.3 first; of 1.2 the six suites with ECDHE and an AEAD (RFC 9325 §4.2), as rest-server. */
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');

const classicGroups = 'X25519:P-256:P-384';
/** Best first; OpenSSL before 3.5 does not know the post-quantum one and refuses the whole list. */
const groupLists = [`X25519MLKEM768:${classicGroups}`, classicGroups, 'auto'];

/** Sessions may be resumed this long, in seconds. */
const sessionTimeout = 3600;

/** Key exchange groups that this Node offers, as its `ecdhCurve` option. */
export function supportedGroups(): string {
  return groupLists.find(isSupported) ?? 'auto';
}

/**
 * Options for `https.createServer` and `setSecureContext`.
 * @param material undefined for a server that has no certificate and so refuses every handshake
 */
export function serverTlsOptions(
  config: VaultConfig,
  material: ServerMaterial | undefined,
): SecureContextOptions {
  return {
    minVersion: `TLSv${config.tls.minVersion}`,
    ciphers,
    ecdhCurve: supportedGroups(),
    honorCipherOrder: true,
    sessionIdContext: 'sealift-vault',
    sessionTimeout,
    ...(material === undefined
      ? {}
      : { cert: material.chain, key: material.key, ca: material.clientCa }),
  };
}

function isSupported(ecdhCurve: string): boolean {
  try {
    createSecureContext({ ecdhCurve });
    return true;
  } catch {
    return false;
  }
}
