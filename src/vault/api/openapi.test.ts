import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contract, type RouteEntry } from './contract.ts';
import { openApiDocument } from './openapi.ts';

const document = openApiDocument('0.0.0') as {
  paths: Record<
    string,
    Record<string, { operationId: string; parameters?: { name: string; in: string }[] }>
  >;
};

test('every route of the table is an operation of the document, once', () => {
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  );
  assert.deepEqual(ids.toSorted(), Object.keys(contract).sort());
});

test('every parameter in a path has a schema, and no other does', () => {
  for (const [id, { path, params }] of Object.entries<RouteEntry>(contract)) {
    const named = [...path.matchAll(/:([a-z]+)/g)].map((match) => match[1]);
    assert.deepEqual(Object.keys(params?.shape ?? {}).sort(), named.sort(), id);
  }
});

test('the document is plain JSON', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(document)), document);
});

test('what only reads changes nothing: GET has no body', () => {
  for (const [id, route] of Object.entries<RouteEntry>(contract)) {
    assert.ok(route.method !== 'GET' || route.body === undefined, id);
  }
});
