/** The OpenAPI 3.1 document, made of the same table and schemas that the server checks with. */

import { z } from 'zod';
import { commonErrors, contract, csrfHeader, type RouteEntry, sessionCookie } from './contract.ts';
import { problem } from './schemas/common.ts';

type Json = Record<string, unknown>;

const tags: Readonly<Record<string, string>> = {
  api: 'The description itself and the authority',
  session: 'Signing in, and tokens of programs',
  overview: 'The fleet as a whole',
  clients: 'The clients that the ledger knows',
  policy: 'The retirement plan',
  doctor: 'Machines and failures judged',
  vault: 'Health, storage, certificates',
  accounts: 'Users, logins, invitations',
  audit: 'Every change',
  events: 'What happens, as it happens',
};

/** @param version of Sealift */
export function openApiDocument(version: string): Json {
  const paths: Record<string, Json> = {};
  for (const [id, route] of Object.entries<RouteEntry>(contract)) {
    const path = route.path.replace(/:([a-z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(id, route) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Sealift vault',
      version: '1',
      description: `The HTTP API of a vault of Sealift ${version}.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api/v1' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { Problem: jsonSchema(problem, 'output') },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: sessionCookie },
        csrf: { type: 'apiKey', in: 'header', name: csrfHeader },
        token: { type: 'http', scheme: 'bearer' },
      },
    },
  };
}

function operation(id: string, route: RouteEntry): Json {
  const { access, method, summary, tag, query, params, body } = route;
  const parameters = [...parametersOf('path', params), ...parametersOf('query', query)];
  return {
    operationId: id,
    summary,
    tags: [tag],
    'x-sealift-role': access,
    security: securityOf(route),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: {
      ...success(route.answer),
      default: {
        description: `A problem: ${[...commonErrors[access === 'public' ? 'public' : 'guarded'], ...(route.errors ?? [])].join(', ')}`,
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
      },
    },
    ...(method === 'GET' ? {} : { description: changeNote(access) }),
  };
}

function changeNote(access: RouteEntry['access']): string {
  return access === 'public'
    ? 'Only from pages of the vault itself, or from a program.'
    : 'With a session: the CSRF token in its header. With a bearer token: without.';
}

function securityOf({ access, method }: RouteEntry): Json[] {
  if (access === 'public') return [];
  const session = method === 'GET' ? { session: [] } : { session: [], csrf: [] };
  return [session, { token: [] }];
}

function parametersOf(place: 'path' | 'query', schema: z.ZodObject | undefined): Json[] {
  if (schema === undefined) return [];
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(field as z.ZodType, undefined).success,
    schema: jsonSchema(field as z.ZodType, 'input'),
  }));
}

function requestBody(body: Exclude<RouteEntry['body'], undefined>): Json {
  if (body.kind === 'json') {
    return {
      required: true,
      content: { 'application/json': { schema: jsonSchema(body.schema, 'input') } },
    };
  }
  const fields = jsonSchema(body.schema, 'input');
  const files = { type: 'array', items: { type: 'string', format: 'binary' } };
  const properties = { ...(fields['properties'] as Json), files };
  return {
    required: true,
    content: { 'multipart/form-data': { schema: { ...fields, properties, required: ['files'] } } },
  };
}

function success(answer: RouteEntry['answer']): Json {
  switch (answer.kind) {
    case 'json':
      return {
        [answer.status]: {
          description: 'Done',
          content: { 'application/json': { schema: jsonSchema(answer.schema, 'output') } },
        },
      };
    case 'empty':
      return { 204: { description: 'Done' } };
    case 'file':
      return {
        200: {
          description: 'A file',
          content: Object.fromEntries(answer.types.map((type) => [type, {}])),
        },
      };
    case 'events':
      return {
        200: {
          description: 'Events until either side closes',
          content: { 'text/event-stream': { schema: { type: 'string' } } },
        },
      };
  }
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return rest;
}
