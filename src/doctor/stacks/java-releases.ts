/**
 * What differs between releases of Java in the hello of its own TLS (SunJSSE).
 * Sources: release notes of OpenJDK; hellos measured of 11, 17, 21 and 25; published ones of 6 to 8.
 */

import { findCipherSuite } from '../../tls/cipher-suites.ts';
import { findGroupByName } from '../../tls/groups.ts';
import { suiteCodes } from '../../tls/known-clients/known-client.ts';
import { findKnownClient } from '../../tls/known-clients.ts';
import type { TlsVersion } from '../../tls/versions.ts';
import { sslv3, tls10, tls11, tls12, tls13 } from '../../tls/versions.ts';
import type { JavaVersion } from '../facts/java/java-version.ts';

export interface JavaTraits {
  /** What a client enables before anything is disabled, oldest first. */
  readonly versions: readonly TlsVersion[];
  /** What can be enabled by name. */
  readonly supported: readonly TlsVersion[];
  /** The rewritten handshake of Java 11 and 8u261: it sends supported_versions. */
  readonly modern: boolean;
  /** Enabled suites before anything is disabled. */
  readonly suites: readonly number[];
  readonly groups: readonly number[];
  readonly schemes: readonly number[];
  /** How many kinds of groups bring a key share. */
  readonly shareCount: number;
  readonly sessionTicket: boolean;
  /** `TLS_RSA_*` and `usage HandshakeSignature` in jdk.tls.disabledAlgorithms (24). */
  readonly wideConstraints: boolean;
  /** A client of TLS 1.3 alone leaves out schemes that only certificates may have (24). */
  readonly scopedSchemes: boolean;
  /** Of a `java.security` that could not be read. */
  readonly disabledAlgorithms: string;
}

const modernSuites = suiteCodes(`
  TLS_AES_256_GCM_SHA384 TLS_AES_128_GCM_SHA256 TLS_CHACHA20_POLY1305_SHA256
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
  TLS_DHE_RSA_WITH_AES_256_GCM_SHA384 TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256
  TLS_DHE_DSS_WITH_AES_256_GCM_SHA384
  TLS_DHE_RSA_WITH_AES_128_GCM_SHA256 TLS_DHE_DSS_WITH_AES_128_GCM_SHA256
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384 TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256
  TLS_DHE_RSA_WITH_AES_256_CBC_SHA256 TLS_DHE_DSS_WITH_AES_256_CBC_SHA256
  TLS_DHE_RSA_WITH_AES_128_CBC_SHA256 TLS_DHE_DSS_WITH_AES_128_CBC_SHA256
  TLS_ECDH_ECDSA_WITH_AES_256_GCM_SHA384 TLS_ECDH_RSA_WITH_AES_256_GCM_SHA384
  TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256 TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256
  TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA384 TLS_ECDH_RSA_WITH_AES_256_CBC_SHA384
  TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256 TLS_ECDH_RSA_WITH_AES_128_CBC_SHA256
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA
  TLS_DHE_RSA_WITH_AES_256_CBC_SHA TLS_DHE_DSS_WITH_AES_256_CBC_SHA
  TLS_DHE_RSA_WITH_AES_128_CBC_SHA TLS_DHE_DSS_WITH_AES_128_CBC_SHA
  TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA TLS_ECDH_RSA_WITH_AES_256_CBC_SHA
  TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA TLS_ECDH_RSA_WITH_AES_128_CBC_SHA
  TLS_RSA_WITH_AES_256_GCM_SHA384 TLS_RSA_WITH_AES_128_GCM_SHA256
  TLS_RSA_WITH_AES_256_CBC_SHA256 TLS_RSA_WITH_AES_128_CBC_SHA256
  TLS_RSA_WITH_AES_256_CBC_SHA TLS_RSA_WITH_AES_128_CBC_SHA`);
const tripleDes = suiteCodes(`
  TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA
  TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA TLS_DHE_DSS_WITH_3DES_EDE_CBC_SHA
  TLS_ECDH_ECDSA_WITH_3DES_EDE_CBC_SHA TLS_ECDH_RSA_WITH_3DES_EDE_CBC_SHA
  TLS_RSA_WITH_3DES_EDE_CBC_SHA`);
const signal = 0x00ff;

const modernGroups = groupCodes(
  'x25519 secp256r1 secp384r1 secp521r1 x448 ffdhe2048 ffdhe3072 ffdhe4096 ffdhe6144 ffdhe8192',
);
const ecdsaSchemes = [0x0403, 0x0503, 0x0603];
const edwardsSchemes = [0x0807, 0x0808];
const otherSchemes = [
  0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501, 0x0601, 0x0402, 0x0303, 0x0301,
  0x0302, 0x0203, 0x0201, 0x0202,
];

