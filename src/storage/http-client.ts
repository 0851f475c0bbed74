/** HTTP exchanges with one server over kept connections: deadlines, aborts, the TLS session. */
import http from 'node:http';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import { finished } from 'node:stream';
import tls from 'node:tls';
import { concatBytes } from '../base/bytes.ts';
import { messageOf, SealiftError, systemCodeOf } from '../base/errors.ts';
import { type Pace, partsSize, type TlsSession } from './backend.ts';
import { splitSocketPath } from './location.ts';
import { RangeReader, type RangeReaderOptions, type RangeRequest } from './range-reader.ts';
import type { ReadBody } from './reply-body.ts';
import { translateConnectionError } from './tls-errors.ts';
import { Watchdog, type WatchdogOptions } from './watchdog.ts';

export interface HttpClientOptions extends WatchdogOptions {
  /** PEM of the trusted authorities, instead of Node's and the system's. */
  readonly ca?: string;
  /** PEM of the certificate chain and its private key. */
  readonly clientCert?: string;
  /** 1.2 when left out. */
  readonly tlsMin?: '1.2' | '1.3';
  /** Key-exchange groups in OpenSSL's spelling, best first, with colons between. */
  readonly groups?: string;
  /** Accepts any certificate. */
  readonly insecureTls?: boolean;
  /** `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`; no proxy is used without. Node before 24.5 has none. */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>>;
  /** Connections at once; as many again for ranges. */
  readonly connections: number;
  /** Hears of every reply before anything is done with it. */
  readonly onReply?: (reply: Pick<Reply, 'status' | 'headers'>) => void;
}

export interface Exchange {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent with its Content-Length; borrowed. */
  readonly body?: readonly Uint8Array[];
  readonly pace?: Pace | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Reads the body; what is left unread is thrown away with its connection. */
  readonly read: ReadBody;
}

export interface HttpClient {
  /** Host and port, for messages. */
  readonly authority: string;
  /**
   * One request, and whatever `consume` makes of its reply.
   * @throws 'backend/unreachable', 'tls/handshake', 'tls/untrusted', the signal's reason
   */
  exchange<T>(exchange: Exchange, consume: (reply: Reply) => Promise<T>): Promise<T>;
  /**
   * Loads a range into memory, the quick way. False where there is none or it did not work out, and
   * {@link HttpClient.exchange} has to be asked.
   * @throws the signal's reason, 'backend/unreachable'
   */
  readRange(request: RangeRequest): Promise<boolean>;
  tls(): TlsSession | undefined;
  close(): void;
}

/** Bytes handed to the socket at once; at 64 KiB, TLS uploads on loopback are a third slower. */
const uploadPieceBytes = 256 * 1024;
/** Under a rate limit, so that a slow line is filled evenly. */
const pacedPieceBytes = 16 * 1024;

