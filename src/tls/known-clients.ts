/** Named real clients: what each offers with its defaults, and where that is known from. */

import { decodeHex } from '../base/bytes.ts';
import { findCipherSuiteByName } from './cipher-suites.ts';
import { readClientHello } from './hello-reader.ts';
import { measuredHellos } from './measured-hellos.ts';
import type { Offer } from './offer.ts';
import { makeOffer } from './offer.ts';
import { schannelSuites } from './schannel-suites.ts';
import { tls10, tls11, tls12, tls13 } from './versions.ts';

export interface KnownClient {
  /** As the command line names it: `windows-7`. */
  readonly id: string;
  readonly name: string;
  readonly source: string;
  /** `measured`: its own hello was captured; `documented`: put together from the vendor's tables. */
  readonly evidence: 'measured' | 'documented';
  readonly offer: Offer;
}

const schannelSource =
  'Microsoft: Protocols in TLS/SSL (Schannel SSP), Cipher suites in Schannel, TLS elliptic curves; signature pairs read from unmodified SYSTEM hives';

const secp256r1 = 0x0017;
const secp384r1 = 0x0018;
const x25519 = 0x001d;

/** RSA and ECDSA with SHA-256 and SHA-384, then SHA-1, DSA last: Windows 8 to 8.1. */
const pairsWithoutSha512 = [0x0401, 0x0501, 0x0201, 0x0403, 0x0503, 0x0203, 0x0202];
const pairs = [0x0401, 0x0501, 0x0601, 0x0201, 0x0403, 0x0503, 0x0603, 0x0203, 0x0202];
const pairsWithPss = [0x0804, 0x0805, 0x0806, ...pairs];

interface SchannelClient {
  readonly id: string;
  readonly name: string;
  readonly suites: keyof typeof schannelSuites;
  readonly max: typeof tls10 | typeof tls12 | typeof tls13;
  readonly pairs?: readonly number[];
  /** Windows 10 1607 brought curve25519. */
  readonly x25519?: boolean;
}

/** Machines that nobody has configured: TLS 1.1 and 1.2 of Windows 7 and Server 2008 are off. */
const schannelClients: readonly SchannelClient[] = [
  { id: 'windows-server-2008', name: 'Windows Server 2008 SP2', suites: 'windows2008', max: tls10 },
  { id: 'windows-7', name: 'Windows 7 SP1', suites: 'windows7', max: tls10 },
  {
    id: 'windows-server-2008-r2',
    name: 'Windows Server 2008 R2 SP1',
    suites: 'windows7',
    max: tls10,
  },
  {
    ...{ id: 'windows-7-tls12', name: 'Windows 7 SP1 / Server 2008 R2 with TLS 1.2 switched on' },
    ...{ suites: 'windows7', max: tls12, pairs: pairsWithoutSha512 },
  },
  {
    ...{ id: 'windows-server-2012', name: 'Windows Server 2012', suites: 'windows2012' },
    ...{ max: tls12, pairs: pairsWithoutSha512 },
  },
  {
    ...{ id: 'windows-8.1', name: 'Windows 8.1', suites: 'windows81' },
    ...{ max: tls12, pairs: pairsWithoutSha512 },
  },
  {
    ...{ id: 'windows-server-2012-r2', name: 'Windows Server 2012 R2', suites: 'windows81' },
    ...{ max: tls12, pairs: pairsWithoutSha512 },
  },
  {
    ...{ id: 'windows-server-2016', name: 'Windows Server 2016', suites: 'windows2016' },
    ...{ max: tls12, pairs, x25519: true },
  },
  {
    ...{ id: 'windows-server-2019', name: 'Windows Server 2019', suites: 'windows2019' },
    ...{ max: tls12, pairs, x25519: true },
  },
  {
    ...{ id: 'windows-10', name: 'Windows 10 22H2', suites: 'windows10' },
    ...{ max: tls12, pairs: pairsWithPss, x25519: true },
  },
  {
    ...{ id: 'windows-server-2022', name: 'Windows Server 2022', suites: 'windows2022' },
    ...{ max: tls13, pairs: pairsWithPss, x25519: true },
  },
  {
    ...{ id: 'windows-11', name: 'Windows 11 22H2 to 24H2', suites: 'windows11' },
    ...{ max: tls13, pairs: pairsWithPss, x25519: true },
  },
  {
    ...{ id: 'windows-server-2025', name: 'Windows Server 2025', suites: 'windows11' },
    ...{ max: tls13, pairs: pairsWithPss, x25519: true },
  },
];

export const knownClients: readonly KnownClient[] = [
  ...schannelClients.map(fromSchannel),
  ...measuredHellos.map(
    (measured): KnownClient => ({
      id: measured.id,
      name: measured.name,
      source: `captured hello of ${measured.program}`,
      evidence: 'measured',
      offer: offerOfHello(measured.hex),
    }),
  ),
];

/** By id, whatever the case. */
export function findKnownClient(id: string): KnownClient | undefined {
  const wanted = id.trim().toLowerCase();
  return knownClients.find((client) => client.id === wanted);
}

function fromSchannel(client: SchannelClient): KnownClient {
  const isModern = client.max === tls13;
  const groups = [...(client.x25519 === true ? [x25519] : []), secp256r1, secp384r1];
  return {
    id: client.id,
    name: `${client.name} (Schannel)`,
    source: schannelSource,
    evidence: 'documented',
    offer: makeOffer({
      legacyVersion: Math.min(client.max, tls12),
      versions: isModern ? [tls13, tls12, tls11, tls10] : undefined,
      cipherSuites: schannelSuites[client.suites].flatMap(
        (name) => findCipherSuiteByName(name)?.code ?? [],
      ),
      groups,
      keyShares: isModern ? groups.slice(0, 1) : undefined,
      signatureSchemes: client.pairs,
      pointFormats: [0],
      pskModes: isModern ? [1] : undefined,
      secureRenegotiation: true,
    }),
  };
}

function offerOfHello(hex: string): Offer {
  const progress = readClientHello(decodeHex(hex));
  if (progress.kind !== 'hello') throw new RangeError('a measured hello is not readable');
  return progress.hello.offer;
}
