/** `GET /metrics` over plain HTTP on a listener of its own, for a Prometheus server nearby. */

import { createServer, type Server } from 'node:http';
import { messageOf, SealiftError } from '../../base/errors.ts';
import type { ListenAddress } from '../config-fields.ts';
import type { Metrics } from './metrics.ts';

const requestTimeoutMs = 10_000;
/** A scraper needs one or two. */
const maxConnections = 20;

export interface MetricsListener {
  /** `http://host:port/metrics` */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** @throws SealiftError `vault/listen` */
export async function listenForMetrics(
  metrics: Metrics,
  { host, port }: ListenAddress,
): Promise<MetricsListener> {
  const server = createServer({ requestTimeout: requestTimeoutMs, headersTimeout: 5000 });
  server.maxConnections = maxConnections;
  server.on('request', (request, response) => {
    request.resume();
    const path = (request.url ?? '').split('?')[0];
    const status =
      path !== '/metrics' ? 404 : /^(GET|HEAD)$/.test(request.method ?? '') ? 200 : 405;
    if (status !== 200) {
      response.writeHead(status, status === 405 ? { allow: 'GET, HEAD' } : {}).end();
      return;
    }
    metrics.text().then(
      (text) => {
        response.writeHead(200, {
          'content-type': metrics.contentType,
          'cache-control': 'no-store',
        });
        response.end(request.method === 'HEAD' ? undefined : text);
      },
      (error: unknown) => response.writeHead(500).end(`${messageOf(error)}\n`),
    );
  });
  await listen(server, { host, port });
  const address = server.address();
  const bound = address === null || typeof address === 'string' ? port : address.port;
  const shown = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${shown}:${bound}/metrics`,
    port: bound,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const message = `cannot listen for metrics on ${host} port ${port}: ${error.message}`;
      reject(
        new SealiftError('vault/listen', message, {
          cause: error,
          fields: { host, port },
          hint: 'Choose another address or port with --metrics-listen, or stop what uses it.',
        }),
      );
    });
    server.listen({ host, port }, resolve);
  });
}
