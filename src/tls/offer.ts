/**
 * An offer: what a client can speak. Read from its ClientHello, kept in the ledger, or predicted for
 * a machine that is not running. Plain data without GREASE, fit for JSON; negotiate.ts decides on it.
 */

import type { TlsVersion } from './versions.ts';
import { sslv2, sslv3, tls10, tls11, tls12, tls13, versionTable } from './versions.ts';

export interface Offer {
  /** How the hello is laid out; the SSLv2 form carries newer versions too, without extensions. */
  readonly form: 'tls' | 'sslv2';
  /** The version field of the hello: the maximum, unless `versions` is there. */
  readonly legacyVersion: number;
  /** supported_versions: the exact set, drafts included; undefined when the extension is absent. */
  readonly versions: readonly number[] | undefined;
  /** In the client's order, signalling values included. */
  readonly cipherSuites: readonly number[];
  /** SSLv2 kinds of an SSLv2-form hello, three bytes each. */
  readonly sslv2Kinds: readonly number[];
  readonly compressionMethods: readonly number[];
  /** Extension types in wire order; undefined when the hello has no extension block. */
  readonly extensions: readonly number[] | undefined;
  readonly serverName: string | undefined;
  /** One character for each byte (ISO 8859-1), since protocol ids are bytes. */
  readonly alpn: readonly string[] | undefined;
  readonly groups: readonly number[] | undefined;
  /** Groups for which the client sent a share; undefined when key_share is absent. */
  readonly keyShares: readonly number[] | undefined;
  readonly signatureSchemes: readonly number[] | undefined;
  readonly certificateSignatureSchemes: readonly number[] | undefined;
  readonly pointFormats: readonly number[] | undefined;
  /** 0 psk_ke, 1 psk_dhe_ke. */
  readonly pskModes: readonly number[] | undefined;
  /** 0 X.509, 2 raw public key: server_certificate_type; undefined means X.509. */
  readonly serverCertificateTypes: readonly number[] | undefined;
  readonly clientCertificateTypes: readonly number[] | undefined;
  readonly sessionTicket: 'absent' | 'empty' | 'present';
  readonly preSharedKey: boolean;
  readonly earlyData: boolean;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
  /** By the extension or by the signalling suite 0x00ff. */
  readonly secureRenegotiation: boolean;
  readonly statusRequest: boolean;
  /** Browsers send it with random content too, so that its presence proves nothing. */
  readonly encryptedClientHello: 'outer' | 'inner' | undefined;
  /** The hello carried reserved values of RFC 8701. */
  readonly grease: boolean;
}

const modernVersions: readonly TlsVersion[] = [tls10, tls11, tls12, tls13];

const emptyOffer: Offer = {
  form: 'tls',
  legacyVersion: tls12,
  versions: undefined,
  cipherSuites: [],
  sslv2Kinds: [],
  compressionMethods: [0],
  extensions: undefined,
  serverName: undefined,
  alpn: undefined,
  groups: undefined,
  keyShares: undefined,
  signatureSchemes: undefined,
  certificateSignatureSchemes: undefined,
  pointFormats: undefined,
  pskModes: undefined,
  serverCertificateTypes: undefined,
  clientCertificateTypes: undefined,
  sessionTicket: 'absent',
  preSharedKey: false,
  earlyData: false,
  extendedMasterSecret: false,
  encryptThenMac: false,
  secureRenegotiation: false,
  statusRequest: false,
  encryptedClientHello: undefined,
  grease: false,
};

/** An offer from the fields that matter; the rest is as in a hello without extensions. */
export function makeOffer(fields: Partial<Offer>): Offer {
  return { ...emptyOffer, ...fields };
}

/**
 * The versions that an offer allows, oldest first. Without supported_versions the hello proves only
 * the maximum, so every version up to it counts as allowed (never TLS 1.3: RFC 8446 §4.2.1).
 */
export function offeredVersions(offer: Offer): TlsVersion[] {
  if (offer.versions !== undefined) {
    const listed = new Set(offer.versions);
    // The extension does not exist for SSL: an entry below TLS 1.0 is as unknown as a draft.
    return modernVersions.filter((version) => listed.has(version));
  }
  if (offer.form === 'sslv2' && offer.legacyVersion === sslv2) return [sslv2];
  const max = Math.min(offer.legacyVersion, tls12);
  return versionTable
    .map((version) => version.code)
    .filter((version) => version >= sslv3 && version <= max);
}

/** The highest version that the client speaks; undefined when it lists none that we know. */
export function bestVersion(offer: Offer): TlsVersion | undefined {
  const { versions } = offer;
  // Asked for at every connection, so that no list is made where none is needed.
  if (versions !== undefined) return modernVersions.findLast((code) => versions.includes(code));
  return offeredVersions(offer).at(-1);
}
