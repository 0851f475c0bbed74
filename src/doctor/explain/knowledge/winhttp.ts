/** WinHTTP and WinINet: numbers from 12000 on; as HRESULT they follow 0x80070000. */

import { codes, texts, weightsOf } from './signature.ts';

const origin = { source: 'winhttp', platform: 'windows', prefix: 'winhttp' } as const;

export const winhttpSignatures = [
  ...codes({ ...origin, win32: true }, [
    [12002, 'timeout', weightsOf.timeout, 'ERROR_WINHTTP_TIMEOUT', 'ERROR_INTERNET_TIMEOUT'],
    [
      12007,
      'name-not-resolved',
      weightsOf.dns,
      'ERROR_WINHTTP_NAME_NOT_RESOLVED',
      'ERROR_INTERNET_NAME_NOT_RESOLVED',
    ],
    [
      12029,
      'connection-failed',
      { 'port-filtered': 0.5, 'port-closed': 0.4, proxy: 0.3, 'client-too-old': 0.2 },
      'ERROR_WINHTTP_CANNOT_CONNECT',
      'ERROR_INTERNET_CANNOT_CONNECT',
    ],
    [
      12030,
      'closed-in-handshake',
      { 'client-too-old': 0.6, 'something-between': 0.35, 'no-common-suite': 0.2 },
      'ERROR_WINHTTP_CONNECTION_ERROR',
      'ERROR_INTERNET_CONNECTION_ABORTED',
    ],
    [12031, 'reset', weightsOf.reset, 'ERROR_INTERNET_CONNECTION_RESET'],
    [
      12037,
      'certificate-expired',
      weightsOf.dates,
      'ERROR_WINHTTP_SECURE_CERT_DATE_INVALID',
      'ERROR_INTERNET_SEC_CERT_DATE_INVALID',
    ],
    [
      12038,
      'certificate-name',
      weightsOf.name,
      'ERROR_WINHTTP_SECURE_CERT_CN_INVALID',
      'ERROR_INTERNET_SEC_CERT_CN_INVALID',
    ],
    [
      12044,
      'client-certificate',
      { 'client-certificate-needed': 0.95 },
      'ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED',
      'ERROR_INTERNET_CLIENT_AUTH_CERT_NEEDED',
    ],
    [
      12045,
      'certificate-untrusted',
      weightsOf.untrusted,
      'ERROR_WINHTTP_SECURE_INVALID_CA',
      'ERROR_INTERNET_INVALID_CA',
    ],
    [12055, 'certificate-bad', weightsOf.badCertificate, 'ERROR_INTERNET_SEC_CERT_ERRORS'],
    [12056, 'revocation', weightsOf.revocation, 'ERROR_INTERNET_SEC_CERT_NO_REV'],
    [
      12057,
      'revocation',
      weightsOf.revocation,
      'ERROR_WINHTTP_SECURE_CERT_REV_FAILED',
      'ERROR_INTERNET_SEC_CERT_REV_FAILED',
    ],
    [
      12152,
      'not-tls',
      { 'not-tls': 0.7, proxy: 0.4 },
      'ERROR_WINHTTP_INVALID_SERVER_RESPONSE',
      'ERROR_HTTP_INVALID_SERVER_RESPONSE',
    ],
    [
      12157,
      'handshake-failed',
      { 'client-too-old': 0.5, 'no-common-suite': 0.4, 'local-versions-disabled': 0.35 },
      'ERROR_WINHTTP_SECURE_CHANNEL_ERROR',
      'ERROR_INTERNET_SECURITY_CHANNEL_ERROR',
    ],
    [
      12169,
      'certificate-bad',
      weightsOf.badCertificate,
      'ERROR_WINHTTP_SECURE_INVALID_CERT',
      'ERROR_INTERNET_SEC_INVALID_CERT',
    ],
    [
      12170,
      'certificate-revoked',
      weightsOf.revoked,
      'ERROR_WINHTTP_SECURE_CERT_REVOKED',
      'ERROR_INTERNET_SEC_CERT_REVOKED',
    ],
    [
      // Certificate trouble by its definition; on Windows 7 and 2008 R2 also what an offer without
      // TLS 1.2 comes back as.
      12175,
      'security-error',
      {
        'client-too-old': 0.5,
        'clock-wrong': 0.42,
        'untrusted-root': 0.42,
        'tls-inspection': 0.25,
        'certificate-expired': 0.2,
      },
      'ERROR_WINHTTP_SECURE_FAILURE',
      'ERROR_INTERNET_DECODING_FAILED',
    ],
    [12178, 'proxy', { proxy: 0.85 }, 'ERROR_WINHTTP_AUTO_PROXY_SERVICE_ERROR'],
    [12180, 'proxy', { proxy: 0.85 }, 'ERROR_WINHTTP_AUTODETECTION_FAILED'],
    [12167, 'proxy', { proxy: 0.85 }, 'ERROR_WINHTTP_UNABLE_TO_DOWNLOAD_SCRIPT'],
    [12179, 'certificate-usage', weightsOf.usage, 'ERROR_WINHTTP_SECURE_CERT_WRONG_USAGE'],
    [
      12185,
      'client-key',
      { 'client-key-unusable': 0.9 },
      'ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY',
    ],
    [
      12186,
      'client-key',
      { 'client-key-unusable': 0.95 },
      'ERROR_WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY',
    ],
  ]),
  ...texts(origin, [
    [
      'security-error',
      /\ba security error occurred\b|发生了安全错误|出现安全错误/i,
      'security-error',
      {
        'client-too-old': 0.5,
        'clock-wrong': 0.42,
        'untrusted-root': 0.42,
        'tls-inspection': 0.25,
      },
    ],
    [
      'terminated-abnormally',
      /connection with the server was (?:terminated abnormally|reset)|与服务器的连接(?:异常终止|被重置)/i,
      'closed-in-handshake',
      { 'client-too-old': 0.6, 'something-between': 0.35, 'no-common-suite': 0.2 },
    ],
  ]),
];
