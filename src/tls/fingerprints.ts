/**
 * Fingerprints of a ClientHello: they group connections by TLS stack. They are no identity and can be
 * imitated, so they never authenticate anybody.
 *
 * JA4 is FoxIO's TLS client fingerprint (BSD 3-clause); its sister methods are under another licence
 * and are not here. JA3 is Salesforce's; browsers shuffle their extensions, so it suits libraries only.
 */

import { createHash, hash } from 'node:crypto';
import { extensionCode } from './extensions.ts';
import type { Offer } from './offer.ts';
import { findVersion } from './versions.ts';

const hashLength = 12;
const emptyHash = '0'.repeat(hashLength);
const maxCount = 99;

/** `t13d1516h2_8daaf6152771_e5627efa2ab1`. An SSLv2-form hello gets `s2` and its TLS suites. */
export function ja4(offer: Offer): string {
  return `${ja4Start(offer)}_${shortHash(sortedHex(offer.cipherSuites))}_${ja4Extensions(offer)}`;
}

function ja4Start(offer: Offer): string {
  const extensions = offer.extensions ?? [];
  const name = extensions.includes(extensionCode.server_name) ? 'd' : 'i';
  const suiteCount = twoDigits(offer.cipherSuites.length);
  return `t${ja4Version(offer)}${name}${suiteCount}${twoDigits(extensions.length)}${ja4Alpn(offer)}`;
}

function ja4Version(offer: Offer): string {
  if (offer.form === 'sslv2') return 's2';
  // The highest number listed counts, even if it is a draft, which then reads 00.
  const version =
    offer.versions === undefined ? offer.legacyVersion : Math.max(...offer.versions, 0);
  return findVersion(version)?.ja4 ?? '00';
}

function ja4Alpn(offer: Offer): string {
  const first = offer.alpn?.[0];
  if (first === undefined) return '00';
  const isPlain = /^[0-9A-Za-z]$/;
  const [start, end] = [first.charAt(0), first.charAt(first.length - 1)];
  if (isPlain.test(start) && isPlain.test(end)) return start + end;
  const hex = Buffer.from(first, 'latin1').toString('hex');
  return hex.charAt(0) + hex.charAt(hex.length - 1);
}

function ja4Extensions(offer: Offer): string {
  const unsorted = (offer.extensions ?? []).filter(
    (type) =>
      type !== extensionCode.server_name &&
      type !== extensionCode.application_layer_protocol_negotiation,
  );
  if (unsorted.length === 0) return emptyHash;
  const types = sortedHex(unsorted);
  const schemes = offer.signatureSchemes?.map(hex4).join(',');
  return shortHash(schemes === undefined || schemes === '' ? types : `${types}_${schemes}`);
}

function shortHash(text: string): string {
  if (text === '') return emptyHash;
  return hash('sha256', text, 'hex').slice(0, hashLength);
}

function twoDigits(count: number): string {
  return String(Math.min(count, maxCount)).padStart(2, '0');
}

/** In the order of the digits, which for four of them is that of the numbers. */
function sortedHex(codes: readonly number[]): string {
  let text = '';
  for (const code of Uint16Array.from(codes).sort())
    text += text === '' ? hex4(code) : `,${hex4(code)}`;
  return text;
}

/** Codes repeat in every hello, so that their texts are made once. */
const hexTexts = new Map<number, string>();

function hex4(code: number): string {
  let text = hexTexts.get(code);
  if (text === undefined) {
    text = code.toString(16).padStart(4, '0');
    hexTexts.set(code, text);
  }
  return text;
}

/** What JA3 hashes: version, suites, extensions, groups and point formats in wire order. */
export function ja3Text(offer: Offer): string {
  const lists = [offer.cipherSuites, offer.extensions, offer.groups, offer.pointFormats];
  return [offer.legacyVersion, ...lists.map((list) => list?.join('-') ?? '')].join(',');
}

/** 32 hexadecimal digits. MD5 is JA3's definition; nothing rests on its strength. */
export function ja3(offer: Offer): string {
  return createHash('md5').update(ja3Text(offer)).digest('hex');
}
