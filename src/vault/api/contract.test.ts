/** The running vault against its own OpenAPI document: generated requests, and every role on every route. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { startTestVault, type TestAnswer, type TestVault } from '../vault-fixture.ts';
import {
  type ApiTestRequest,
  type ApiUser,
  addConsoleUsers,
  callApi,
  signInAs,
  testRoles,
} from './api-fixture.ts';
import { contract, type RouteEntry } from './contract.ts';
import { problem } from './schemas/common.ts';

type Json = Record<string, unknown>;

interface Operation {
  readonly operationId: string;
  readonly parameters?: { name: string; in: string; required: boolean; schema: Json }[];
  readonly requestBody?: { content: Record<string, { schema: Json }> };
}

/** Routes that would end the session or the test's own ground. */
const kept = new Set(['signOut', 'changePassword', 'watchEvents', 'startScrub', 'signIn']);

describe('the API by its own description', { concurrency: false }, () => {
  let vault: TestVault;
  const users = new Map<string, ApiUser>();
  let operations: { path: string; method: string; operation: Operation }[] = [];
  const closers: (() => unknown)[] = [];

  before(async () => {
    vault = await startTestVault({ after: (job: () => unknown) => closers.push(job) } as never);
    await addConsoleUsers(vault.database);
    for (const role of testRoles) users.set(role, await signInAs(vault, role));
    const document = (await callApi(vault, 'GET', '/openapi.json')).json() as {
      paths: Record<string, Record<string, Operation>>;
    };
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        ...{ path, method: method.toUpperCase(), operation },
      })),
    );
  });
  after(async () => {
    for (const close of closers.reverse()) await close();
  });

  test('each role may do what the table says and nothing else', async () => {
    const ranks = { public: -1, viewer: 0, operator: 1, owner: 2 } as const;
    for (const [id, route] of Object.entries<RouteEntry>(contract)) {
      if (kept.has(id)) continue;
      const path = route.path.replace(/:[a-z]+/g, 'none');
      const options = route.body === undefined ? {} : { body: {} };
      const nobody = await callApi(vault, route.method, path, options);
      assert.equal(nobody.status === 401, route.access !== 'public', `${id} without a session`);
      for (const [rank, role] of testRoles.entries()) {
        const { status } = await (users.get(role) as ApiUser).call(route.method, path, options);
        assert.equal(status === 403, rank < ranks[route.access], `${id} as ${role}: ${status}`);
        assert.notEqual(status, 401, `${id} as ${role}`);
      }
    }
  });

  test('no generated request makes the vault fail, and each answer is as described', async () => {
    const owner = users.get('owner') as ApiUser;
    const possible = operations.filter(({ operation }) => !kept.has(operation.operationId));
    const requests = fc.constantFrom(...possible).chain(({ path, method, operation }) =>
      fc.record({
        ...{ id: fc.constant(operation.operationId), method: fc.constant(method) },
        path: pathOf(path, operation),
        body: bodyOf(operation),
      }),
    );
    await fc.assert(
      fc.asyncProperty(requests, async ({ id, method, path, body }) => {
        const answer = await owner.call(method, path, await sendable(body));
        check(id as keyof typeof contract, answer, `${method} ${path} ${JSON.stringify(body)}`);
      }),
      { numRuns: 250 },
    );
  });
});

function check(id: keyof typeof contract, answer: TestAnswer, what: string): void {
  assert.ok(answer.status < 500, `${what}: ${answer.status} ${answer.body.toString()}`);
  const route: RouteEntry = contract[id];
  if (answer.status >= 400) {
    const found = problem.parse(answer.json());
    assert.equal(found.status, answer.status, what);
    return;
  }
  if (route.answer.kind === 'json') {
    assert.equal(answer.status, route.answer.status, what);
    route.answer.schema.parse(answer.json());
  }
}

/** Values that fit a schema of the document, mostly. */
function valueFor(schema: Json, depth = 0): fc.Arbitrary<unknown> {
  const wild = fc.oneof(fc.string(), fc.integer(), fc.constantFrom(null, true, '', '\u0000', {}));
  return fc.oneof(
    { weight: 14, arbitrary: fitting(schema, depth) },
    { weight: 1, arbitrary: wild },
  );
}