const oldDisabled =
  'SSLv3, RC4, DES, MD5withRSA, DH keySize < 1024, EC keySize < 224, 3DES_EDE_CBC, anon, NULL';
const currentDisabled = `SSLv3, TLSv1, TLSv1.1, ${oldDisabled.slice('SSLv3, '.length)}`;

/** undefined for what is neither measured nor published: Java 5 and older, 9, 10. */
export function javaTraits(version: JavaVersion): JavaTraits | undefined {
  const { major } = version;
  if (major === 9 || major === 10 || major < 6) return undefined;
  if (major <= 8) return oldTraits(version);
  // SSL 3.0 left the defaults of clients after 11.
  const oldest: readonly TlsVersion[] = major < 12 ? [sslv3, tls10] : [tls10];
  const versions: readonly TlsVersion[] = [...oldest, tls11, tls12, tls13];
  const edwards = major >= 13 ? edwardsSchemes : [];
  const disabledAlgorithms = disabledBy(version);
  return {
    ...{ versions, supported: versions, modern: true, groups: modernGroups, disabledAlgorithms },
    // 3DES left the enabled suites with 19 (JDK-8163327, as openjdk/jdk17u-dev#2593 tells of it).
    suites: [...modernSuites, ...(major < 19 ? tripleDes : []), signal],
    schemes: [...ecdsaSchemes, ...edwards, ...otherSchemes],
    shareCount: major >= 16 ? 2 : 1,
    sessionTicket: major >= 13,
    wideConstraints: major >= 24,
    scopedSchemes: major >= 24,
  };
}

/** jdk.tls.disabledAlgorithms by update; the release notes name 8u291, 11.0.11, 16.0.1 and 7u301. */
function disabledBy({ major, update }: JavaVersion): string {
  const first: Readonly<Record<number, number>> = { 7: 301, 8: 291, 11: 11, 16: 1 };
  const from = first[major] ?? (major >= 16 ? 0 : Number.POSITIVE_INFINITY);
  if (update < from) return oldDisabled;
  if (major < 17) return currentDisabled;
  return major < 24
    ? `${currentDisabled}, ECDH`
    : `${currentDisabled}, ECDH, TLS_RSA_*, rsa_pkcs1_sha1 usage HandshakeSignature, ecdsa_sha1 usage HandshakeSignature, dsa_sha1 usage HandshakeSignature`;
}

/** Java 6 to 8 from published hellos: what their defaults leave out is not known. */
function oldTraits(version: JavaVersion): JavaTraits | undefined {
  const { major, update } = version;
  const isModern = major === 8 && update >= 261;
  const id = isModern
    ? 'java-8u442'
    : major === 8
      ? update < 161
        ? 'java-8u31'
        : 'java-8'
      : `java-${major}`;
  const offer = findKnownClient(id)?.offer;
  if (offer === undefined) return undefined;
  const upTo12: readonly TlsVersion[] = [tls10, tls11, tls12];
  // Java 7 can do TLS 1.2 and Java 8u261 TLS 1.3, but their clients do not begin with them (8u341 does).
  const upTo13: readonly TlsVersion[] = [...upTo12, tls13];
  const only10: readonly TlsVersion[] = [tls10];
  const of8 = update >= 341 ? upTo13 : upTo12;
  const versions = major === 8 ? of8 : only10;
  const supported = isModern ? upTo13 : major === 6 ? only10 : upTo12;
  return {
    ...{ versions, supported, modern: isModern },
    suites: major === 7 ? [...cbcOf12(), ...offer.cipherSuites] : offer.cipherSuites,
    groups: offer.groups ?? [],
    // A hello of TLS 1.0 shows none.
    schemes: offer.signatureSchemes ?? findKnownClient('java-8u31')?.offer.signatureSchemes ?? [],
    ...{ shareCount: 1, sessionTicket: false, wideConstraints: false, scopedSchemes: false },
    disabledAlgorithms: disabledBy(version),
  };
}

/** Java 7 has the CBC suites of TLS 1.2, which its hello of TLS 1.0 leaves out; GCM came with Java 8. */
function cbcOf12(): number[] {
  const suites = findKnownClient('java-8u31')?.offer.cipherSuites ?? [];
  return suites.filter((code) => {
    const suite = findCipherSuite(code);
    return suite?.min === tls12 && !suite.aead;
  });
}

export function groupCodes(names: string): number[] {
  return names.split(' ').flatMap((name) => findGroupByName(name)?.code ?? []);
}
