/** Every signature, by who writes it. */

import { curlSignatures } from './curl.ts';
import { dotnetSignatures } from './dotnet.ts';
import { gnutlsSignatures } from './gnutls.ts';
import { goSignatures } from './go.ts';
import { javaSignatures } from './java.ts';
import { marsSignatures, marsTimeouts } from './mars.ts';
import { nodeSignatures } from './node.ts';
import { opensslSignatures } from './openssl.ts';
import { pythonSignatures } from './python.ts';
import { resticSignatures } from './restic.ts';
import { rustlsSignatures } from './rustls.ts';
import { schannelEvents, sspiSignatures } from './schannel.ts';
import type { Signature } from './signature.ts';
import { winhttpSignatures } from './winhttp.ts';
import { winsockSignatures } from './winsock.ts';

export const signatures: readonly Signature[] = [
  ...winsockSignatures,
  ...winhttpSignatures,
  ...schannelEvents,
  ...sspiSignatures,
  ...marsSignatures,
  ...marsTimeouts,
  ...opensslSignatures,
  ...gnutlsSignatures,
  ...dotnetSignatures,
  ...javaSignatures,
  ...goSignatures,
  ...resticSignatures,
  ...curlSignatures,
  ...nodeSignatures,
  ...pythonSignatures,
  ...rustlsSignatures,
];
