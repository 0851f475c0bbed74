/**
 * Registers every route of the contract: forgery, caller, role, request, handler, answer, each checked
 * by the table. A handler only does what its route is for.
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { SealiftError } from '../../../base/errors.ts';
import { findConnection } from '../../../door/door-connection.ts';
import {
  apiPrefix,
  type CheckedRequestOf,
  type Contract,
  contract,
  type ResponseOf,
  type RouteEntry,
  type RouteId,
} from '../contract.ts';
import { type Caller, type CallerParts, checkAccess, checkForgery, findCaller } from './caller.ts';
import { problemOf } from './problem.ts';
import { readRequest, type UploadedFile } from './read-request.ts';
import { apiHeaders } from './security-headers.ts';

/** What a handler may know of a request besides its checked parts. */
export interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly caller: Caller | undefined;
  /** Without port. */
  readonly address: string;
  readonly files: readonly UploadedFile[];
}

/** Of a route that needs a role. */
export interface GuardedCall extends Call {
  readonly caller: Caller;
}

/** An answer that was checked and made into bytes elsewhere. */
export interface PreparedAnswer {
  readonly kind: 'prepared';
  readonly bytes: Uint8Array;
  readonly encoding?: 'gzip' | undefined;
}

export interface FileAnswer {
  readonly kind: 'file';
  readonly type: string;
  /** To save it under; shown in place when left out. */
  readonly name?: string | undefined;
  readonly bytes: Uint8Array | string;
}

type Answered<I extends RouteId> = Contract[I]['answer'] extends { readonly kind: 'json' }
  ? ResponseOf<I> | PreparedAnswer
  : Contract[I]['answer'] extends { readonly kind: 'file' }
    ? FileAnswer
    : // The event stream takes the connection over.
      undefined;

type CallOf<I extends RouteId> = Contract[I]['access'] extends 'public' ? Call : GuardedCall;

export type Handler<I extends RouteId> = (
  request: CheckedRequestOf<I>,
  call: CallOf<I>,
) => Promise<Answered<I>>;

export type Handlers = { readonly [I in RouteId]: Handler<I> };

export interface ApiRouteParts extends CallerParts {
  readonly handlers: Handlers;
  readonly logger: Logger;
  /** Lets a stop wait for a handler. */
  readonly guard: <T>(work: Promise<T>) => Promise<T>;
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export function addApiRoutes(app: FastifyInstance, parts: ApiRouteParts): void {
  void app.register(async (scope) => {
    scope.addHook('onRequest', async (_request, reply) => {
      void reply.headers(apiHeaders);
    });
    scope.setErrorHandler((error, request, reply) => {
      sendProblem(error, { request, reply, logger: parts.logger });
    });
    for (const [id, route] of Object.entries<RouteEntry>(contract)) {
      scope.route({
        method: route.method,
        url: `${apiPrefix}${route.path}`,
        handler: (request, reply) =>
          parts.guard(serve(id as RouteId, route, { request, reply, parts })),
      });
    }
    addStrangers(scope);
  });
}

/** Paths and methods below /api that no route has; without them the REST protocol would answer. */
function addStrangers(scope: FastifyInstance): void {
  const known = new Map<string, Set<string>>();
  for (const { path, method } of Object.values<RouteEntry>(contract))
    known.set(path, (known.get(path) ?? new Set()).add(method));
  for (const [path, allowed] of known) {
    scope.route({
      method: methods.filter((method) => !allowed.has(method)),
      url: `${apiPrefix}${path}`,
      async handler(request, reply) {
        void reply.header('allow', [...allowed].join(', '));
        throw new SealiftError('api/method', `this path does not know ${request.method}`, {
          fields: { method: request.method },
        });
      },
    });
  }
  for (const url of ['/api', '/api/*'])
    scope.route({
      method: [...methods],
      url,
      async handler() {
        throw new SealiftError('api/not-found', 'there is no such path', {
          fields: { what: 'path' },
        });
      },
    });
}

interface Serving {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly parts: ApiRouteParts;
}

async function serve(
  id: RouteId,
  route: RouteEntry,
  { request, reply, parts }: Serving,
): Promise<FastifyReply> {
  const { raw } = request;
  const caller = await findCaller(raw, parts);
  if (caller !== undefined) {
    request.client = `console:${caller.user}`;
    // The ledger is about backup clients; who looks at it is not one of them.
    findConnection(raw.socket)?.serveConsole();
  }
  // Signing in needs no session, so that a stale one may be there.
  checkForgery(raw, route.access === 'public' ? undefined : caller);
  checkAccess(route.access, caller);
  const { files, ...checked } = await readRequest(route, raw, request);
  const call: Call = { request, reply, caller, files, address: addressOf(request) };
  // The table says which schema made the parts and which role the caller has.
  const handler = parts.handlers[id] as unknown as (
    request: unknown,
    call: Call,
  ) => Promise<unknown>;
  const answer = await handler(checked, call);
  return send(route.answer, answer, reply);
}

function addressOf(request: FastifyRequest): string {
  return findConnection(request.raw.socket)?.address ?? request.ip;
}

function send(kind: RouteEntry['answer'], answer: unknown, reply: FastifyReply): FastifyReply {
  switch (kind.kind) {
    case 'empty':
      return reply.code(204).send();
    case 'events':
      return reply;
    case 'file': {
      const { type, name, bytes } = answer as FileAnswer;
      void reply.code(200).header('content-type', type);
      if (name !== undefined) void reply.header('content-disposition', dispositionOf(name));
      return reply.send(typeof bytes === 'string' ? bytes : Buffer.from(bytes));
    }
    case 'json':
      return sendJson(kind.status, { schema: kind.schema, answer, reply });
  }
}

function sendJson(
  status: number,
  {
    schema,
    answer,
    reply,
  }: { readonly schema: z.ZodType; readonly answer: unknown; readonly reply: FastifyReply },
): FastifyReply {
  void reply.code(status).header('content-type', 'application/json; charset=utf-8');
  if (isPrepared(answer)) {
    if (answer.encoding !== undefined)
      void reply.header('content-encoding', answer.encoding).header('vary', 'accept-encoding');
    return reply.send(
      Buffer.from(answer.bytes.buffer, answer.bytes.byteOffset, answer.bytes.byteLength),
    );
  }
  // What the contract does not name is dropped here, and what is missing is our own fault: 500.
  return reply.send(JSON.stringify(schema.parse(answer)));
}

function isPrepared(answer: unknown): answer is PreparedAnswer {
  return (
    typeof answer === 'object' && answer !== null && 'kind' in answer && answer.kind === 'prepared'
  );
}

/** RFC 6266: a plain name for every browser, the exact one besides it; never a line break. */
function dispositionOf(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._-]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`;
}

function sendProblem(
  error: unknown,
  { request, reply, logger }: { request: FastifyRequest; reply: FastifyReply; logger: Logger },
): void {
  const { status, headers, document } = problemOf(error);
  const path = request.url.split('?')[0];
  if (status >= 500) logger.error({ err: error, path }, 'API request failed');
  // A body that was not read to its end: the rest of it must not be taken for the next request.
  if (!request.raw.complete && request.method !== 'GET') void reply.header('connection', 'close');
  void reply
    .code(status)
    .headers({ ...apiHeaders, ...headers, 'content-type': 'application/problem+json' })
    .send(Buffer.from(JSON.stringify(document)));
}
