/** GnuTLS: gnutls-cli, and programs of Debian that use it (wget, apt, curl's GnuTLS build). */

import { alerts, texts, weightsOf } from './signature.ts';

const origin = { source: 'gnutls', platform: 'openssl', prefix: 'gnutls' } as const;

export const gnutlsSignatures = [
  ...alerts(origin, [['alert', /Received alert \[(\d{1,3})\]/, 'received']]),
  ...texts(origin, [
    [
      'fatal-alert',
      /A TLS (?:fatal|warning) alert has been received/,
      'handshake-failed',
      { 'no-common-suite': 0.3, 'client-too-old': 0.3 },
    ],
    [
      'unsupported-version',
      /A packet with illegal or unsupported version was received|GNUTLS_E_UNSUPPORTED_VERSION_PACKET/,
      'server-version-refused',
      { 'server-too-old': 0.75, 'not-tls': 0.35 },
    ],
    [
      'no-suite',
      /Could not negotiate a supported cipher suite|GNUTLS_E_UNKNOWN_CIPHER_SUITE|No supported cipher suites have been found/,
      'no-shared-suite',
      weightsOf.noSuite,
    ],
    [
      'no-version',
      /No or insufficient priorities were set|GNUTLS_E_NO_PRIORITIES_WERE_SET/,
      'no-local-version',
      weightsOf.noLocalVersion,
    ],
    [
      'premature',
      /The TLS connection was non-properly terminated|GNUTLS_E_PREMATURE_TERMINATION|Error in the pull function/,
      'closed-in-handshake',
      weightsOf.closedInHandshake,
    ],
    [
      'unexpected-packet',
      /An unexpected TLS packet was received|GNUTLS_E_UNEXPECTED_PACKET\b|A record packet with illegal version was received|A TLS record packet with invalid length was received/,
      'not-tls',
      weightsOf.notTls,
    ],
    [
      'issuer-unknown',
      /The certificate issuer is unknown|certificate is NOT trusted\.(?! The (?:certificate chain uses|name))/,
      'certificate-untrusted',
      weightsOf.untrusted,
    ],
    [
      'expired',
      /The certificate chain uses expired certificate|certificate is expired/,
      'certificate-expired',
      weightsOf.expired,
    ],
    [
      'not-yet',
      /The certificate chain uses not yet valid certificate|certificate is not yet activated/,
      'certificate-not-yet-valid',
      weightsOf.notYetValid,
    ],
    [
      'name',
      /The name in the certificate does not match the expected/,
      'certificate-name',
      weightsOf.name,
    ],
    [
      'insecure',
      /The certificate chain uses insecure algorithm/,
      'certificate-weak',
      weightsOf.weakCertificate,
    ],
    [
      'dh',
      /The Diffie-Hellman prime sent by the server is not acceptable/,
      'dh-small',
      weightsOf.smallDh,
    ],
  ]),
];
