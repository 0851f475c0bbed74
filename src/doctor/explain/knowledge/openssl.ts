/**
 * OpenSSL, whoever prints it (openssl, curl, Node, Python, Ruby, PHP). Its wording changes between
 * versions ("sslv3 alert" became "ssl/tls alert"), so an alert is found by number or by name.
 */

import { alerts, texts, weightsOf } from './signature.ts';

const origin = { source: 'openssl', platform: 'openssl', prefix: 'openssl' } as const;

/**
 * `SSL routines` may be missing, and words may be joined by blanks, hyphens or underscores; Node makes a
 * name of them. A library without its texts prints the number alone: `error:0A000102:lib(20)::reason(258)`,
 * before OpenSSL 3 with the number of a function in it, `error:14094102`.
 * @param code of the reason, three hexadecimal digits
 */
function reason(words: string, code: string): RegExp {
  const names = `(?:\\b|ERR_SSL_)${words.replaceAll(' ', '[ _-]')}\\b`;
  return new RegExp(`${names}|\\b0A000${code}\\b|\\berror:14[0-9A-F]{3}${code}\\b`, 'i');
}

const alertNames =
  'close[ _]notify|unexpected[ _]message|bad[ _]record[ _]mac|record[ _]overflow|handshake[ _]failure|' +
  'bad[ _]certificate|unsupported[ _]certificate|certificate[ _](?:revoked|expired|unknown|required)|' +
  'illegal[ _]parameter|unknown[ _]ca|access[ _]denied|decode[ _]error|decrypt[ _]error|' +
  'protocol[ _]version|insufficient[ _]security|internal[ _]error|inappropriate[ _]fallback|' +
  'no[ _]renegotiation|missing[ _]extension|unsupported[ _]extension|unrecognized[ _]name|' +
  'bad[ _]certificate[ _]status[ _]response|unknown[ _]psk[ _]identity|no[ _]application[ _]protocol';

