/**
 * How the door says no: the alert, the end of our side, and then reading on for a while. A socket that
 * is closed with unread bytes resets the connection, and a reset can overtake the alert (RFC 9293
 * §3.10.4; RFC 1122 §4.2.2.13), so that the client's log names no cause.
 */

import type { Socket } from 'node:net';
import type { AlertName } from '../tls/alerts.ts';
import type { HelloFault } from '../tls/client-hello.ts';
import type { Offer } from '../tls/offer.ts';
import { contentType, encodeAlert, uint16At } from '../tls/records.ts';
import { sslv2, tls12 } from '../tls/versions.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import type { DoorLimits } from './limits.ts';

/** MSG-ERROR with NO-CIPHER-ERROR, the only thing that an SSL 2.0 client could read. */
const sslv2NoCipher = new Uint8Array([0x80, 0x03, 0x00, 0x00, 0x01]);

const httpText = 'This port speaks TLS. Use https:// in the address.\n';
const httpAnswer = Buffer.from(
  [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${httpText.length}`,
    'Connection: close',
    '',
    httpText,
  ].join('\r\n'),
);

/** The bytes that refuse a hello, in the version that its sender understands. */
export function refusalBytes(
  alert: AlertName,
  offer: Pick<Offer, 'form' | 'legacyVersion'>,
): Uint8Array {
  if (offer.form === 'sslv2' && offer.legacyVersion === sslv2) return sslv2NoCipher;
  return encodeAlert(alert, { version: offer.legacyVersion });
}

/**
 * The bytes that answer what is not a hello; undefined when the peer would understand none.
 * @param received what came so far: a TLS record's version is answered in kind
 */
export function faultBytes(fault: HelloFault, received: Uint8Array): Uint8Array | undefined {
  if (fault.kind === 'http') return httpAnswer;
  if (fault.alert === undefined) return undefined;
  const isRecord = received[0] === contentType.handshake && received[1] === 3;
  return encodeAlert(fault.alert, { version: isRecord ? uint16At(received, 1) : tls12 });
}

/** Ends sockets in good order: says the last word, then reads and discards, bounded. */
export class Refuser {
  readonly #maxBytes: number;
  readonly #helloBytes: number;
  readonly #draining: DeadlineQueue<Socket>;

  constructor({
    drainBytes,
    drainMs,
    helloBytes,
  }: Pick<DoorLimits, 'drainBytes' | 'drainMs' | 'helloBytes'>) {
    this.#maxBytes = drainBytes;
    this.#helloBytes = helloBytes;
    this.#draining = new DeadlineQueue(drainMs, destroy);
  }

  /** @param last the socket must have no other reader; nothing is written when it is undefined */
  refuse(socket: Socket, last: Uint8Array | undefined): void {
    if (socket.destroyed) return;
    // The hello itself may still be unread.
    const enoughBytes = Math.max(socket.bytesRead, this.#helloBytes) + this.#maxBytes;
    this.#draining.add(socket);
    socket.once('close', () => this.#draining.delete(socket));
    socket.on('data', () => {
      if (socket.bytesRead >= enoughBytes) socket.destroy();
    });
    socket.resume();
    if (last === undefined) socket.end();
    else socket.end(last);
  }
}

function destroy(socket: Socket): void {
  socket.destroy();
}
