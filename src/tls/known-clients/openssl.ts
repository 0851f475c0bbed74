/** OpenSSL before what this project could capture. */

import { tls10 } from '../versions.ts';
import type { KnownClient } from './known-client.ts';
import { documentedOffer, exampleServerName, suiteCodes } from './known-client.ts';

/** What s_client of 0.9.8 lists by default, SSLv2 off; the signal stands for RFC 5746. */
const suites = `
  DHE-RSA-AES256-SHA DHE-DSS-AES256-SHA AES256-SHA
  TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA TLS_DHE_DSS_WITH_3DES_EDE_CBC_SHA TLS_RSA_WITH_3DES_EDE_CBC_SHA
  DHE-RSA-AES128-SHA DHE-DSS-AES128-SHA AES128-SHA
  TLS_RSA_WITH_IDEA_CBC_SHA TLS_RSA_WITH_RC4_128_SHA TLS_RSA_WITH_RC4_128_MD5
  TLS_DHE_RSA_WITH_DES_CBC_SHA TLS_DHE_DSS_WITH_DES_CBC_SHA TLS_RSA_WITH_DES_CBC_SHA
  TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA TLS_DHE_DSS_EXPORT_WITH_DES40_CBC_SHA
  TLS_RSA_EXPORT_WITH_DES40_CBC_SHA TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5
  TLS_RSA_EXPORT_WITH_RC4_40_MD5 TLS_EMPTY_RENEGOTIATION_INFO_SCSV`;

export const opensslClients: readonly KnownClient[] = [
  {
    id: 'openssl-0.9.8',
    name: 'OpenSSL 0.9.8',
    family: 'openssl',
    source: 'SSL Labs, user agent capabilities of OpenSSL 0.9.8y',
    evidence: 'documented',
    offer: documentedOffer({
      legacyVersion: tls10,
      cipherSuites: suiteCodes(suites),
      serverName: exampleServerName,
      sessionTicket: 'empty',
      secureRenegotiation: true,
    }),
  },
];
