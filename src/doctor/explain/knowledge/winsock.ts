/** Sockets: Winsock's numbers and names, and the same conditions as POSIX systems name them. */

import { codes, texts, weightsOf } from './signature.ts';

const winsock = { source: 'winsock', platform: 'windows', prefix: 'winsock' } as const;
const posix = { source: 'winsock', platform: 'any', prefix: 'socket' } as const;

export const winsockSignatures = [
  ...codes({ ...winsock, win32: true }, [
    [10013, 'security-error', { 'local-software': 0.5 }, 'WSAEACCES'],
    [10051, 'unreachable', weightsOf.unreachable, 'WSAENETUNREACH'],
    [
      10053,
      'aborted-locally',
      { 'local-software': 0.5, 'transfer-cut': 0.3, 'something-between': 0.2 },
      'WSAECONNABORTED',
    ],
    [10054, 'reset', weightsOf.reset, 'WSAECONNRESET'],
    [10060, 'timeout', weightsOf.timeout, 'WSAETIMEDOUT'],
    [10061, 'refused', weightsOf.refused, 'WSAECONNREFUSED'],
    [10065, 'unreachable', weightsOf.unreachable, 'WSAEHOSTUNREACH'],
    [11001, 'name-not-resolved', weightsOf.dns, 'WSAHOST_NOT_FOUND'],
    [11002, 'name-not-resolved', weightsOf.dns, 'WSATRY_AGAIN'],
    [11004, 'name-not-resolved', weightsOf.dns, 'WSANO_DATA'],
  ]),
  ...texts(winsock, [
    [
      'forcibly-closed',
      /existing connection was forcibly closed by the remote host|(?:远程主机)?强迫关闭了一个现有的连接/i,
      'reset',
      weightsOf.reset,
    ],
    [
      'actively-refused',
      /target machine actively refused|目标计算机积极拒绝/i,
      'refused',
      weightsOf.refused,
    ],
    [
      'did-not-respond',
      /connected party did not properly respond after a period of time|连接方在一段时间后没有正确答复|连接的主机没有反应/i,
      'timeout',
      weightsOf.timeout,
    ],
    [
      'aborted-by-software',
      /established connection was aborted by the software in your host machine|你的主机中的软件中止了一个已建立的连接|您的主机中的软件中止了一个已建立的连接/i,
      'aborted-locally',
      { 'local-software': 0.5, 'transfer-cut': 0.3, 'something-between': 0.2 },
    ],
    [
      'no-such-host',
      /No such host is known|remote name could not be resolved|不知道这样的主机|未能解析此远程名称/i,
      'name-not-resolved',
      weightsOf.dns,
    ],
  ]),
  ...texts(posix, [
    ['reset', /\bECONNRESET\b|connection reset(?: by peer)?\b/i, 'reset', weightsOf.reset],
    ['refused', /\bECONNREFUSED\b|connection refused\b/i, 'refused', weightsOf.refused],
    [
      'timed-out',
      /\bETIMEDOUT\b|connection timed out\b|i\/o timeout\b|connect timed out\b/i,
      'timeout',
      weightsOf.timeout,
    ],
    [
      'unreachable',
      /\b(?:EHOSTUNREACH|ENETUNREACH)\b|no route to host\b|network is unreachable\b/i,
      'unreachable',
      weightsOf.unreachable,
    ],
    [
      'not-found',
      /\b(?:ENOTFOUND|EAI_AGAIN|EAI_NONAME)\b|could not resolve host\b|name or service not known\b|temporary failure in name resolution\b|no such host\b|UnknownHostException/i,
      'name-not-resolved',
      weightsOf.dns,
    ],
    [
      'broken-pipe',
      /\bEPIPE\b|broken pipe\b|\bECONNABORTED\b/i,
      'transfer-cut',
      { 'transfer-cut': 0.5, 'something-between': 0.3, 'client-certificate-needed': 0.15 },
    ],
  ]),
];
