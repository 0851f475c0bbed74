/**
 * .NET: on Windows its TLS is Schannel's, and what matters is the version that the program targets
 * (not the one that is installed) and the Windows below it; elsewhere it is OpenSSL's.
 */

import { tls10, tls12, tls13 } from '../versions.ts';
import type { KnownClient } from './known-client.ts';
import { documentedOffer, exampleServerName, suiteCodes } from './known-client.ts';
import type { SchannelCaller, SchannelRelease } from './schannel.ts';
import { schannelOffer, schannelReleases } from './schannel.ts';

const frameworkSource =
  'Microsoft: Transport Layer Security best practices with .NET Framework; Protocols in TLS/SSL (Schannel SSP)';

/** Target 4.0 to 4.5.2: SSL 3.0 and TLS 1.0, whatever Windows can do. */
const upTo452: SchannelCaller = { max: tls10 };
/** Target 4.6 to 4.6.2: TLS 1.0 to 1.2 by name, so that it gets 1.2 where it is off by default. */
const upTo462: SchannelCaller = { max: tls12, strongCrypto: true };
/** Target 4.7 and newer: the system's list of versions. */
const from47: SchannelCaller = { strongCrypto: true };

function framework(
  id: string,
  name: string,
  release: SchannelRelease,
  caller: SchannelCaller,
): KnownClient {
  return {
    ...{ id, name, family: 'dotnet', source: frameworkSource, evidence: 'documented' },
    offer: schannelOffer(release, caller),
  };
}

const releases = schannelReleases;

/** .NET's own list on Linux, used unless OpenSSL's configuration names one. */
const linuxSuites = `
  TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256 TLS_AES_128_GCM_SHA256
  ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-ECDSA-AES128-GCM-SHA256
  ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-AES128-GCM-SHA256
  ECDHE-ECDSA-AES256-SHA384 ECDHE-ECDSA-AES128-SHA256
  ECDHE-RSA-AES256-SHA384 ECDHE-RSA-AES128-SHA256 TLS_EMPTY_RENEGOTIATION_INFO_SCSV`;

/** OpenSSL 3.0's own defaults, which .NET leaves alone. */
const openssl30Groups = [
  0x001d, 0x0017, 0x001e, 0x0019, 0x0018, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104,
];
const openssl30Schemes = [
  ...[0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0804, 0x0805, 0x0806],
  ...[0x0401, 0x0501, 0x0601],
];

export const dotnetClients: readonly KnownClient[] = [
  framework(
    'dotnet-4.5',
    '.NET Framework program for 4.5 on Windows Server 2012 R2',
    releases[8.1],
    upTo452,
  ),
  framework(
    'dotnet-4.6',
    '.NET Framework program for 4.6 on Windows Server 2012 R2',
    releases[8.1],
    upTo462,
  ),
  framework(
    'dotnet-4.6-windows-7',
    '.NET Framework program for 4.6 on Windows 7 SP1 / Server 2008 R2',
    releases[7],
    upTo462,
  ),
  framework(
    'dotnet-4.7',
    '.NET Framework program for 4.7 or newer on Windows Server 2016',
    releases[2016],
    from47,
  ),
  framework(
    'dotnet-4.7-windows-7',
    '.NET Framework program for 4.7 or newer on Windows 7 SP1 / Server 2008 R2',
    releases[7],
    from47,
  ),
  framework(
    'dotnet-4.8-windows-server-2022',
    '.NET Framework program for 4.8 on Windows Server 2022',
    releases[2022],
    from47,
  ),
  {
    ...{ id: 'dotnet-8', name: '.NET 8 on Windows Server 2022', family: 'dotnet' },
    source: `Microsoft: TLS/SSL best practices for .NET (the system decides); ${frameworkSource}`,
    evidence: 'documented',
    offer: schannelOffer(releases[2022]),
  },
  {
    ...{ id: 'dotnet-8-linux', name: '.NET 8 on Linux with OpenSSL 3.0', family: 'dotnet' },
    source:
      'Microsoft: Default TLS cipher suites for .NET on Linux; the rest is OpenSSL 3.0, as captured of other programs',
    evidence: 'documented',
    offer: documentedOffer({
      ...{ legacyVersion: tls12, versions: [tls13, tls12], cipherSuites: suiteCodes(linuxSuites) },
      ...{
        groups: openssl30Groups,
        keyShares: openssl30Groups.slice(0, 1),
        pointFormats: [0, 1, 2],
      },
      ...{ signatureSchemes: openssl30Schemes, pskModes: [1], serverName: exampleServerName },
      ...{ sessionTicket: 'empty', extendedMasterSecret: true, encryptThenMac: true },
      secureRenegotiation: true,
    }),
  },
];
