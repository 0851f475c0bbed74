/** The parts of a request, bounded and checked against the schemas of the contract. */

import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { SealiftError } from '../../../base/errors.ts';
import { formatSize } from '../../../base/units.ts';
import type { RouteEntry } from '../contract.ts';

const defaultMaxBytes = 64 * 1024;

export interface UploadedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface RequestParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly files: readonly UploadedFile[];
}

/** @throws SealiftError `api/invalid`, `api/media-type`, `api/too-large` */
export async function readRequest(
  route: RouteEntry,
  raw: IncomingMessage,
  given: { readonly params: unknown; readonly query: unknown },
): Promise<RequestParts> {
  const params = route.params === undefined ? undefined : check(route.params, given.params, 'path');
  const query =
    route.query === undefined
      ? undefined
      : check(route.query, withNumbers(route.query, given.query), 'query');
  const { body } = route;
  if (body === undefined) return { params, query, body: undefined, files: [] };
  const type = mediaType(raw);
  if (body.kind === 'json') {
    if (type !== 'application/json') throw wrongType('application/json');
    const text = await readBody(raw, body.maxBytes ?? defaultMaxBytes);
    return { params, query, body: check(body.schema, parseJson(text), 'body'), files: [] };
  }
  if (type !== 'multipart/form-data') throw wrongType('multipart/form-data');
  const form = await readForm(raw, body.maxBytes);
  return { params, query, body: check(body.schema, form.fields, 'body'), files: form.files };
}

function mediaType(raw: IncomingMessage): string {
  return (raw.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** The whole body, never more than the limit: what announces more is not read at all. */
export async function readBody(raw: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(raw.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const parts: Buffer[] = [];
  let size = 0;
  // The answer must still go out, so that the connection is not torn down on a body too long.
  for await (const chunk of raw.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw invalid('body', 'is not JSON');
  }
}

async function readForm(
  raw: IncomingMessage,
  maxBytes: number,
): Promise<{ fields: Record<string, string>; files: UploadedFile[] }> {
  const bytes = await readBody(raw, maxBytes);
  const headers = { 'content-type': raw.headers['content-type'] ?? '' };
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(bytes), { headers }).formData();
  } catch {
    throw invalid('body', 'is not multipart/form-data');
  }
  const fields: Record<string, string> = {};
  const files: UploadedFile[] = [];
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value;
    else if (name === 'files')
      files.push({ name: value.name, bytes: new Uint8Array(await value.arrayBuffer()) });
    else throw invalid(name, 'is no field for a file');
  }
  return { fields, files };
}

/** A query is text; where the schema wants a number, a text that is one becomes it. */
function withNumbers(schema: z.ZodObject, given: unknown): Record<string, unknown> {
  const entries = Object.entries((given ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const field = schema.shape[name] as z.ZodType | undefined;
      const isNumber = field !== undefined && innermost(field) instanceof z.ZodNumber;
      const looksSo = typeof value === 'string' && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(value);
      return [name, isNumber && looksSo ? Number(value) : value];
    }),
  );
}

function innermost(field: z.ZodType): z.ZodType {
  if (field instanceof z.ZodOptional || field instanceof z.ZodDefault)
    return innermost(field.unwrap() as z.ZodType);
  return field;
}

function check<T>(schema: z.ZodType<T>, value: unknown, part: 'path' | 'query' | 'body'): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = [part, ...(issue?.path ?? [])].map(String).join('.').slice(0, 200);
  throw invalid(field, issue?.message.slice(0, 500) ?? 'is wrong');
}

export function invalid(field: string, problem: string): SealiftError {
  return new SealiftError('api/invalid', `the request is wrong at ${field}: ${problem}`, {
    fields: { field, problem },
    hint: 'Compare it with /api/v1/openapi.json.',
  });
}

function tooLarge(maxBytes: number): SealiftError {
  const limit = formatSize(maxBytes);
  return new SealiftError('api/too-large', `the request has more than ${limit}`, {
    fields: { limit },
    hint: 'Send less at once.',
  });
}

function wrongType(wanted: string): SealiftError {
  return new SealiftError('api/media-type', `the body must be ${wanted}`, { fields: { wanted } });
}
