/** Python: the names that `ssl` puts in brackets before OpenSSL's words. */

import { alerts, texts, weightsOf } from './signature.ts';

const origin = { source: 'python', platform: 'openssl', prefix: 'python' } as const;

export const pythonSignatures = [
  ...alerts(origin, [
    ['alert', /\[SSL: (?:TLSV1|SSLV3|TLSV13|SSL\/TLS)_ALERT_([A-Z_]+)\]/, 'received'],
  ]),
  ...texts(origin, [
    [
      'eof',
      /\bSSLEOFError\b|\bSSLZeroReturnError\b|EOF occurred in violation of protocol/,
      'closed-in-handshake',
      weightsOf.closedInHandshake,
    ],
    [
      'name',
      /Hostname mismatch, certificate is not valid for|doesn't match either of/,
      'certificate-name',
      weightsOf.name,
    ],
  ]),
];
