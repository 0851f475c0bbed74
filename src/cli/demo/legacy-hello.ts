/**
 * A client that speaks nothing newer than TLS 1.0, built byte by byte, since no current TLS library
 * offers one. It says hello over a plain socket and reads the alert that refuses it.
 */

import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { concatBytes } from '../../base/bytes.ts';

const recordHandshake = 22;
const recordAlert = 21;
const messageClientHello = 1;
const versionTls10 = [0x03, 0x01] as const;
/** TLS_RSA_WITH_AES_128_CBC_SHA and its siblings: what clients of that age offer. */
const legacySuites = [0x002f, 0x0035, 0x000a, 0xc013, 0xc014];
const recordHeaderBytes = 5;
const alertBytes = 2;

/** What the server answered: an alert, another record, or nothing. */
export type LegacyAnswer =
  | {
      readonly kind: 'alert';
      readonly level: number;
      readonly description: number;
      /** The alert record as it came, in hexadecimal. */
      readonly hex: string;
    }
  | { readonly kind: 'record'; readonly type: number }
  | { readonly kind: 'closed'; readonly reason: string };

/** A TLS record with a ClientHello of TLS 1.0 without extensions (RFC 2246 §7.4.1.2). */
export function legacyClientHello(random: Uint8Array = randomBytes(32)): Uint8Array {
  const suites = legacySuites.flatMap((suite) => [suite >> 8, suite & 0xff]);
  const body = concatBytes(
    Uint8Array.from(versionTls10),
    random,
    Uint8Array.of(0), // no session id
    Uint8Array.of(suites.length >> 8, suites.length & 0xff, ...suites),
    Uint8Array.of(1, 0), // one compression method: none
  );
  const message = concatBytes(
    Uint8Array.of(messageClientHello, 0, body.length >> 8, body.length & 0xff),
    body,
  );
  const header = [recordHandshake, ...versionTls10, message.length >> 8, message.length & 0xff];
  return concatBytes(Uint8Array.from(header), message);
}

/** Says the hello to a server and waits at most `timeoutMs` for what it answers. */
export function offerLegacyHello(
  address: { readonly host: string; readonly port: number },
  timeoutMs = 5000,
): Promise<LegacyAnswer> {
  return new Promise((resolve) => {
    const socket = connect(address, () => socket.write(legacyClientHello()));
    let received: Uint8Array = new Uint8Array(0);
    const finish = (answer: LegacyAnswer): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => finish({ kind: 'closed', reason: 'no answer in time' }));
    socket.on('error', (error) => finish({ kind: 'closed', reason: error.message }));
    socket.on('end', () => finish({ kind: 'closed', reason: 'closed without an answer' }));
    socket.on('data', (part: Buffer) => {
      received = concatBytes(received, part);
      const answer = parseAnswer(received);
      if (answer !== undefined) finish(answer);
    });
  });
}

/** @returns undefined while the record is not whole */
function parseAnswer(bytes: Uint8Array): LegacyAnswer | undefined {
  const [type, , , , , level, description] = bytes;
  if (type === undefined) return undefined;
  if (type !== recordAlert) return { kind: 'record', type };
  if (level === undefined || description === undefined) return undefined;
  const record = bytes.subarray(0, recordHeaderBytes + alertBytes);
  return { kind: 'alert', level, description, hex: Buffer.from(record).toString('hex') };
}
