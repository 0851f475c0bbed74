/**
 * Parses hellos that were seen before without parsing them: one client's hellos differ in random bytes
 * only (random, session id, key shares, tickets), so that two which agree in all the rest carry the
 * same offer. The same offer object comes back, which lets others remember what they made of it.
 *
 * What is left out of the comparison is exactly what parsing does not look into: a test holds the two
 * against each other on damaged hellos.
 */

import type { ClientHello, ParseResult } from './client-hello.ts';
import { parseClientHello, randomSize } from './client-hello.ts';
import { extensionCode } from './extensions.ts';
import type { Offer } from './offer.ts';
import { uint16At } from './records.ts';

/** What a server needs of a hello before TLS reads it. */
export interface HelloGist extends Pick<ClientHello, 'sessionId'> {
  readonly offer: Offer;
}

/** Clients of one service come in few kinds; browsers, which shuffle, are bounded by it. */
const maxOffers = 512;
/** Larger hellos are parsed each time. */
const maxSize = 8192;
const versionSize = 2;
const extensionHeaderSize = 4;

export class HelloMemo {
  readonly #offers = new Map<string, Offer>();
  /** The hello with zeros for what does not count. */
  readonly #scratch = Buffer.alloc(maxSize);

  /** Hellos that were told apart so far. */
  get size(): number {
    return this.#offers.size;
  }

  /**
   * As `parseClientHello`, with the same faults; never throws.
   * @param body borrowed; `sessionId` is a view of it, the offer is not
   */
  parse(body: Uint8Array): ParseResult<HelloGist> {
    const key = this.#keyOf(body);
    const known = key === undefined ? undefined : this.#offers.get(key);
    if (known !== undefined) {
      return { kind: 'parsed', value: { offer: known, sessionId: sessionIdOf(body) } };
    }
    const parsed = parseClientHello(body);
    if (parsed.kind === 'fault' || key === undefined) return parsed;
    if (this.#offers.size >= maxOffers) this.#offers.clear();
    this.#offers.set(key, parsed.value.offer);
    return parsed;
  }

  /** Undefined for a hello whose lengths do not add up, which the parser must see. */
  #keyOf(body: Uint8Array): string | undefined {
    const size = body.byteLength;
    if (size > maxSize) return undefined;
    const scratch = this.#scratch;
    scratch.set(body);
    scratch.fill(0, versionSize, versionSize + randomSize);
    let offset = versionSize + randomSize;
    const sessionIdSize = body[offset] ?? 0;
    scratch.fill(0, offset + 1, Math.min(offset + 1 + sessionIdSize, size));
    offset += 1 + sessionIdSize;
    offset += 2 + uint16At(body, offset);
    offset += 1 + (body[offset] ?? 0);
    offset += 2;
    while (offset + extensionHeaderSize <= size) {
      const start = offset + extensionHeaderSize;
      const end = start + uint16At(body, offset + 2);
      if (end > size || !this.#hide(body, uint16At(body, offset), { start, end })) return undefined;
      offset = end;
    }
    return scratch.toString('latin1', 0, size);
  }

  /** @returns false for a list that is not one */
  #hide(
    body: Uint8Array,
    type: number,
    at: { readonly start: number; readonly end: number },
  ): boolean {
    const { start, end } = at;
    switch (type) {
      case extensionCode.session_ticket:
      case extensionCode.pre_shared_key:
        this.#scratch.fill(0, start, end);
        return true;
      case extensionCode.encrypted_client_hello:
        this.#scratch.fill(0, Math.min(start + 1, end), end);
        return true;
      case extensionCode.key_share:
        return this.#hideShares(body, start + 2, end);
      default:
        return true;
    }
  }

  #hideShares(body: Uint8Array, start: number, end: number): boolean {
    let offset = start;
    while (offset + extensionHeaderSize <= end) {
      const next = offset + extensionHeaderSize + uint16At(body, offset + 2);
      if (next > end) return false;
      this.#scratch.fill(0, offset + extensionHeaderSize, next);
      offset = next;
    }
    return offset === end;
  }
}

function sessionIdOf(body: Uint8Array): Uint8Array {
  const start = versionSize + randomSize + 1;
  return body.subarray(start, start + (body[start - 1] ?? 0));
}
