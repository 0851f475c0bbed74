/** The list languages of OpenSSL's settings: protocols, groups, signature algorithms. */

import { findGroupByName } from '../../tls/groups.ts';
import { signatureSchemeTable } from '../../tls/signature-schemes.ts';
import type { TlsVersion } from '../../tls/versions.ts';
import { sslv3, tls10, tls11, tls12, tls13 } from '../../tls/versions.ts';

const versionsByName: Readonly<Record<string, TlsVersion>> = {
  SSLv3: sslv3,
  TLSv1: tls10,
  'TLSv1.0': tls10,
  'TLSv1.1': tls11,
  'TLSv1.2': tls12,
  'TLSv1.3': tls13,
};

/** The bound that MinProtocol or MaxProtocol sets: `None` lifts it; undefined has no effect. */
export function parseProtocolBound(text: string): TlsVersion | 'none' | undefined {
  if (text === 'None') return 'none';
  return text !== 'TLSv1.0' && Object.hasOwn(versionsByName, text)
    ? versionsByName[text]
    : undefined;
}

/** Changes a set of disabled versions as the `Protocol` command does: `ALL,-TLSv1`. */
export function applyProtocolList(text: string, disabled: Set<TlsVersion>): void {
  for (const part of text.split(',')) {
    const word = part.trim();
    const isOff = word.startsWith('-');
    const name = word.replace(/^[-+]/, '').toLowerCase();
    const key = Object.keys(versionsByName).find((known) => known.toLowerCase() === name);
    const named = key === undefined ? undefined : versionsByName[key];
    const versions: readonly TlsVersion[] =
      name === 'all' ? [sslv3, tls10, tls11, tls12, tls13] : named ? [named] : [];
    for (const version of versions) {
      if (isOff) disabled.add(version);
      else disabled.delete(version);
    }
  }
}

export interface GroupList {
  /** In the order of the list. */
  readonly groups: readonly number[];
  /** Those with a star, whose shares go into the first hello. */
  readonly starred: readonly number[];
}

/**
 * Reads a group list. `:` and `/` part names, `*` asks for a key share, `?` forgives an unknown name,
 * `-` takes a group out (SSL_CTX_set1_groups_list(3), 3.5).
 * @returns undefined where OpenSSL refuses the list and keeps its own
 */
export function parseGroupList(
  text: string,
  isKnown: (code: number) => boolean,
): GroupList | undefined {
  const groups: number[] = [];
  const starred: number[] = [];
  for (const part of text.split(/[:/]/)) {
    const [, marks = '', name = ''] = /^([*?-]*)(.*)$/.exec(part.trim()) ?? [];
    const code = findGroupByName(name)?.code;
    if (code === undefined || !isKnown(code)) {
      if (marks.includes('?') || name === '') continue;
      return undefined;
    }
    if (marks.includes('-')) {
      groups.splice(0, groups.length, ...groups.filter((group) => group !== code));
      continue;
    }
    if (groups.includes(code)) continue;
    groups.push(code);
    if (marks.includes('*')) starred.push(code);
  }
  return groups.length === 0 ? undefined : { groups, starred };
}

const keysByName: Readonly<Record<string, string>> = {
  RSA: 'rsa_pkcs1',
  ECDSA: 'ecdsa',
  DSA: 'dsa',
  'RSA-PSS': 'rsa_pss_rsae',
  PSS: 'rsa_pss_rsae',
};

/**
 * Reads a list of signature algorithms: `ECDSA+SHA256:RSA-PSS+SHA256:ed25519:rsa_pss_pss_sha256`.
 * @returns undefined where OpenSSL refuses the list and keeps its own
 */
export function parseSignatureList(
  text: string,
  known: readonly number[],
): readonly number[] | undefined {
  const schemes: number[] = [];
  for (const part of text.split(':')) {
    const name = part.trim().replace(/^\?/, '');
    const code = findScheme(name);
    if (code === undefined || !known.includes(code)) {
      if (part.trim().startsWith('?') || name === '') continue;
      return undefined;
    }
    if (!schemes.includes(code)) schemes.push(code);
  }
  return schemes.length === 0 ? undefined : schemes;
}

function findScheme(name: string): number | undefined {
  const exact = signatureSchemeTable.find(
    (scheme) => scheme.name.toLowerCase() === name.toLowerCase(),
  );
  if (exact !== undefined) return exact.code;
  const plus = name.lastIndexOf('+');
  const key = Object.hasOwn(keysByName, name.slice(0, plus)) ? keysByName[name.slice(0, plus)] : '';
  const hash = name.slice(plus + 1).toLowerCase();
  return signatureSchemeTable.find(
    (scheme) =>
      scheme.name === `${key}_${hash}` ||
      (key === 'ecdsa' && scheme.key === 'ecdsa' && scheme.hash === hash && scheme.inTls12),
  )?.code;
}
