/**
 * curl's exit codes, as `curl: (35) …` prints them, as scripts report them (`curl exit code 35`), and by
 * their names in libcurl; the words after them are the library's own.
 */

import { texts, weightsOf } from './signature.ts';

const origin = { source: 'curl', platform: 'any', prefix: 'curl' } as const;

function exit(number: number, ...names: readonly string[]): RegExp {
  const told = '(?:exit(?:ed)?|code|status|error|with|returned|failed|[:=])';
  const forms = [
    `curl(?:\\.exe)?: ?\\(${number}\\)`,
    `\\bcurl(?:\\.exe)?(?: ?${told}){0,4} ?${number}(?![\\w.])`,
    ...names.map((name) => `\\bCURLE_${name}\\b`),
  ];
  return new RegExp(forms.join('|'), 'i');
}

export const curlSignatures = texts(origin, [
  ['5', exit(5, 'COULDNT_RESOLVE_PROXY'), 'proxy', { proxy: 0.95 }],
  ['6', exit(6, 'COULDNT_RESOLVE_HOST'), 'name-not-resolved', weightsOf.dns],
  [
    '7',
    exit(7, 'COULDNT_CONNECT'),
    'connection-failed',
    { 'port-closed': 0.6, 'no-route': 0.3, 'port-filtered': 0.3 },
  ],
  ['28', exit(28, 'OPERATION_TIMEDOUT'), 'timeout', weightsOf.timeout],
  [
    '35',
    exit(35, 'SSL_CONNECT_ERROR'),
    'handshake-failed',
    { 'client-too-old': 0.35, 'no-common-suite': 0.3, 'something-between': 0.25 },
  ],
  [
    '52',
    exit(52, 'GOT_NOTHING'),
    'closed-in-handshake',
    { 'not-tls': 0.4, 'server-trouble': 0.35 },
  ],
  [
    '56',
    exit(56, 'RECV_ERROR'),
    'transfer-cut',
    { 'transfer-cut': 0.5, 'something-between': 0.3, 'client-certificate-needed': 0.2 },
  ],
  ['58', exit(58, 'SSL_CERTPROBLEM'), 'client-key', { 'client-key-unusable': 0.85 }],
  ['60', exit(60, 'PEER_FAILED_VERIFICATION'), 'certificate-bad', weightsOf.badCertificate],
  ['77', exit(77, 'SSL_CACERT_BADFILE'), 'certificate-untrusted', { 'untrusted-root': 0.85 }],
  ['91', exit(91, 'SSL_INVALIDCERTSTATUS'), 'revocation', weightsOf.revocation],
  [
    'tunnel',
    /CONNECT tunnel failed, response (?:407|403|502)|Received HTTP code \d+ from proxy after CONNECT|Proxy CONNECT aborted/i,
    'proxy',
    { proxy: 0.95, 'client-too-old': -0.6 },
  ],
  [
    'name',
    /no alternative certificate subject name matches target host|SSL: certificate subject name .* does not match target/i,
    'certificate-name',
    weightsOf.name,
  ],
  [
    'schannel-revocation',
    /revocation function was unable to check revocation|revocation server was offline/i,
    'revocation',
    weightsOf.revocation,
  ],
]);
