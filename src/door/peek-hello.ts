/**
 * Reads the hello from a raw socket and takes nothing away: whoever serves the connection finds every
 * byte unread. Bounded in bytes, in time, and in the number of connections that are still at it.
 *
 * A hello that has come as a whole is only looked at, where the system lets us (socket-watch.ts), since
 * TLS is faster for the life of the connection when it takes its first bytes itself. What comes in pieces
 * is read here, and put back.
 */

import type { Server, Socket } from 'node:net';
import { concatBytes } from '../base/bytes.ts';
import { type HelloFault, parseSslv2Hello } from '../tls/client-hello.ts';
import { type HelloGist, HelloMemo } from '../tls/hello-memo.ts';
import { type HelloParsers, HelloReader } from '../tls/hello-reader.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { connectionOf, type DoorConnection } from './door-connection.ts';
import type { DoorLimits } from './limits.ts';
import { readProxyHeader } from './proxy-protocol.ts';
import { descriptorOf, SocketWatch } from './socket-watch.ts';

/** What comes of a connection; the socket has no reader of the peeker's any more. */
export interface PeekEvents {
  /**
   * @param hello its session id is borrowed
   * @param taken what was read, for {@link giveBack}; undefined when all is unread
   */
  onHello(connection: DoorConnection, hello: HelloGist, taken: Uint8Array | undefined): void;
  /** @param bytes what was received so far; borrowed */
  onFault(connection: DoorConnection, fault: HelloFault, bytes: Uint8Array): void;
  /** Time ran out, or others needed the room. */
  onGivenUp(connection: DoorConnection, cause: 'timeout' | 'crowded'): void;
}

export class HelloPeeker {
  readonly #limits: DoorLimits;
  readonly #events: PeekEvents;
  readonly #waiting: DeadlineQueue<DoorConnection>;
  readonly #perAddress = new Map<string, number>();
  readonly #parsers: HelloParsers<HelloGist>;
  /** One function for all sockets: a closure for each connection would have to be made and collected. */
  readonly #onData: (this: Socket, chunk: Buffer) => void;
  #watch: SocketWatch<DoorConnection> | undefined;

