/** Java (JSSE), 6 to 25. */

import { alerts, texts, weightsOf } from './signature.ts';

const origin = { source: 'java', platform: 'java', prefix: 'java' } as const;

export const javaSignatures = [
  ...alerts(origin, [
    ['alert', /Received fatal alert: ([a-z_]+)/, 'received'],
    // As a debug line (javax.net.debug) before the exception.
    ['alert-sent', /(?:SEND TLSv1(?:\.\d)? ALERT|Fatal \(([A-Z_]+)\))/, 'sent'],
  ]),
  ...texts(origin, [
    [
      'closed',
      /Remote host (?:closed connection during|terminated the) handshake|SSL peer shut down incorrectly/,
      'closed-in-handshake',
      weightsOf.closedInHandshake,
    ],
    [
      'no-protocol',
      /No appropriate protocol \(protocol is disabled or cipher suites are inappropriate\)|No available (?:protocols|ciphers)/i,
      'no-local-version',
      weightsOf.noLocalVersion,
    ],
    [
      'server-version',
      /server selected protocol version \S+ is not accepted by client preferences/,
      'server-version-refused',
      weightsOf.serverTooOld,
    ],
    [
      'client-version',
      /client requested protocol \S+ (?:is not enabled or supported|not enabled or not supported)/i,
      'client-offers-old',
      { 'client-too-old': 0.92 },
    ],
    [
      'no-suites',
      /no cipher suites in common|Could not generate secret|no negotiable cipher suite/i,
      'no-shared-suite',
      weightsOf.noSuite,
    ],
    [
      'path-building',
      /PKIX path building failed|unable to find valid certification path to requested target/,
      'certificate-untrusted',
      weightsOf.untrusted,
    ],
    ['path-validation', /PKIX path validation failed/, 'certificate-bad', weightsOf.badCertificate],
    ['expired', /CertificateExpiredException/, 'certificate-expired', weightsOf.expired],
    [
      'not-yet',
      /CertificateNotYetValidException/,
      'certificate-not-yet-valid',
      weightsOf.notYetValid,
    ],
    [
      'name',
      /No subject alternative (?:DNS )?names? (?:matching|present)|No name matching \S+ found/i,
      'certificate-name',
      weightsOf.name,
    ],
    [
      'plaintext',
      /Unsupported or unrecognized SSL message|plaintext connection\?/,
      'not-tls',
      weightsOf.notTls,
    ],
    [
      'dh',
      /DH ServerKeyExchange does not comply to algorithm constraints|Could not generate DH keypair/,
      'dh-small',
      weightsOf.smallDh,
    ],
    [
      'constraints',
      /Algorithm constraints check failed|does not conform to algorithm constraints/,
      'certificate-weak',
      weightsOf.weakCertificate,
    ],
    [
      'trust-anchors',
      /trustAnchors parameter must be non-empty/,
      'certificate-untrusted',
      { 'untrusted-root': 0.95 },
    ],
  ]),
];
