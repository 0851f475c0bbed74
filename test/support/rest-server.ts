/** A small REST repository server over memory, which tests can make misbehave. */

import { createHash } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { fileTypes, isStorageName } from '../../src/storage/backend.ts';

const version2 = 'application/vnd.x.restic.rest.v2';

export interface RestServerOptions {
  /** TLS options; plain HTTP when left out. */
  readonly tls?: https.ServerOptions;
  /** A Unix socket instead of a TCP port. */
  readonly socketPath?: string;
  /** 1 lists names only. */
  readonly version?: 1 | 2;
  /** Required for every request: `user:password`. */
  readonly login?: string;
  /** Refuses every removal but that of locks. */
  readonly appendOnly?: boolean;
  /** Asked first; answers the request itself (or not at all) and gives true, or leaves it. */
  readonly intercept?: Intercept;
}

export type Intercept = (
  request: http.IncomingMessage,
  response: http.ServerResponse,
) => boolean | Promise<boolean>;

export interface RestServer {
  /** Ends with a slash. */
  readonly url: URL;
  readonly port: number;
  /** What is stored, by `keys/3f…` or `config`. */
  readonly files: Map<string, Uint8Array>;
  /** `POST /repo/config`, in order of arrival. */
  readonly requests: string[];
  /** Headers of those requests. */
  readonly headers: http.IncomingHttpHeaders[];
  /** Connections that were made so far. */
  connectionCount(): number;
  setIntercept(intercept: Intercept | undefined): void;
}

/** Runs until the test ends. */
export async function startRestServer(
  context: Pick<TestContext, 'after'>,
  options: RestServerOptions = {},
): Promise<RestServer> {
  const files = new Map<string, Uint8Array>();
  const requests: string[] = [];
  const headers: http.IncomingHttpHeaders[] = [];
  let intercept = options.intercept;
  let connections = 0;

  const handle = async (
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> => {
    requests.push(`${request.method} ${request.url}`);
    headers.push(request.headers);
    if (await intercept?.(request, response)) return;
    await answer(files, options, request, response);
  };
  const listener: http.RequestListener = (request, response) => {
    // A request that the client cut off rejects here; there is nobody left to tell.
    handle(request, response).catch(() => response.destroy());
  };
  const server = options.tls
    ? https.createServer(options.tls, listener)
    : http.createServer(listener);
  server.on(options.tls ? 'secureConnection' : 'connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => {
    if (options.socketPath) server.listen(options.socketPath, resolve);
    else server.listen(0, '127.0.0.1', resolve);
  });
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const port = options.socketPath ? 0 : (server.address() as AddressInfo).port;
  return {
    url: options.socketPath
      ? new URL(`http+unix://${options.socketPath}:/repo/`)
      : new URL(`${options.tls ? 'https' : 'http'}://127.0.0.1:${port}/repo/`),
    port,
    files,
    requests,
    headers,
    connectionCount: () => connections,
    setIntercept: (next) => {
      intercept = next;
    },
  };
}

/** Reads the body of a request to its end. */
export async function readBody(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function answer(
  files: Map<string, Uint8Array>,
  options: RestServerOptions,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const status = (code: number, text = ''): void => {
    response.writeHead(code, { 'Content-Type': 'text/plain' }).end(text);
  };
  const expected = `Basic ${Buffer.from(options.login ?? '').toString('base64')}`;
  if (options.login && request.headers.authorization !== expected) return status(401);

  const url = new URL(request.url ?? '', 'http://server');
  const path = url.pathname.replace(/^\/repo\//, '');
  const body = await readBody(request);
  if (request.method === 'POST' && path === '') {
    return status(url.searchParams.get('create') === 'true' ? 200 : 400);
  }
  if (request.method === 'GET' && path.endsWith('/')) {
    return answerList(files, path, options.version ?? 2, response);
  }
  const [type = '', name = ''] = path.split('/');
  if (path !== 'config' && !(fileTypes.some((known) => known === type) && isStorageName(name))) {
    return status(404);
  }
  switch (request.method) {
    case 'POST': {
      if (files.has(path)) return status(403);
      const hash = createHash('sha256').update(body).digest('hex');
      if (path !== 'config' && hash !== name) return status(400, 'hash does not match');
      files.set(path, new Uint8Array(body));
      return status(200);
    }
    case 'DELETE':
      if (options.appendOnly && type !== 'locks') return status(403);
      files.delete(path);
      return status(200);
    default:
      return answerFile(files.get(path), path, request, response);
  }
}

function answerList(
  files: ReadonlyMap<string, Uint8Array>,
  prefix: string,
  version: 1 | 2,
  response: http.ServerResponse,
): void {
  const entries = [...files]
    .filter(([path]) => path.startsWith(prefix))
    .map(([path, bytes]) => ({ name: path.slice(prefix.length), size: bytes.byteLength }));
  const items = version === 2 ? entries : entries.map(({ name }) => name);
  response
    .writeHead(200, { 'Content-Type': version === 2 ? version2 : 'application/json' })
    .end(JSON.stringify(items));
}

function answerFile(
  bytes: Uint8Array | undefined,
  path: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): void {
  if (!bytes) {
    response.writeHead(404).end();
    return;
  }
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  // As rest-server does: a config comes whole, whatever the range.
  if (!match || path === 'config' || bytes.byteLength === 0) {
    response.writeHead(200, { 'Content-Length': bytes.byteLength });
    response.end(request.method === 'HEAD' ? undefined : bytes);
    return;
  }
  const start = Number(match[1]);
  const end = Math.min(match[2] ? Number(match[2]) + 1 : bytes.byteLength, bytes.byteLength);
  if (start >= bytes.byteLength) {
    response.writeHead(416).end();
    return;
  }
  response
    .writeHead(206, {
      'Content-Length': end - start,
      'Content-Range': `bytes ${start}-${end - 1}/${bytes.byteLength}`,
    })
    .end(bytes.subarray(start, end));
}
