/** restic and rclone around the messages of Go, which say the rest. */

import { texts } from './signature.ts';

const origin = { source: 'restic', platform: 'any', prefix: 'restic' } as const;

export const resticSignatures = texts(origin, [
  [
    'transfer',
    /(?:Save|Load)\(<(?:data|index)\/[0-9a-f]+>[^\r\n]*\) returned error, retrying after/,
    'transfer-cut',
    { 'transfer-cut': 0.4, 'server-trouble': 0.2 },
  ],
  [
    'server-error',
    /(?:server response unexpected|unexpected HTTP response \(5\d\d\)): 5?\d*|HTTP\/[12](?:\.\d)? 5\d\d /,
    'internal-error',
    { 'server-trouble': 0.8, 'client-too-old': -0.8 },
  ],
  [
    'unauthorized',
    /unexpected HTTP response \(40[13]\)|server response unexpected: 40[13]/,
    'access-denied',
    { 'access-denied': 0.9, 'client-too-old': -0.8 },
  ],
]);
