/**
 * Schannel: the events of the System log and the codes of SSPI and the certificate functions.
 * Windows Server 2008 R2 and Windows 10 word the same events differently; both are here.
 */

import { alerts, codes, texts, weightsOf } from './signature.ts';

const events = { source: 'schannel-events', platform: 'windows', prefix: 'schannel' } as const;
const sspi = { source: 'com', platform: 'windows', prefix: 'sspi' } as const;
const alertCodes = { ...sspi, source: 'schannel-alerts' } as const;

/** Most often with state 10013: a program that asks only for versions which are switched off. */
const clientCredential = {
  'local-versions-disabled': 0.5,
  'client-key-unusable': 0.45,
  'dotnet-old-default': 0.3,
} as const;

export const schannelEvents = [
  ...codes(events, [
    [36869, 'client-key', { 'client-key-unusable': 0.9 }],
    [36870, 'client-key', { 'client-key-unusable': 0.9 }],
    [36871, 'no-credential', clientCredential],
    [36872, 'client-certificate', { 'incomplete-chain': 0.7 }],
    [36873, 'no-common-algorithm', { 'local-versions-disabled': 0.6, 'no-common-suite': 0.55 }],
    [36874, 'no-shared-suite', { 'no-common-suite': 0.88, 'client-too-old': 0.3 }],
    [36875, 'client-certificate', { 'client-certificate-needed': 0.9 }],
    [36876, 'certificate-bad', weightsOf.badCertificate],
    [36877, 'certificate-bad', weightsOf.badCertificate],
    [36881, 'certificate-expired', weightsOf.expired],
    [36882, 'certificate-untrusted', weightsOf.untrusted],
    [36883, 'certificate-revoked', weightsOf.revoked],
    [36884, 'certificate-name', weightsOf.name],
    [36886, 'client-certificate', { 'incomplete-chain': 0.3 }],
    // Without the number of the alert they say only who complained.
    [36887, 'handshake-failed', { 'client-too-old': 0.45, 'no-common-suite': 0.4 }],
    [36888, 'handshake-failed', { 'no-common-suite': 0.4, 'client-too-old': 0.3 }],
    [36889, 'client-certificate', { 'incomplete-chain': 0.7 }],
  ]),
  ...alerts(events, [
    [
      'alert-received',
      /fatal alert was received(?: from the remote endpoint)?[^0-9]{0,80}?(\d{1,3})\b/i,
      'received',
    ],
    [
      'alert-received-zh',
      /接?收到了?(?:以下|一个)?(?:严重|致命)(?:警告|警报)[^0-9]{0,60}?(\d{1,3})/,
      'received',
    ],
    [
      'alert-sent',
      /fatal alert was generated(?: and sent to the remote endpoint)?[^0-9]{0,120}?(\d{1,3})\b/i,
      'sent',
    ],
    [
      'alert-sent-zh',
      /(?:生成了?|产生了?)(?:以下|一个)?(?:严重|致命)(?:警告|警报)[^0-9]{0,60}?(\d{1,3})/,
      'sent',
    ],
    // As a person copies it: "36887 70", "event 36887, alert code 70". No times, dates and addresses.
    ['alert-by-event', /\b36887\b[^0-9\r\n]{1,30}(\d{1,3})(?![\w:./-])/, 'received'],
    ['alert-by-own-event', /\b36888\b[^0-9\r\n]{1,30}(\d{1,3})(?![\w:./-])/, 'sent'],
    ['alert-desc', /AlertDesc['">\s:=]{1,6}(\d{1,3})\b/, 'received'],
  ]),
  ...texts(events, [
    [
      'state-10013',
      /internal error state is 10013|内部错误状态(?:为|是)\s*10013|\b36871\b[^0-9\r\n]{1,30}10013\b/i,
      'old-version-asked',
      { 'local-versions-disabled': 0.8, 'dotnet-old-default': 0.6, 'client-key-unusable': -0.5 },
    ],
    [
      'creating-credential',
      /fatal error occurred while (?:attempting to )?creat(?:ing|e) (?:a|an) (?:TLS|SSL) (?:client|server) credential|创建 (?:TLS|SSL) (?:客户端|服务器)凭据时/i,
      'no-credential',
      clientCredential,
    ],
    [
      'no-suites-for-request',
      /connection request was received from a remote client application, but none of the cipher suites supported by the client/i,
      'no-shared-suite',
      { 'no-common-suite': 0.88, 'client-too-old': 0.3 },
    ],
    [
      'no-suites-at-all',
      /No supported cipher suites were found when initiating an? (?:TLS|SSL) connection/i,
      'no-common-algorithm',
      { 'local-versions-disabled': 0.75, 'no-common-suite': 0.6 },
    ],
    [
      'private-key-access',
      /fatal error occurred when attempting to access the (?:TLS|SSL) (?:server|client) credential private key/i,
      'client-key',
      { 'client-key-unusable': 0.95 },
    ],
    [
      'server-certificate-bad',
      /certificate received from the remote server (?:has not validated correctly|was issued by an untrusted|has either expired|has been revoked|does not contain the expected name)/i,
      'certificate-bad',
      weightsOf.badCertificate,
    ],
  ]),
];

export const sspiSignatures = [
  ...codes(alertCodes, [
    [0x8009_0302, 'alert-received', { 'client-too-old': 0.85 }, 'SEC_E_UNSUPPORTED_FUNCTION'],
    [0x8009_0304, 'internal-error', { 'server-trouble': 0.6 }, 'SEC_E_INTERNAL_ERROR'],
    [
      0x8009_0308,
      'not-tls',
      { 'not-tls': 0.6, proxy: 0.3, 'client-too-old': 0.25, 'something-between': 0.25 },
      'SEC_E_INVALID_TOKEN',
    ],
    [0x8009_030c, 'access-denied', { 'access-denied': 0.7 }, 'SEC_E_LOGON_DENIED'],
    [
      0x8009_0326,
      'handshake-failed',
      {
        'no-common-suite': 0.65,
        'client-too-old': 0.35,
        'something-between': 0.2,
        'client-certificate-needed': 0.15,
      },
      'SEC_E_ILLEGAL_MESSAGE',
    ],
    [0x8009_0330, 'record-damaged', { 'corrupted-traffic': 0.5 }, 'SEC_E_DECRYPT_FAILURE'],
    [
      0x8009_0331,
      'no-common-algorithm',
      {
        'local-versions-disabled': 0.65,
        'no-common-suite': 0.5,
        'client-too-old': 0.42,
        'dotnet-old-default': 0.35,
      },
      'SEC_E_ALGORITHM_MISMATCH',
    ],
    [0x8009_030f, 'record-damaged', { 'corrupted-traffic': 0.8 }, 'SEC_E_MESSAGE_ALTERED'],
    [0x8009_0367, 'alpn', { 'alpn-mismatch': 0.95 }, 'SEC_E_APPLICATION_PROTOCOL_MISMATCH'],
  ]),
  ...codes(sspi, [
    [0x8009_030d, 'client-key', { 'client-key-unusable': 0.9 }, 'SEC_E_UNKNOWN_CREDENTIALS'],
    [
      0x8009_030e,
      'client-certificate',
      { 'client-certificate-needed': 0.5, 'client-key-unusable': 0.5 },
      'SEC_E_NO_CREDENTIALS',
    ],
    [
      0x8009_0320,
      'client-certificate',
      { 'client-certificate-needed': 0.85 },
      'SEC_I_INCOMPLETE_CREDENTIALS',
      'SEC_E_INCOMPLETE_CREDENTIALS',
    ],
    [0x8009_0322, 'certificate-name', weightsOf.name, 'SEC_E_WRONG_PRINCIPAL'],
    [0x8009_0325, 'certificate-untrusted', weightsOf.untrusted, 'SEC_E_UNTRUSTED_ROOT'],
    [0x8009_0327, 'certificate-bad', weightsOf.badCertificate, 'SEC_E_CERT_UNKNOWN'],
    [0x8009_0328, 'certificate-expired', weightsOf.expired, 'SEC_E_CERT_EXPIRED'],
    [0x8009_0324, 'clock', { 'clock-wrong': 0.95 }, 'SEC_E_TIME_SKEW'],
    [0x8009_0349, 'certificate-usage', weightsOf.usage, 'SEC_E_CERT_WRONG_USAGE'],
    [
      0x8009_035d,
      'no-common-algorithm',
      { 'local-versions-disabled': 0.6 },
      'SEC_E_INVALID_PARAMETER',
    ],
    [0x8009_2010, 'certificate-revoked', weightsOf.revoked, 'CRYPT_E_REVOKED'],
    [0x8009_2012, 'revocation', weightsOf.revocation, 'CRYPT_E_NO_REVOCATION_CHECK'],
    [0x8009_2013, 'revocation', weightsOf.revocation, 'CRYPT_E_REVOCATION_OFFLINE'],
    [0x8009_6004, 'certificate-weak', weightsOf.weakCertificate, 'TRUST_E_CERT_SIGNATURE'],
    [0x800b_0101, 'certificate-expired', weightsOf.dates, 'CERT_E_EXPIRED'],
    [0x800b_0109, 'certificate-untrusted', weightsOf.untrusted, 'CERT_E_UNTRUSTEDROOT'],
    [
      0x800b_010a,
      'incomplete-chain',
      { 'untrusted-root': 0.55, 'incomplete-chain': 0.5, 'tls-inspection': 0.25 },
      'CERT_E_CHAINING',
    ],
    [0x800b_0112, 'certificate-untrusted', weightsOf.untrusted, 'CERT_E_UNTRUSTEDCA'],
    [0x800b_010c, 'certificate-revoked', weightsOf.revoked, 'CERT_E_REVOKED'],
    [0x800b_010e, 'revocation', weightsOf.revocation, 'CERT_E_REVOCATION_FAILURE'],
    [0x800b_010f, 'certificate-name', weightsOf.name, 'CERT_E_CN_NO_MATCH'],
    [0x800b_0110, 'certificate-usage', weightsOf.usage, 'CERT_E_WRONG_USAGE'],
  ]),
  ...texts(sspi, [
    [
      'no-common-algorithm',
      /client and server cannot communicate, because they do not possess a common algorithm|客户端和服务器(?:无法|不能)通信，因为它们(?:没有|不具有|不具备)(?:共同的?|通用的?|公用的?|相同的?)算法/i,
      'no-common-algorithm',
      {
        'local-versions-disabled': 0.65,
        'no-common-suite': 0.5,
        'client-too-old': 0.42,
        'dotnet-old-default': 0.35,
      },
    ],
  ]),
];
