/**
 * Reads ranges straight into the memory that is given for them, over TLS connections of its own. Node's HTTP
 * client copies each 16 KiB of TLS into new memory for its parser and again for the body, which takes longer
 * than to receive and decipher them (docs/decisions/015-ranges-past-the-http-client.md).
 *
 * It knows one case of HTTP/1.1 (RFC 9112): a GET answered by 206 with the Content-Length that is expected.
 * Whatever else happens it leaves to the HTTP client, which asks again and says what is wrong.
 */

import type { IncomingHttpHeaders } from 'node:http';
import type { OnReadOpts } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Watchdog, type WatchdogOptions } from './watchdog.ts';

export interface RangeReaderOptions extends WatchdogOptions {
  /** Begins a connection whose content goes to `onread`. */
  readonly connect: (onread: OnReadOpts) => TLSSocket;
  /** Host and port, for messages and the Host header. */
  readonly authority: string;
  /** Connections at once. */
  readonly connections: number;
  /** Hears of every reply. */
  readonly onReply?: (reply: { status: number; headers: IncomingHttpHeaders }) => void;
}

export interface RangeRequest {
  /** Path and query. */
  readonly path: string;
  /** With the Range. */
  readonly headers: Readonly<Record<string, string>>;
  /** As large as the range. What is in it counts only once it is read. */
  readonly memory: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

/**
 * `failed`: the connection was lost, or the server refused; `strange`: a reply that is right, maybe, and that
 * this reader does not know.
 */
type Outcome = 'read' | 'failed' | 'strange';

/** As Node's client: what a reply's head may take. */
const maxHeadBytes = 16 * 1024;

export class RangeReader {
  readonly #options: RangeReaderOptions;
  readonly #connections = new Set<Connection>();
  #idle: Connection[] = [];
  /** Called when a connection may have become free. */
  #waiting: (() => void)[] = [];
  #isUsable = true;

  constructor(options: RangeReaderOptions) {
    this.#options = options;
  }

  /**
   * True once the memory holds the range; false when this is not the way to get it.
   * @throws the signal's reason; 'backend/unreachable' when no progress was made for too long
   */
  async read(request: RangeRequest): Promise<boolean> {
    if (request.memory.length === 0) return false;
    while (this.#idle.length === 0 && this.#connections.size >= this.#options.connections)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    request.signal?.throwIfAborted();
    if (!this.#isUsable) return false;
    const connection = this.#idle.pop() ?? this.#connect();
    try {
      const outcome = await connection.read(request);
      if (outcome === 'strange') this.#isUsable = false;
      return outcome === 'read';
    } finally {
      if (connection.isOpen) this.#idle.push(connection);
      this.#wake();
    }
  }

  /** What is being read fails. */
  close(): void {
    this.#isUsable = false;
    for (const connection of this.#connections) connection.close();
  }

  #connect(): Connection {
    const connection = new Connection(this.#options, () => {
      this.#connections.delete(connection);
      this.#idle = this.#idle.filter((other) => other !== connection);
      this.#wake();
    });
    this.#connections.add(connection);
    return connection;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  }
}

/** What is being read. */
interface Reading extends RangeRequest {
  readonly watchdog: Watchdog;
  readonly end: (outcome: Outcome) => void;
  readonly fail: (reason: unknown) => void;
  /** Undefined until the head is complete. */
  filled: number | undefined;
  isLast: boolean;
}

/** One connection, which reads one range after the other. */
class Connection {
  readonly #options: RangeReaderOptions;
  readonly #socket: TLSSocket;
  readonly #ready: Promise<void>;
  readonly #head = Buffer.alloc(maxHeadBytes);
  #headSize = 0;
  #reading: Reading | undefined;

