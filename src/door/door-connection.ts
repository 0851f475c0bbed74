/** One connection through the door, from accept to close, and what is known of it so far. */

import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { AlertName } from '../tls/alerts.ts';
import { ja4 } from '../tls/fingerprints.ts';
import type { HelloGist } from '../tls/hello-memo.ts';
import type { HelloReader } from '../tls/hello-reader.ts';
import type { Offer } from '../tls/offer.ts';
import type { Verdict } from '../tls/retirement/verdict.ts';
import type {
  ClientIdentity,
  ConnectionObserver,
  ConnectionRecord,
  Negotiated,
  Outcome,
} from './connection.ts';

/** Who connects, for the judge: the rest of `Who` is the ledger's to add. */
export interface Caller {
  readonly listener: ConnectionRecord['listener'];
  /** Without port; IPv4-mapped addresses as IPv4. */
  readonly address: string;
  /** JA4. */
  readonly fingerprint: string;
}

/** What whoever serves the connection may know and say of it. */
export interface Connection {
  readonly listener: ConnectionRecord['listener'];
  readonly startedMs: number;
  readonly address: string;
  /** The client's port. */
  readonly port: number;
  /** Where the client connected to. */
  readonly local: { readonly address: string; readonly port: number };
  readonly fingerprint: string | undefined;
  readonly offer: Offer | undefined;
  readonly verdict: Verdict | undefined;
  readonly negotiated: Negotiated | undefined;
  readonly client: ClientIdentity | undefined;
  /** Certificate or login proved who it is. The observer is told; the same identity again is not news. */
  identify(identity: ClientIdentity): void;
  /** How it ended for the client, where the door cannot know: the ratchet, a refusal inside TLS. */
  mark(result: { readonly outcome: Outcome; readonly reason?: string | undefined }): void;
  /** It serves the pages of an administrator, so that the ledger passes over it. */
  serveConsole(): void;
  /** What is known now; the observer gets the last one. */
  record(): ConnectionRecord;
}

export interface ConnectionStart {
  readonly judge: (offer: Offer, caller: Caller) => Verdict;
  readonly listener: ConnectionRecord['listener'];
  readonly startedMs: number;
  readonly address: string;
  readonly port: number;
  readonly observer: ConnectionObserver | undefined;
}

export class DoorConnection implements Connection {
  readonly listener: ConnectionRecord['listener'];
  readonly startedMs: number;
  readonly socket: Socket;
  readonly judge: ConnectionStart['judge'];
  address: string;
  port: number;
  offer: Offer | undefined;
  verdict: Verdict | undefined;
  negotiated: Negotiated | undefined;
  client: ClientIdentity | undefined;
  ofConsole = false;
  outcome: Outcome = 'empty';
  reason: string | undefined;
  alert: AlertName | undefined;
  handshakeMs: number | undefined;
  /** When the hello was complete, of `performance.now()`. */
  helloAtMs = 0;
  endedMs = 0;
  /** Of a finished handshake; the connection is over when this socket has closed. */
  secureSocket: TLSSocket | undefined;
  isAwaited = false;
  /** While the hello is awaited: what came so far, and the address under which it is counted. */
  reader: HelloReader<HelloGist> | undefined;
  peekedAddress: string | undefined;
  /** The descriptor under which the socket is watched; the hello is not read then, only looked at. */
  watchedFd: number | undefined;
  /** A proxy that we trust says first who the client is; until then its bytes are kept here. */
  proxyBytes: Uint8Array | undefined;
  /** Size of the proxy's header, which is not the client's. */
  headerSize = 0;
  readonly #observer: ConnectionObserver | undefined;

  constructor(socket: Socket, start: ConnectionStart) {
    this.socket = socket;
    this.listener = start.listener;
    this.judge = start.judge;
    this.startedMs = start.startedMs;
    this.address = start.address;
    this.port = start.port;
    this.#observer = start.observer;
  }

  get fingerprint(): string | undefined {
    return this.offer && fingerprintOf(this.offer);
  }

  get local(): Connection['local'] {
    const { localAddress, localPort } = this.socket;
    return { address: plainAddress(localAddress), port: localPort ?? 0 };
  }

  identify(identity: ClientIdentity): void {
    if (this.client?.kind === identity.kind && this.client.name === identity.name) return;
    this.client = identity;
    this.#observer?.onIdentity?.(this.record());
  }

  mark({ outcome, reason }: { readonly outcome: Outcome; readonly reason?: string | undefined }) {
    this.outcome = outcome;
    this.reason = reason;
  }

  serveConsole(): void {
    this.ofConsole = true;
  }

  /** Failed, unless something before says more. */
  fail(reason: string, alert?: AlertName): void {
    if (this.reason !== undefined) return;
    this.outcome = 'failed';
    this.reason = reason;
    this.alert = alert;
  }

  tellVerdict(): void {
    this.#observer?.onVerdict?.(this.record());
  }

  tellEnd(): void {
    this.#observer?.onEnd(this.record());
  }

  record(): ConnectionRecord {
    return {
      listener: this.listener,
      startedMs: this.startedMs,
      endedMs: this.endedMs,
      address: this.address,
      client: this.client,
      ofConsole: this.ofConsole,
      fingerprint: this.fingerprint,
      offer: this.offer,
      verdict: this.verdict,
      outcome: this.outcome,
      reason: this.reason,
      alert: this.alert,
      negotiated: this.negotiated,
      handshakeMs: this.handshakeMs,
      bytesRead: this.socket.bytesRead,
      bytesWritten: this.socket.bytesWritten,
    };
  }
}

const fingerprints = new WeakMap<Offer, string>();

/** Two digests, hashed once for each offer: the same client brings the same object again. */
function fingerprintOf(offer: Offer): string {
  const known = fingerprints.get(offer);
  if (known !== undefined) return known;
  const fingerprint = ja4(offer);
  fingerprints.set(offer, fingerprint);
  return fingerprint;
}

const key = Symbol('connection of the door');

interface Carrier {
  [key]?: DoorConnection;
}

/** Ties a socket, raw or TLS, to its connection: a property is cheaper than a weak map at this rate. */
export function attachConnection(socket: Socket, connection: DoorConnection): void {
  (socket as Carrier)[key] = connection;
}

export function connectionOf(socket: Socket): DoorConnection | undefined {
  return (socket as Carrier)[key];
}

/** The connection of a socket that came through a door, such as `request.socket`. */
export function findConnection(socket: Socket): Connection | undefined {
  return connectionOf(socket);
}

/** `::ffff:192.0.2.1` is IPv4 seen through an IPv6 socket. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** Who speaks to whom, for a PROXY header. */
export function endsOf(connection: Connection) {
  return {
    source: { address: connection.address, port: connection.port },
    destination: connection.local,
  };
}
