/** Servers on loopback that behave in one way each, for tests of what looks at servers. */

import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';

export interface Listener {
  readonly port: number;
}

interface Cleaner {
  after(cleanUp: () => unknown): void;
}

/** Starts a server on port 0 and stops it, with its connections, when the test ends. */
export async function listen(context: Cleaner, server: net.Server): Promise<Listener> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    // Clients of these tests cut connections on purpose.
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  });
  return { port: (server.address() as net.AddressInfo).port };
}

/** HTTPS that answers 204, with a Date field. */
export function listenHttps(context: Cleaner, options: https.ServerOptions): Promise<Listener> {
  const server = https.createServer(options, (_request, response) => {
    response.writeHead(204).end();
  });
  return listen(context, server);
}

export function listenHttp(context: Cleaner): Promise<Listener> {
  const server = http.createServer((_request, response) => {
    response.end('plain');
  });
  return listen(context, server);
}

/** TLS that says nothing after the handshake. */
export function listenTls(context: Cleaner, options: tls.TlsOptions): Promise<Listener> {
  return listen(context, tls.createServer(options));
}

/** Cuts every connection by force once the client has said something. */
export function listenAndReset(context: Cleaner): Promise<Listener> {
  const server = net.createServer((socket) => {
    socket.once('data', () => socket.resetAndDestroy());
  });
  return listen(context, server);
}

/** Reads, and never answers. */
export function listenSilently(context: Cleaner): Promise<Listener> {
  return listen(
    context,
    net.createServer((socket) => socket.resume()),
  );
}

/**
 * In front of a TLS server: cuts hellos of old clients by force, and passes all others on, as some
 * services and firewalls do.
 */
export function listenAndResetOld(context: Cleaner, upstreamPort: number): Promise<Listener> {
  const server = net.createServer((socket) => {
    socket.once('data', (hello: Buffer) => {
      // The version field of the hello follows the headers of record (5) and message (4).
      if (hello.readUInt16BE(9) < 0x0303) {
        socket.resetAndDestroy();
        return;
      }
      const upstream = net.connect({ host: '127.0.0.1', port: upstreamPort });
      upstream.on('error', () => socket.destroy());
      upstream.write(hello);
      socket.pipe(upstream).pipe(socket);
      socket.on('close', () => upstream.destroy());
    });
  });
  return listen(context, server);
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
