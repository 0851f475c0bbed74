/** Go: crypto/tls and crypto/x509, on either side. restic, rclone, kopia and many agents speak so. */

import { alerts, texts, weightsOf } from './signature.ts';

const origin = { source: 'go', platform: 'openssl', prefix: 'go' } as const;
const server = { ...origin, platform: 'server' } as const;

export const goSignatures = [
  ...alerts(server, [
    ['server-alert', /TLS handshake error from \S+: remote error: tls: ([a-z A-Z]+)/, 'at-server'],
  ]),
  ...alerts(origin, [
    [
      'alert',
      /(?<!TLS handshake error from \S{1,60}: )remote error: tls: ([a-z A-Z]+)/,
      'received',
      'modern',
    ],
    ['local-alert', /local error: tls: ([a-z A-Z]+)/, 'sent'],
  ]),
  ...texts(origin, [
    [
      'server-version',
      /tls: server selected unsupported protocol version/,
      'server-version-refused',
      weightsOf.serverTooOld,
    ],
    [
      'client-versions',
      /tls: client offered only unsupported versions/,
      'client-offers-old',
      { 'client-too-old': 0.95 },
    ],
    [
      'no-suite',
      /tls: no cipher suite supported by both client and server|tls: server chose an unconfigured cipher suite|tls: no mutually supported|tls: no ECDHE curve supported by both/,
      'no-shared-suite',
      weightsOf.noSuite,
    ],
    [
      'no-version',
      /tls: no supported versions satisfy MinVersion and MaxVersion/,
      'no-local-version',
      weightsOf.noLocalVersion,
    ],
    [
      'not-tls',
      /tls: first record does not look like a TLS handshake|tls: received record with version [0-9a-f]+ when expecting|http: server gave HTTP response to HTTPS client/,
      'not-tls',
      weightsOf.notTls,
    ],
    [
      'unknown-authority',
      /x509: certificate signed by unknown authority|x509: “.*” certificate is not trusted/,
      'certificate-untrusted',
      weightsOf.untrusted,
    ],
    [
      'expired',
      /x509: certificate has expired or is not yet valid(?!: current time \S+ is before)/,
      'certificate-expired',
      weightsOf.expired,
    ],
    [
      'not-yet',
      /x509: certificate has expired or is not yet valid: current time \S+ is before/,
      'certificate-not-yet-valid',
      weightsOf.notYetValid,
    ],
    [
      'name',
      /x509: certificate is (?:valid for .+, not|not valid for any names)|x509: cannot validate certificate for|x509: certificate relies on legacy Common Name/,
      'certificate-name',
      weightsOf.name,
    ],
    [
      'weak',
      /x509: cannot verify signature: insecure algorithm|tls: invalid signature by the server certificate/,
      'certificate-weak',
      weightsOf.weakCertificate,
    ],
    [
      'usage',
      /x509: certificate specifies an incompatible key usage/,
      'certificate-usage',
      weightsOf.usage,
    ],
    [
      'client-certificate',
      /tls: client didn't provide a certificate/,
      'client-certificate',
      { 'client-certificate-needed': 0.95 },
    ],
    [
      'eof',
      /(?:Get|Post|Head|Put|Delete|dial|handshake)\b[^\r\n]{0,300}: (?:unexpected )?EOF\b/,
      'closed-in-handshake',
      { ...weightsOf.closedInHandshake, 'transfer-cut': 0.25 },
    ],
    [
      'handshake-timeout',
      /net\/http: TLS handshake timeout|context deadline exceeded/,
      'timeout',
      { 'something-between': 0.5, 'port-filtered': 0.4, 'server-trouble': 0.2 },
    ],
  ]),
];