  constructor(limits: DoorLimits, events: PeekEvents) {
    this.#limits = limits;
    this.#events = events;
    this.#waiting = new DeadlineQueue(limits.helloMs, (connection) =>
      this.#giveUp(connection, 'timeout'),
    );
    const advance = this.#advance.bind(this);
    this.#onData = function onData(chunk) {
      const connection = connectionOf(this);
      if (connection !== undefined) advance(connection, chunk);
    };
    const memo = new HelloMemo();
    this.#parsers = { tls: (body) => memo.parse(body), sslv2: parseSslv2Hello };
  }

  /**
   * From now on looks where it can, instead of reading.
   * @param server one that listens
   */
  async lookThrough(server: Server): Promise<void> {
    this.#watch = await SocketWatch.open(server, {
      onReady: (connection, isBroken) => this.#look(connection, isBroken),
      peekBytes: this.#limits.helloBytes,
    });
  }

  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  /** Connections whose hello is not complete. */
  get count(): number {
    return this.#waiting.size;
  }

  get connections(): Iterable<DoorConnection> {
    return this.#waiting;
  }

  /**
   * Begins with a paused socket. A trusted proxy is not counted by its own address, but by that of its client.
   * @returns false if the address has too many connections that have not said hello
   */
  start(connection: DoorConnection): boolean {
    if (connection.proxyBytes === undefined && !this.#count(connection)) return false;
    if (this.#waiting.size >= this.#limits.maxHalfOpen) {
      // An honest client says hello within a round trip, so the oldest is the least likely to be one.
      const oldest = this.#waiting.oldest;
      if (oldest !== undefined) this.#giveUp(oldest, 'crowded');
    }
    connection.isAwaited = true;
    this.#waiting.add(connection);
    const fd = this.#watch && descriptorOf(connection.socket);
    if (fd !== undefined && this.#watch?.add(fd, connection)) connection.watchedFd = fd;
    else this.#read(connection);
    return true;
  }

  /** Forgets a connection whose socket has closed. */
  stop(connection: DoorConnection): void {
    if (!connection.isAwaited) return;
    connection.isAwaited = false;
    this.#waiting.delete(connection);
    const { socket, peekedAddress: address, watchedFd: fd } = connection;
    if (address !== undefined) {
      connection.peekedAddress = undefined;
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left > 0) this.#perAddress.set(address, left);
      else this.#perAddress.delete(address);
    }
    if (fd === undefined) socket.removeListener('data', this.#onData);
    else this.#watch?.remove(fd, connection);
  }

  #read(connection: DoorConnection): void {
    connection.watchedFd = undefined;
    connection.socket.on('data', this.#onData).resume();
  }

  /** The socket has something for the first time. What is not a whole hello is read from here on. */
  #look(connection: DoorConnection, isBroken: boolean): void {
    const { watchedFd: fd } = connection;
    if (fd === undefined) return;
    const bytes = isBroken ? undefined : this.#watch?.peek(fd);
    const progress = bytes && this.#newReader().push(bytes);
    if (
      bytes === undefined ||
      progress === undefined ||
      progress.kind === 'more' ||
      connection.proxyBytes !== undefined
    ) {
      this.#read(connection);
      return;
    }
    this.stop(connection);
    if (progress.kind === 'hello') this.#events.onHello(connection, progress.hello, undefined);
    else this.#events.onFault(connection, progress.fault, bytes);
  }

  #newReader(): HelloReader<HelloGist> {
    return new HelloReader(this.#limits.helloBytes, this.#parsers);
  }

  #advance(connection: DoorConnection, received: Uint8Array): void {
    const chunk =
      connection.proxyBytes === undefined ? received : this.#readProxyHeader(connection, received);
    if (chunk === undefined) return;
    const reader = connection.reader ?? this.#newReader();
    connection.reader = reader;
    const progress = reader.push(chunk);
    if (progress.kind === 'more') return;
    this.stop(connection);
    connection.reader = undefined;
    if (progress.kind === 'hello') this.#events.onHello(connection, progress.hello, reader.bytes);
    else this.#events.onFault(connection, progress.fault, reader.bytes);
  }

  /** What follows the header; undefined while it is not complete, or when it is none. */
  #readProxyHeader(connection: DoorConnection, received: Uint8Array): Uint8Array | undefined {
    const bytes = concatBytes(connection.proxyBytes ?? received.subarray(0, 0), received);
    const header = readProxyHeader(bytes);
    if (header.kind === 'more') {
      connection.proxyBytes = bytes;
      return undefined;
    }
    connection.proxyBytes = undefined;
    if (header.kind === 'fault') {
      this.stop(connection);
      this.#events.onFault(connection, proxyFault(header.message), bytes);
      return undefined;
    }
    connection.headerSize = header.size;
    if (header.source !== undefined) {
      connection.address = header.source.address;
      connection.port = header.source.port;
      if (!this.#count(connection)) {
        this.#giveUp(connection, 'crowded');
        return undefined;
      }
    }
    return bytes.byteLength > header.size ? bytes.subarray(header.size) : undefined;
  }

  /** @returns false if the address has too many connections that have not said hello */
  #count(connection: DoorConnection): boolean {
    const { address } = connection;
    const ofAddress = this.#perAddress.get(address) ?? 0;
    if (ofAddress >= this.#limits.maxHalfOpenPerAddress) return false;
    this.#perAddress.set(address, ofAddress + 1);
    connection.peekedAddress = address;
    return true;
  }

  #giveUp(connection: DoorConnection, cause: 'timeout' | 'crowded'): void {
    this.stop(connection);
    this.#events.onGivenUp(connection, cause);
  }
}

function proxyFault(message: string): HelloFault {
  return { kind: 'proxy-protocol', alert: undefined, field: 'PROXY header', message };
}

/** Makes what was read unread again, and stops reading until somebody else does. */
export function giveBack(socket: Socket, bytes: Uint8Array | undefined): void {
  if (bytes === undefined) return;
  socket.pause();
  socket.unshift(bytes);
}