  /** @param onClose called once */
  constructor(options: RangeReaderOptions, onClose: () => void) {
    this.#options = options;
    this.#socket = options.connect({
      buffer: () => this.#room(),
      callback: (size) => this.#take(size),
    });
    this.#socket.setNoDelay();
    this.#ready = new Promise((resolve) => this.#socket.once('secureConnect', resolve));
    // The event that follows is enough.
    this.#socket.on('error', () => {});
    this.#socket.once('close', () => {
      this.#end('failed');
      onClose();
    });
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** @throws as {@link RangeReader.read} */
  async read(request: RangeRequest): Promise<Outcome> {
    const { signal, path, headers } = request;
    const result = Promise.withResolvers<Outcome>();
    const { authority } = this.#options;
    const watchdog = new Watchdog(authority, this.#options, (reason) => this.#fail(reason));
    const onAbort = (): void => this.#fail(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#reading = {
      ...request,
      watchdog,
      end: result.resolve,
      fail: result.reject,
      filled: undefined,
      isLast: false,
    };
    this.#socket.ref();
    try {
      watchdog.connecting();
      await Promise.race([this.#ready, result.promise]);
      watchdog.connected();
      const lines = Object.entries({ Host: authority, ...headers }).map((pair) => pair.join(': '));
      if (this.#reading !== undefined)
        this.#socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
      return await result.promise;
    } finally {
      watchdog.stop();
      signal?.removeEventListener('abort', onAbort);
      // A connection that waits keeps no process alive.
      this.#socket.unref();
    }
  }

  /** Where the next bytes go. */
  #room(): Uint8Array {
    const filled = this.#reading?.filled;
    return filled === undefined
      ? this.#head.subarray(this.#headSize)
      : (this.#reading?.memory.subarray(filled) ?? this.#head);
  }

  /** So many bytes have come into the {@link #room}. */
  #take(size: number): boolean {
    const reading = this.#reading;
    if (reading === undefined) {
      // Nothing was asked for.
      this.close();
      return false;
    }
    reading.watchdog.progress();
    if (reading.filled === undefined) {
      this.#headSize += size;
      this.#readHead(reading);
    } else reading.filled += size;
    if (reading.filled === reading.memory.length) {
      this.#end('read');
      if (reading.isLast) this.close();
    }
    return true;
  }

  #readHead(reading: Reading): void {
    const came = this.#head.subarray(0, this.#headSize);
    const end = came.indexOf('\r\n\r\n');
    if (end < 0) {
      if (came.length === maxHeadBytes) this.#giveUp('strange');
      return;
    }
    const head = parseHead(came.toString('latin1', 0, end));
    if (head === undefined) {
      this.#giveUp('strange');
      return;
    }
    this.#options.onReply?.(head);
    const { status, headers } = head;
    const { memory } = reading;
    const body = came.subarray(end + 4);
    const isKnown =
      status === 206 &&
      headers['content-length'] === String(memory.length) &&
      headers['transfer-encoding'] === undefined &&
      headers['content-encoding'] === undefined;
    if (!isKnown || body.length > memory.length) {
      this.#giveUp(status < 300 ? 'strange' : 'failed');
      return;
    }
    memory.set(body);
    reading.filled = body.length;
    reading.isLast = /\bclose\b/i.test(headers['connection'] ?? '');
  }

  #giveUp(outcome: Outcome): void {
    this.#end(outcome);
    this.close();
  }

  #end(outcome: Outcome): void {
    this.#reading?.end(outcome);
    this.#reading = undefined;
    this.#headSize = 0;
  }

  #fail(reason: unknown): void {
    this.#reading?.fail(reason);
    this.#giveUp('failed');
  }
}

interface Head {
  readonly status: number;
  /** By name in lower case; values of one name with commas between. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Undefined for what is no head of HTTP/1.1, or an unusual one. */
function parseHead(text: string): Head | undefined {
  const [first = '', ...lines] = text.split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(first)?.[1];
  if (status === undefined) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ''] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) return undefined;
    const before = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(status), headers: Object.fromEntries(headers) };
}
