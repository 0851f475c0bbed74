/** Behind a door that ends TLS and speaks HTTP/1.1: a reverse proxy that tells the upstream who asks. */

import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { systemCodeOf } from '../base/errors.ts';
import { noticeHeaders } from '../tls/retirement/notice-headers.ts';
import { softRefusalText } from '../tls/retirement/notice-text.ts';
import type { Notice } from '../tls/retirement/verdict.ts';
import { type Connection, findConnection } from './door-connection.ts';
import { joinSockets } from './join-streams.ts';
import { endToEnd, type Headers, requestHeaders } from './proxy-headers.ts';
import type { Upstream } from './upstream.ts';

export interface HttpProxyOptions {
  readonly upstream: Upstream;
  readonly connectMs: number;
}

export interface HttpProxy {
  onSecure(socket: TLSSocket, connection: Connection): void;
  /** Answers what is in flight, then ends connections: idle ones at once. */
  close(): void;
}

/** A client that sends its request slowly holds a socket; this is Node's own default. */
const requestMs = 300_000;

export function httpProxy({ upstream, connectMs }: HttpProxyOptions): HttpProxy {
  const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 64 });
  const target = { upstream, connectMs };
  const server = http.createServer({ requestTimeout: requestMs }, (request, response) => {
    const notices = noticesOf(request);
    if (notices.isRefused) refuse(response, notices.all);
    else forward(request, response, { ...target, agent, notices: notices.all });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', ignore);
    const notices = noticesOf(request);
    if (notices.isRefused) refuseUpgrade(socket, notices.all);
    else upgrade(request, { socket, head }, { ...target, agent: false });
  });
  // This server never listens itself, but its watch over slow requests begins with that event.
  server.emit('listening');
  return {
    onSecure(socket) {
      socket.setNoDelay(true);
      server.emit('connection', socket);
    },
    close() {
      // Throws or tells that it does not listen, which is how it was meant.
      server.close(() => agent.destroy());
      server.closeIdleConnections();
    },
  };
}

interface Target extends HttpProxyOptions {
  readonly agent: http.Agent | false;
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target & { readonly notices: readonly Notice[] },
): void {
  const { notices } = target;
  const said = noticeHeaders(notices);
  const outgoing = ask(request, framingOf(request), target);
  outgoing.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, {
      ...endToEnd(answer.rawHeaders),
      ...said,
    });
    pipeline(answer, response, ignore);
  });
  outgoing.on('error', (error) => {
    if (response.headersSent) response.destroy();
    else
      answerText(response, 502, `The server behind the door cannot be reached (${codeOf(error)}).`);
  });
  response.on('close', () => outgoing.destroy());
  pipeline(request, outgoing, ignore);
}

/** The request to the upstream; only connecting to it has a deadline, an answer may take its time. */
function ask(request: IncomingMessage, extra: Headers, target: Target): http.ClientRequest {
  const { upstream, connectMs, agent } = target;
  const outgoing = http.request({
    ...upstream,
    agent,
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    setHost: false,
    headers: { ...headersFor(request), ...extra },
  });
  outgoing.on('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => socket.destroy(new Error('timeout')), connectMs).unref();
    socket.once('connect', () => clearTimeout(timer));
    socket.once('close', () => clearTimeout(timer));
  });
  return outgoing;
}

/** The body goes on as it came: by length, in chunks, or there is none. */
function framingOf(request: IncomingMessage): Headers {
  if (request.headers['transfer-encoding'] !== undefined) return { 'transfer-encoding': 'chunked' };
  const isBodyUsual = !['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'].includes(request.method ?? '');
  if (request.headers['content-length'] === undefined && isBodyUsual)
    return { 'content-length': '0' };
  return {};
}

/** WebSocket and the like: the head is passed on, then the two sockets are one line. */
function upgrade(
  request: IncomingMessage,
  client: { readonly socket: Duplex; readonly head: Buffer },
  target: Target,
): void {
  const { socket, head } = client;
  const outgoing = ask(
    request,
    { connection: 'Upgrade', upgrade: request.headers.upgrade ?? '' },
    target,
  );
  outgoing.on('upgrade', (answer, server, serverHead) => {
    socket.write(headText(answer, answer.rawHeaders));
    if (serverHead.byteLength > 0) socket.write(serverHead);
    if (head.byteLength > 0) server.write(head);
    joinSockets(socket, server);
  });
  outgoing.on('response', (answer) => {
    const headers = Object.entries({ ...endToEnd(answer.rawHeaders), connection: 'close' });
    socket.write(
      headText(
        answer,
        headers.flatMap(([name, value]) => [value].flat().flatMap((one) => [name, one])),
      ),
    );
    pipeline(answer, socket, ignore);
  });
  outgoing.on('error', () => socket.destroy());
  socket.on('close', () => outgoing.destroy());
  outgoing.end();
}

function headText(answer: IncomingMessage, raw: readonly string[]): string {
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`];
  for (let index = 0; index + 1 < raw.length; index += 2)
    lines.push(`${raw[index]}: ${raw[index + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function headersFor(request: IncomingMessage): Headers {
  return requestHeaders(request.rawHeaders, {
    address: findConnection(request.socket)?.address ?? '',
    host: request.headers.host,
  });
}

function noticesOf(request: IncomingMessage) {
  const verdict = findConnection(request.socket)?.verdict;
  return { all: verdict?.notices ?? [], isRefused: verdict?.kind === 'soft-refuse' };
}

/** 403, because clients that try again hide 429 and 503 from those who should see them. */
function refuse(response: ServerResponse, notices: readonly Notice[]): void {
  for (const [name, value] of Object.entries(noticeHeaders(notices)))
    response.setHeader(name, value);
  answerText(response, 403, softRefusalText(notices));
}

function refuseUpgrade(socket: Duplex, notices: readonly Notice[]): void {
  const text = softRefusalText(notices);
  const size = Buffer.byteLength(text);
  socket.end(
    `HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n${text}`,
  );
}

function answerText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  });
  response.end(text);
}

function codeOf(error: Error): string {
  return systemCodeOf(error) ?? error.message;
}

function ignore(): void {
  // Both sides are ended by then; the record of the connection has the rest.
}