/** @throws 'usage/invalid' if a certificate, key or group is not understood */
export function httpClient(url: URL, options: HttpClientOptions): HttpClient {
  const overTls = url.protocol === 'https:';
  const socketPath = splitSocketPath(url)?.socketPath;
  const authority = socketPath ?? `${url.hostname}:${url.port || (overTls ? 443 : 80)}`;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (overTls ? 443 : 80);
  const target = socketPath ? { socketPath } : { host, port };
  const trust = overTls ? tlsTrust(options) : undefined;
  const agent = trust
    ? new https.Agent({ ...agentOptions(options), ...trust })
    : new http.Agent(agentOptions(options));
  // The proxy's protocol is the agent's.
  const ranges =
    trust && !options.proxyEnv
      ? new RangeReader({ ...options, authority, connect: connector(host, port, trust) })
      : undefined;
  let session: TlsSession | undefined;

  function watchSocket(socket: Socket, watchdog: Watchdog): void {
    if (!socket.connecting) {
      watchdog.connected();
      return;
    }
    watchdog.connecting();
    socket.once(socket instanceof tls.TLSSocket ? 'secureConnect' : 'connect', () => {
      if (socket instanceof tls.TLSSocket) session ??= describeSession(socket);
      watchdog.connected();
    });
  }

  async function once<T>(
    exchange: Exchange,
    consume: (reply: Reply) => Promise<T>,
    state: { reused: boolean; replied: boolean },
  ): Promise<T> {
    const { signal, body = [] } = exchange;
    signal?.throwIfAborted();
    const cancelled = Promise.withResolvers<never>();
    cancelled.promise.catch(() => {});
    const request = (overTls ? https : http).request({
      ...target,
      agent,
      method: exchange.method,
      path: exchange.path,
      headers: exchange.headers,
    });
    const cancel = (reason: unknown): void => {
      cancelled.reject(reason);
      request.destroy();
    };
    const onAbort = (): void => cancel(signal?.reason);
    const watchdog = new Watchdog(authority, options, cancel);
    signal?.addEventListener('abort', onAbort, { once: true });
    // A proxy connects before there is a socket, so that the deadline has to run from the start.
    if (options.proxyEnv) watchdog.connected();
    request.on('socket', (socket) => watchSocket(socket, watchdog));
    let reply: http.IncomingMessage | undefined;
    // A server may answer before it has read everything, and then hang up. Once there is an answer,
    // it counts, and a loss while it is read shows in its body.
    const fail = (error: unknown): void => {
      if (!state.replied) cancelled.reject(error);
    };
    request.on('error', fail);
    try {
      const replied = Promise.withResolvers<http.IncomingMessage>();
      request.once('response', (message) => {
        state.replied = true;
        replied.resolve(message);
      });
      send(request, body, exchange, watchdog).catch(fail);
      const message = await Promise.race([replied.promise, cancelled.promise]);
      reply = message;
      // Through a proxy the socket comes here only after its handshake.
      if (reply.socket instanceof tls.TLSSocket) session ??= describeSession(reply.socket);
      watchdog.progress();
      const { statusCode = 0, headers } = reply;
      options.onReply?.({ status: statusCode, headers });
      const read = consume({
        status: statusCode,
        headers,
        read: (onPiece) => receive(message, onPiece, exchange, watchdog),
      });
      return await Promise.race([read, cancelled.promise]);
    } catch (error) {
      state.reused = request.reusedSocket;
      signal?.throwIfAborted();
      throw error;
    } finally {
      watchdog.stop();
      signal?.removeEventListener('abort', onAbort);
      if (!reply?.complete || !request.writableFinished) request.destroy();
    }
  }

  return {
    authority,

    async exchange(exchange, consume) {
      for (;;) {
        const state = { reused: false, replied: false };
        try {
          return await once(exchange, consume, state);
        } catch (error) {
          // The server closed a kept connection just as the request was on its way.
          const stale = state.reused && !state.replied && isReset(error);
          if (!stale) throw translateConnectionError(error, authority);
        }
      }
    },

    readRange: async (request) => (await ranges?.read(request)) ?? false,
    tls: () => session,

    close() {
      agent.destroy();
      ranges?.close();
    },
  };
}

function agentOptions(options: HttpClientOptions): http.AgentOptions {
  const { connections, proxyEnv } = options;
  return {
    keepAlive: true,
    maxSockets: connections,
    maxFreeSockets: connections,
    ...(proxyEnv === undefined ? {} : { proxyEnv: { ...proxyEnv } }),
  };
}

type TlsTrust = Pick<tls.ConnectionOptions, 'secureContext' | 'rejectUnauthorized'>;

function connector(host: string, port: number, trust: TlsTrust): RangeReaderOptions['connect'] {
  const place = { host, port, servername: net.isIP(host) === 0 ? host : '' };
  // Node documents `onread` for each socket; its types know it for TCP only.
  return (onread) =>
    tls.connect({
      ...place,
      ...trust,
      ALPNProtocols: ['http/1.1'],
      onread,
    } as tls.ConnectionOptions);
}

