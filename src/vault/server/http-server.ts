/**
 * The HTTP side: a Fastify application on a server that never listens. The door hands it connections
 * whose TLS handshake is done; timeouts and the check for hung requests are those of any HTTP server.
 */

import { createServer, type Server } from 'node:http';
import type { TLSSocket } from 'node:tls';
import fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { VaultConfig } from '../config.ts';
import type { Connections } from './connections.ts';
import { Refusal, refusalOf } from './refusal.ts';
import { logRequest } from './request-log.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** `user:NAME` or `client:NAME`, once the request was authenticated; for the log. */
    client: string | null;
  }
}

/** restic keeps idle connections for 90 s; closing later than the client avoids a race. */
const keepAliveMs = 120_000;
const maxHeaderBytes = 16 * 1024;

export interface HttpSide {
  readonly app: FastifyInstance;
  /** Takes a connection over. */
  serve(socket: TLSSocket): void;
  /** Counts for requests and connections from now on. */
  configure(limits: VaultConfig['limits']): void;
  close(): Promise<void>;
}

export function createHttpSide({
  limits,
  connections,
  logger,
}: {
  limits: VaultConfig['limits'];
  connections: Connections;
  logger: Logger;
}): HttpSide {
  let server: Server | undefined;
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    // Bodies are streamed by the handlers, with limits of their own.
    bodyLimit: Number.MAX_SAFE_INTEGER,
    routerOptions: { maxParamLength: 4096 },
    serverFactory(handler) {
      server = createServer(
        {
          keepAliveTimeout: keepAliveMs,
          connectionsCheckingInterval: Math.min(5000, limits.headersTimeout),
          maxHeaderSize: maxHeaderBytes,
        },
        handler,
      );
      return server;
    },
  });
  if (server === undefined) throw new Error('Fastify made no server');
  const made = server;
  configure(made, limits);
  prepareAnswers(app, logger);
  app.addHook('onRequest', async (request, reply) => {
    connections.track(request.raw, reply.raw);
    logRequest(
      logger,
      { request: request.raw, response: reply.raw },
      () => request.client ?? undefined,
    );
  });
  // What 'listening' does to an HTTP server: it begins to check for requests that hang.
  made.emit('listening');
  return {
    app,
    serve(socket) {
      socket.setNoDelay(true);
      if (connections.add(socket)) made.emit('connection', socket);
    },
    configure: (wanted) => configure(made, wanted),
    async close() {
      // The error says that the server was not listening; the check ends all the same.
      made.close(() => undefined);
      await app.close();
    },
  };
}

function configure(server: Server, limits: VaultConfig['limits']): void {
  server.headersTimeout = limits.headersTimeout;
  server.requestTimeout = limits.requestTimeout;
  server.timeout = limits.idleTimeout;
}

function prepareAnswers(app: FastifyInstance, logger: Logger): void {
  app.decorateRequest('client', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.setNotFoundHandler((_request, reply) => {
    void reply
      .code(405)
      .header('allow', 'GET, HEAD, POST, DELETE')
      .send({ error: 'unknown method' });
  });
  app.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error);
    if (refusal.status >= 500) logger.error({ err: error, path: request.url }, 'request failed');
    void reply.code(refusal.status).headers(refusal.headers).send({ error: refusal.message });
  });
}

export function addHealthRoute(app: FastifyInstance, connections: Connections): void {
  app.get('/_sealift/v1/health', async (_request, reply) => {
    if (connections.draining) throw new Refusal(503, 'the vault is stopping');
    void reply.header('cache-control', 'no-store');
    return { status: 'ok', api: 1 };
  });
}