export const opensslSignatures = [
  ...alerts(origin, [
    ['alert-number', /SSL alert number (\d{1,3})\b/i, 'received'],
    // The number of a reason: 1000 more than that of the alert.
    [
      'alert-packed',
      /\b(0A000[34][0-9A-F]{2}|(?<=error:)14[0-9A-F]{3}[34][0-9A-F]{2})\b/i,
      'received',
    ],
    [
      'alert-name',
      new RegExp(
        `(?<!ERR_SSL_)(?:tlsv1|sslv3|tlsv13|ssl/tls|tlsv1\\.3)[ _]alert[ _](${alertNames})\\b`,
        'i',
      ),
      'received',
    ],
    ['alert-unnamed', /tlsv1[ _](unrecognized[ _]name|unsupported[ _]extension)\b/i, 'received'],
    // -trace and -msg of s_client, and the info lines of curl -v.
    ['alert-trace', new RegExp(`alert: fatal:(${alertNames.replaceAll('[ _]', ' ')})`), 'received'],
    [
      'alert-curl-in',
      new RegExp(`\\(IN\\), TLS alert, (${alertNames.replaceAll('[ _]', ' ')}) \\(`, 'i'),
      'received',
    ],
  ]),
  ...texts(origin, [
    [
      'unsupported-protocol',
      reason('unsupported protocol', '102'),
      'server-version-refused',
      weightsOf.serverTooOld,
    ],
    [
      'wrong-version-number',
      reason('wrong version number', '10B'),
      'not-tls',
      { ...weightsOf.notTls, 'server-too-old': 0.1 },
    ],
    [
      'http-request',
      /\bhttp request\b(?=:|$)|:http request:|HTTP_REQUEST\b|\b0A00009C\b/,
      'not-tls',
      weightsOf.notTls,
    ],
    ['packet-length', reason('packet length too long', '0C6'), 'not-tls', weightsOf.notTls],
    [
      'no-protocols',
      reason('no protocols available', '0BF'),
      'no-local-version',
      weightsOf.noLocalVersion,
    ],
    [
      'no-ciphers',
      /(?:\b|ERR_SSL_)no[ _]ciphers?[ _](?:available|match)\b|\b0A0000B5\b/i,
      'no-local-version',
      { 'local-versions-disabled': 0.85 },
    ],
    [
      'legacy-sigalg',
      reason('legacy sigalg disallowed or unsupported', '14D'),
      'server-version-refused',
      { 'server-too-old': 0.8, 'weak-certificate': 0.4 },
    ],
    [
      'wrong-signature-type',
      /\b(?:wrong[ _]signature[ _]type|no[ _]suitable[ _]signature[ _]algorithm|no[ _]shared[ _]signature[ _]algori[th]ms)\b/i,
      'no-shared-suite',
      { 'no-common-suite': 0.8 },
    ],
    ['no-shared-cipher', reason('no shared cipher', '0C1'), 'no-shared-suite', weightsOf.noSuite],
    [
      'no-shared-group',
      /\bno[ _](?:suitable[ _]key[ _]share|shared[ _]groups?)\b/i,
      'no-shared-suite',
      weightsOf.noSuite,
    ],
    [
      'dh-small',
      /\bdh key too small\b|DH_KEY_TOO_SMALL|\b0A00018A\b|modulus[ _]too[ _]small/i,
      'dh-small',
      weightsOf.smallDh,
    ],
    [
      'key-weak',
      /\b(?:ee|ca)[ _](?:certificate )?key[ _]too[ _](?:small|weak)\b|\bkey too weak\b|\b0A00018[DF]\b/i,
      'certificate-weak',
      weightsOf.weakCertificate,
    ],
    [
      'digest-weak',
      /CA signature digest algorithm too weak|\bca[ _]md[ _]too[ _]weak\b|\b0A00018E\b/i,
      'certificate-weak',
      weightsOf.weakCertificate,
    ],
    [
      'renegotiation',
      reason('unsafe legacy renegotiation disabled', '152'),
      'renegotiation',
      weightsOf.renegotiation,
    ],
    [
      'unexpected-eof',
      reason('unexpected eof while reading', '126'),
      'closed-in-handshake',
      weightsOf.closedInHandshake,
    ],
    // "handshake failure" of the library itself: nothing or nonsense came instead of a hello.
    [
      'handshake-failure-eof',
      /ssl handshake failure:s3_pkt|SSL_ERROR_SYSCALL in connection/i,
      'closed-in-handshake',
      weightsOf.closedInHandshake,
    ],
    [
      'nothing-read',
      /SSL handshake has read 0 bytes|no peer certificate available/i,
      'handshake-failed',
      { 'client-too-old': 0.25, 'something-between': 0.15, 'no-common-suite': 0.15 },
    ],
    ['expired', /\bcertificate has expired\b/i, 'certificate-expired', weightsOf.expired],
    [
      'not-yet-valid',
      /\bcertificate is not yet valid\b/i,
      'certificate-not-yet-valid',
      weightsOf.notYetValid,
    ],
    [
      'no-local-issuer',
      /unable to get (?:local )?issuer certificate/i,
      'certificate-untrusted',
      weightsOf.untrusted,
    ],
    [
      'first-certificate',
      /unable to verify the first certificate/i,
      'incomplete-chain',
      { 'incomplete-chain': 0.6, 'untrusted-root': 0.55, 'tls-inspection': 0.3 },
    ],
    [
      'self-signed',
      /self[- ]signed certificate(?: in certificate chain)?/i,
      'certificate-self-signed',
      weightsOf.selfSigned,
    ],
    [
      'verify-failed',
      /certificate[ _]verify[ _]failed|\b0A000086\b|\berror:14[0-9A-F]{3}086\b/i,
      'certificate-bad',
      { ...weightsOf.badCertificate, 'untrusted-root': 0.35 },
    ],
    [
      'hostname',
      /hostname mismatch|Hostname\/IP does not match certificate|certificate is not valid for '/i,
      'certificate-name',
      weightsOf.name,
    ],
    ['revoked', /certificate revoked\b/i, 'certificate-revoked', { 'certificate-revoked': 0.8 }],
    [
      'bad-mac',
      /decryption failed or bad record mac/i,
      'record-damaged',
      { 'corrupted-traffic': 0.85 },
    ],
    [
      'purpose',
      /unsupported certificate purpose|unsuitable certificate purpose/i,
      'certificate-usage',
      weightsOf.usage,
    ],
  ]),
];
