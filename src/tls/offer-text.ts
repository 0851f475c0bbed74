/** An offer as a person or a script gives it in words: a hello in hexadecimal, or a known client. */

import { decodeHex } from '../base/bytes.ts';
import { SealiftError } from '../base/errors.ts';
import type { HelloFault, ParsedClientHello } from './client-hello.ts';
import { parseClientHello } from './client-hello.ts';
import { readClientHello } from './hello-reader.ts';
import type { KnownClient } from './known-clients/known-client.ts';
import { findKnownClient, knownClients } from './known-clients.ts';
import type { Offer } from './offer.ts';
import { handshakeHeaderSize, handshakeType, uint24At } from './records.ts';

export type NamedOffer =
  | { readonly kind: 'hello'; readonly offer: Offer }
  | { readonly kind: 'known'; readonly offer: Offer; readonly client: KnownClient };

const hexPattern = /^[\s:]*(?:[0-9a-f]{2}[\s:]*)+$/i;
const ja4Pattern = /^[tqd](?:\d\d|s[23])[di]\d{4}[0-9a-zA-Z]{2}_[0-9a-f]{12}_[0-9a-f]{12}$/;
/** A known client's name is never taken for hexadecimal; nor is a word such as `cafe` a hello. */
const shortestHelloSize = 11;

/** True for a fingerprint as fingerprints.ts makes it; whose offer it is stands in a ledger. */
export function isJa4(text: string): boolean {
  return ja4Pattern.test(text.trim());
}

/**
 * @param text a hello with or without its record header, as hexadecimal with any white space or
 *   colons between the bytes; or the id of a known client
 * @throws SealiftError `usage/invalid`
 */
export function parseOfferText(text: string): NamedOffer {
  const client = findKnownClient(text);
  if (client !== undefined) return { kind: 'known', offer: client.offer, client };
  if (hexPattern.test(text)) {
    const bytes = decodeHex(text.replace(/[\s:]/g, '').toLowerCase());
    if (bytes.byteLength >= shortestHelloSize) {
      return { kind: 'hello', offer: readHello(bytes).offer };
    }
  }
  throw invalid(`'${shorten(text)}' is neither a ClientHello in hexadecimal nor a known client`, {
    hint: `sealift negotiate --list names the known clients, such as ${knownClients[0]?.id ?? ''}.`,
  });
}

function readHello(bytes: Uint8Array): ParsedClientHello {
  const bare = bareMessage(bytes);
  if (bare !== undefined) {
    const parsed = parseClientHello(bare);
    if (parsed.kind === 'parsed') return parsed.value;
    throw unreadable(parsed.fault);
  }
  const progress = readClientHello(bytes, { limitBytes: bytes.byteLength + 1 });
  switch (progress.kind) {
    case 'hello':
      return progress.hello;
    case 'more':
      throw invalid(`the ClientHello is cut short: ${bytes.byteLength} bytes are not all of it`);
    case 'fault':
      throw unreadable(progress.fault);
  }
}

/** The body of a hello that stands without a record around it, with its handshake header or without. */
function bareMessage(bytes: Uint8Array): Uint8Array | undefined {
  const size = bytes.byteLength - handshakeHeaderSize;
  if (bytes[0] === handshakeType.clientHello && uint24At(bytes, 1) === size) {
    return bytes.subarray(handshakeHeaderSize);
  }
  const sslMajorVersion = 3;
  return bytes[0] === sslMajorVersion ? bytes : undefined;
}

function unreadable(fault: HelloFault): SealiftError {
  return invalid(`the bytes are not a ClientHello: ${fault.message}`);
}

function invalid(message: string, detail: { readonly hint?: string } = {}): SealiftError {
  return new SealiftError('usage/invalid', message, detail);
}

function shorten(text: string): string {
  const limit = 60;
  return text.length <= limit ? text : `${text.slice(0, limit)}…`;
}