function tlsTrust(options: HttpClientOptions): TlsTrust {
  const { ca, clientCert, tlsMin = '1.2', groups, insecureTls = false } = options;
  try {
    const secureContext = tls.createSecureContext({
      ca: ca ?? defaultAuthorities(),
      // What is named by `ca` is trusted as it is, even if it is an intermediate or the server's own.
      allowPartialTrustChain: ca !== undefined,
      minVersion: `TLSv${tlsMin}`,
      ...(clientCert === undefined ? {} : { cert: clientCert, key: clientCert }),
      ...(groups === undefined ? {} : { ecdhCurve: groups }),
    });
    return { secureContext, rejectUnauthorized: !insecureTls };
  } catch (error) {
    throw new SealiftError('usage/invalid', `the TLS options do not work: ${messageOf(error)}`, {
      cause: error,
      hint: 'check the PEM files of --cacert and --tls-client-cert and the names in --tls-groups',
    });
  }
}

/** Node's own list and the system's, where a company's authority usually is. */
function defaultAuthorities(): string[] {
  // Node 22.15 and 23.10 brought it.
  if (typeof tls.getCACertificates !== 'function') return [...tls.rootCertificates];
  return [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])];
}

function describeSession(socket: tls.TLSSocket): TlsSession {
  const keyInfo: object | null = socket.getEphemeralKeyInfo();
  const group =
    keyInfo && 'name' in keyInfo && typeof keyInfo.name === 'string' ? keyInfo.name : undefined;
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    group,
    postQuantum: group?.includes('MLKEM') ?? false,
  };
}

function isReset(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE'].includes(systemCodeOf(error) ?? '');
}

async function send(
  request: http.ClientRequest,
  parts: readonly Uint8Array[],
  exchange: Exchange,
  watchdog: Watchdog,
): Promise<void> {
  if (exchange.method === 'POST') request.setHeader('Content-Length', partsSize(parts));
  const { pace, signal } = exchange;
  for (const piece of piecesOf(parts, pace ? pacedPieceBytes : uploadPieceBytes)) {
    if (pace) await watchdog.suspended(() => pace.upload(piece.byteLength, signal));
    if (request.destroyed) return;
    await write(request, piece);
    watchdog.progress();
  }
  request.end();
}

/** Views of large parts; small parts, such as the blobs of a pack of trees, are sent together. */
function* piecesOf(parts: readonly Uint8Array[], pieceBytes: number): Generator<Uint8Array> {
  let small: Uint8Array[] = [];
  let smallSize = 0;
  for (const part of parts) {
    if (smallSize > 0 && smallSize + part.byteLength > pieceBytes) {
      yield concatBytes(...small);
      small = [];
      smallSize = 0;
    }
    if (part.byteLength < pieceBytes) {
      small.push(part);
      smallSize += part.byteLength;
      continue;
    }
    for (let start = 0; start < part.byteLength; start += pieceBytes) {
      yield part.subarray(start, start + pieceBytes);
    }
  }
  if (smallSize > 0) yield concatBytes(...small);
}

/** Resolves when the piece has gone to the system, so that at most one waits in memory. */
function write(request: http.ClientRequest, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    request.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}

/** Piece by piece without a promise for each: TLS gives 16 KiB at a time. */
async function receive(
  reply: http.IncomingMessage,
  onPiece: (piece: Uint8Array) => boolean,
  { pace, signal }: Exchange,
  watchdog: Watchdog,
): Promise<void> {
  const done = Promise.withResolvers<void>();
  const onData = (piece: Buffer): void => {
    watchdog.progress();
    if (!onPiece(piece)) {
      reply.off('data', onData);
      reply.pause();
      done.resolve();
      return;
    }
    if (!pace) return;
    reply.pause();
    watchdog
      .suspended(() => pace.download(piece.byteLength, signal))
      .then(() => reply.resume(), done.reject);
  };
  finished(reply, { writable: false }, (error) => (error ? done.reject(error) : done.resolve()));
  reply.on('data', onData);
  await done.promise;
}
