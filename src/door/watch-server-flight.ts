/** Reads along what a server answers to a hello, as far as it is in clear. */

import type { Socket } from 'node:net';
import { concatBytes, equalBytes } from '../base/bytes.ts';
import type { Alert } from '../tls/records.ts';
import { contentType, handshakeType, readRecordHeader, recordHeaderSize } from '../tls/records.ts';
import type { ServerFlight, ServerHello } from '../tls/server-hello.ts';
import { readServerFlight, serverKeyExchangeGroup } from '../tls/server-hello.ts';
import { tls12, tls13 } from '../tls/versions.ts';
import type { Negotiated } from './connection.ts';

/** A certificate chain is rarely larger; what is not known by then stays unknown. */
const maxBytes = 64 * 1024;

export type FlightSeen =
  | { readonly kind: 'hello'; readonly negotiated: Negotiated }
  | { readonly kind: 'alert'; readonly alert: Alert }
  | { readonly kind: 'not-tls' };

/**
 * Listens beside whoever reads the socket, until the answer is clear.
 * @param sessionId of the client's hello: a server before TLS 1.3 that repeats it resumes the session
 */
export function watchServerFlight(
  socket: Socket,
  sessionId: Uint8Array,
  onSeen: (seen: FlightSeen) => void,
): void {
  let bytes: Uint8Array = new Uint8Array(0);
  let retry: ServerHello | undefined;
  const finish = (seen: FlightSeen): void => {
    socket.removeListener('data', onData);
    onSeen(seen);
  };
  const onData = (chunk: Uint8Array): void => {
    bytes = concatBytes(bytes, chunk);
    let flight = readServerFlight(bytes);
    if (flight.kind === 'hello' && flight.hello.helloRetryRequest) {
      retry = flight.hello;
      bytes = withoutRetry(bytes);
      flight = readServerFlight(bytes);
    }
    const seen = judgeFlight(flight, { sessionId, retry, isFull: bytes.byteLength >= maxBytes });
    if (seen !== undefined) finish(seen);
  };
  socket.on('data', onData);
}

interface Known {
  readonly sessionId: Uint8Array;
  readonly retry: ServerHello | undefined;
  readonly isFull: boolean;
}

function judgeFlight(
  flight: ServerFlight,
  { sessionId, retry, isFull }: Known,
): FlightSeen | undefined {
  switch (flight.kind) {
    case 'more':
      return isFull ? { kind: 'not-tls' } : undefined;
    case 'fault':
      return { kind: 'not-tls' };
    case 'alert':
      return { kind: 'alert', alert: flight.alert };
    case 'hello': {
      const { hello, messages } = flight;
      const isModern = hello.version === tls13;
      const isResumed = isModern
        ? hello.selectedPsk !== undefined
        : hello.sessionId.byteLength > 0 && equalBytes(hello.sessionId, sessionId);
      const isComplete =
        isModern ||
        isResumed ||
        isFull ||
        messages.some(({ type }) => type === handshakeType.serverHelloDone);
      if (!isComplete) return undefined;
      const exchange = messages.find(({ type }) => type === handshakeType.serverKeyExchange);
      const negotiated: Negotiated = {
        version: Math.max(hello.version, 0),
        cipherSuite: hello.cipherSuite,
        group: isModern
          ? (hello.group ?? retry?.group)
          : exchange && serverKeyExchangeGroup(exchange.body),
        signatureScheme: undefined,
        alpn: hello.version <= tls12 ? hello.alpn : undefined,
        resumed: isResumed,
      };
      return { kind: 'hello', negotiated };
    }
  }
}

/** Drops the record of a HelloRetryRequest and the ChangeCipherSpec that may follow (RFC 8446 §D.4). */
function withoutRetry(bytes: Uint8Array): Uint8Array {
  const header = readRecordHeader(bytes);
  const rest = bytes.subarray(recordHeaderSize + (header?.size ?? 0));
  const next = readRecordHeader(rest);
  if (next?.type !== contentType.changeCipherSpec) return rest;
  return rest.subarray(Math.min(rest.byteLength, recordHeaderSize + next.size));
}
