/** rustls, which rustic and other programs in Rust use. */

import { alerts, texts, weightsOf } from './signature.ts';

const origin = { source: 'rustls', platform: 'any', prefix: 'rustls' } as const;

export const rustlsSignatures = [
  ...alerts(origin, [['alert', /received fatal alert: ([A-Z][A-Za-z]+)/, 'received', 'modern']]),
  ...texts(origin, [
    [
      'unknown-issuer',
      /invalid peer certificate: (?:UnknownIssuer|BadSignature)/,
      'certificate-untrusted',
      weightsOf.untrusted,
    ],
    [
      'expired',
      /invalid peer certificate: (?:Expired|certificate expired)/,
      'certificate-expired',
      weightsOf.expired,
    ],
    [
      'not-yet',
      /invalid peer certificate: (?:NotValidYet|certificate not valid yet)/,
      'certificate-not-yet-valid',
      weightsOf.notYetValid,
    ],
    [
      'name',
      /invalid peer certificate: (?:NotValidForName|certificate not valid for name)/,
      'certificate-name',
      weightsOf.name,
    ],
    [
      'old-server',
      /peer is incompatible: (?:ServerDoesNotSupportTls12Or13|SelectedUnofferedVersion)/,
      'server-version-refused',
      weightsOf.serverTooOld,
    ],
    [
      'eof',
      /tls handshake eof|peer closed connection without sending TLS close_notify/,
      'closed-in-handshake',
      weightsOf.closedInHandshake,
    ],
    ['corrupt', /received corrupt message of type InvalidContentType/, 'not-tls', weightsOf.notTls],
  ]),
];