function fitting(schema: Json, depth: number): fc.Arbitrary<unknown> {
  const options = (schema['anyOf'] ?? schema['oneOf']) as Json[] | undefined;
  if (options !== undefined) return fc.oneof(...options.map((one) => valueFor(one, depth + 1)));
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  switch (schema['type']) {
    case 'integer':
    case 'number': {
      const min = Math.max(Number(schema['minimum'] ?? -100), -1e9);
      const max = Math.min(Number(schema['maximum'] ?? 1e6), 1e9);
      return fc.integer({ min: Math.min(min, max), max });
    }
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valueFor((schema['items'] ?? {}) as Json, depth + 1), { maxLength: 3 });
    case 'object': {
      const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Json>);
      const requiredKeys = ((schema['required'] ?? []) as string[]).filter((key) =>
        properties.some(([name]) => name === key),
      );
      return fc.record(
        Object.fromEntries(properties.map(([name, one]) => [name, valueFor(one, depth + 1)])),
        { requiredKeys },
      );
    }
    default:
      return textOf(schema);
  }
}

function textOf({ format, pattern }: Json): fc.Arbitrary<string> {
  if (format === 'date') return fc.constantFrom('2026-11-28', '2027-02-30', '0001-01-01');
  if (format === 'date-time')
    return fc.constantFrom('2026-11-28T00:00:00Z', '9999-12-31T23:59:59+14:00');
  if (typeof pattern === 'string' && pattern.length < 120)
    return fc.oneof(fc.stringMatching(new RegExp(pattern, 'u')), fc.string());
  return fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      'login:alice',
      'certificate:x',
      'address:127.0.0.1|x',
      'policy: modern',
      '10054',
    ),
  );
}

function pathOf(path: string, { parameters = [] }: Operation): fc.Arbitrary<string> {
  const values = Object.fromEntries(
    parameters.map(({ name, required, schema }) => [
      name,
      required ? valueFor(schema) : fc.option(valueFor(schema), { nil: undefined }),
    ]),
  );
  return fc.record(values as Record<string, fc.Arbitrary<unknown>>).map((given) => {
    const encode = (value: unknown): string =>
      encodeURIComponent(String(value).toWellFormed()) || 'x';
    const filled = path.replace(/\{([a-z]+)\}/g, (_, name: string) => encode(given[name]));
    const query = parameters
      .filter(({ in: place, name }) => place === 'query' && given[name] !== undefined)
      .map(({ name }) => `${name}=${encode(given[name])}`);
    return query.length === 0 ? filled : `${filled}?${query.join('&')}`;
  });
}

function bodyOf({ requestBody }: Operation): fc.Arbitrary<unknown> {
  const form = requestBody?.content['multipart/form-data']?.schema;
  if (form !== undefined) return formOf(form);
  const schema = requestBody?.content['application/json']?.schema;
  return schema === undefined ? fc.constant(undefined) : valueFor(schema);
}

/** Files of any bytes, or that begin as what the doctor reads, and fields beside them. */
function formOf({ properties }: Json): fc.Arbitrary<FormData> {
  const { files: _, ...fields } = properties as Record<string, Json>;
  const beginnings = ['', 'regf', '{"schema":1,', 'REGEDIT4\r\n', '\ufeffWindows Registry Editor'];
  const file = fc.record({
    name: fc.oneof(fc.string(), fc.constantFrom('SYSTEM', 'a.reg', 'f.json', '../x', 'a.LOG1')),
    bytes: fc
      .tuple(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 5000 }))
      .map(([beginning, rest]) => Buffer.concat([Buffer.from(beginning), rest])),
  });
  const values = Object.fromEntries(
    Object.entries(fields).map(([name, schema]) => [
      name,
      fc.option(valueFor(schema), { nil: undefined }),
    ]),
  );
  return fc.tuple(fc.array(file, { maxLength: 3 }), fc.record(values)).map(([files, given]) => {
    const form = new FormData();
    for (const { name, bytes } of files) form.append('files', new Blob([bytes]), name);
    for (const [name, value] of Object.entries(given)) {
      if (value !== undefined) form.append(name, String(value));
    }
    return form;
  });
}

async function sendable(body: unknown): Promise<ApiTestRequest> {
  if (body === undefined) return {};
  if (!(body instanceof FormData)) return { body };
  const encoded = new Response(body);
  const type = encoded.headers.get('content-type') ?? '';
  return { body: await encoded.bytes(), headers: { 'content-type': type } };
}
