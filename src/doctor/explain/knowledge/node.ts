/** Node.js: the codes of its errors. Those of alerts are `ERR_SSL_…_ALERT_<NAME>`. */

import { alerts, texts, weightsOf } from './signature.ts';

const origin = { source: 'node', platform: 'node', prefix: 'node' } as const;

export const nodeSignatures = [
  ...alerts(origin, [
    ['alert', /\bERR_SSL_(?:TLSV1|SSLV3|TLSV13|SSL\/TLS|TLSV1\.3)_ALERT_([A-Z_]+)/, 'received'],
    ['alert-name', /\bERR_SSL_TLSV1_(UNRECOGNIZED_NAME|UNSUPPORTED_EXTENSION)\b/, 'received'],
  ]),
  ...texts(origin, [
    [
      'disconnected',
      /Client network socket disconnected before secure TLS connection was established|socket hang up/,
      'closed-in-handshake',
      weightsOf.closedInHandshake,
    ],
    ['altname', /\bERR_TLS_CERT_ALTNAME_INVALID\b/, 'certificate-name', weightsOf.name],
    ['expired', /\bCERT_HAS_EXPIRED\b/, 'certificate-expired', weightsOf.expired],
    ['not-yet', /\bCERT_NOT_YET_VALID\b/, 'certificate-not-yet-valid', weightsOf.notYetValid],
    ['revoked', /\bCERT_REVOKED\b/, 'certificate-revoked', weightsOf.revoked],
    [
      'no-issuer',
      /\bUNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?\b/,
      'certificate-untrusted',
      weightsOf.untrusted,
    ],
    [
      'first-certificate',
      /\bUNABLE_TO_VERIFY_LEAF_SIGNATURE\b/,
      'incomplete-chain',
      { 'untrusted-root': 0.62, 'incomplete-chain': 0.5, 'tls-inspection': 0.3 },
    ],
    [
      'self-signed',
      /\b(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)\b/,
      'certificate-self-signed',
      weightsOf.selfSigned,
    ],
    [
      'range',
      /\bERR_TLS_INVALID_PROTOCOL_VERSION\b|\bERR_TLS_PROTOCOL_VERSION_CONFLICT\b/,
      'no-local-version',
      weightsOf.noLocalVersion,
    ],
    [
      'not-http',
      /\bHPE_INVALID_(?:CONSTANT|VERSION)\b|Parse Error: Expected HTTP\//,
      'not-tls',
      { 'not-tls': 0.85 },
    ],
  ]),
];
