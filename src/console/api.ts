/**
 * The vault's API as typed functions. The table of routes that the server answers by is the one that
 * requests are made by, and every answer is checked against its schema before a view sees it.
 */

import type { z } from 'zod';
import {
  apiPrefix,
  contract,
  csrfHeader,
  type RequestOf,
  type ResponseOf,
  type RouteEntry,
  type RouteId,
} from '../vault/api/contract.ts';
import { problem } from '../vault/api/schemas/common.ts';
import { currentLanguage } from './hooks/settings.ts';
import { setVaultTime } from './hooks/use-now.ts';
import { sayIn } from './texts/texts.ts';

/** An answer that is no success, or none at all (`status` 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly status: number;
  readonly hint: string | undefined;

  constructor(
    message: string,
    { code, status, hint }: { code: string; status: number; hint?: string | undefined },
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.hint = hint;
  }
}

/** What a request needs; parts that the route does not have are left out. */
export type Parts<I extends RouteId> = {
  readonly [K in keyof RequestOf<I> as RequestOf<I>[K] extends undefined
    ? never
    : K]: RequestOf<I>[K];
} & { readonly signal?: AbortSignal };

type Loose = {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
};

let csrfToken: string | null = null;

/** Kept from the session; goes with every request that changes something. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** Sends a request and checks its answer. */
export async function call<I extends RouteId>(id: I, parts: Parts<I>): Promise<ResponseOf<I>> {
  const { body } = parts as Loose;
  const answer = await send(id, parts as Loose, body === undefined ? undefined : toJson(body));
  return checked(id, answer);
}

/** Sends files and fields as a form. */
export async function upload<I extends RouteId>(
  id: I,
  form: FormData,
  signal?: AbortSignal,
): Promise<ResponseOf<I>> {
  return checked(id, await send(id, signal === undefined ? {} : { signal }, form));
}

/** The address of a route, for links to files. */
export function addressOf<I extends RouteId>(id: I, parts: Parts<I>): string {
  return pathOf(contract[id], parts as Loose);
}

async function send(id: RouteId, parts: Loose, body: BodyInit | undefined): Promise<Response> {
  const route: RouteEntry = contract[id];
  const headers = new Headers({ accept: 'application/json', 'accept-language': currentLanguage() });
  if (typeof body === 'string') headers.set('content-type', 'application/json');
  if (route.method !== 'GET' && csrfToken !== null) headers.set(csrfHeader, csrfToken);
  let answer: Response;
  try {
    answer = await fetch(pathOf(route, parts), {
      method: route.method,
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      ...(body === undefined ? {} : { body }),
      ...(parts.signal === undefined ? {} : { signal: parts.signal }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable();
  }
  noteTime(answer);
  if (!answer.ok) throw await failureOf(answer);
  return answer;
}

async function checked<I extends RouteId>(id: I, answer: Response): Promise<ResponseOf<I>> {
  const form = contract[id].answer;
  if (form.kind !== 'json') return undefined as ResponseOf<I>;
  const schema: z.ZodType = form.schema;
  const result = schema.safeParse(await answer.json().catch(() => undefined));
  // The schema is the one that the type is made from.
  if (result.success) return result.data as ResponseOf<I>;
  const say = sayIn(currentLanguage());
  const [issue] = result.error.issues;
  throw new ApiError(say('error.answer', { where: `${id} ${issue?.path.join('.') ?? ''}` }), {
    code: 'console/answer',
    status: answer.status,
    hint: say('error.answerHint'),
  });
}

function pathOf({ path }: RouteEntry, { params = {}, query = {} }: Loose): string {
  const filled = path.replace(/:([a-z]+)/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return `${apiPrefix}${filled}${text === '' ? '' : `?${text}`}`;
}

async function failureOf(answer: Response): Promise<ApiError> {
  const { status } = answer;
  const told = problem.safeParse(await answer.json().catch(() => undefined));
  if (told.success) {
    const { code, detail, hint } = told.data;
    return new ApiError(detail, { code, status, hint: hint ?? undefined });
  }
  const say = sayIn(currentLanguage());
  return new ApiError(say('error.status', { status: String(status) }), {
    code: 'console/status',
    status,
  });
}

function unreachable(): ApiError {
  const say = sayIn(currentLanguage());
  return new ApiError(say('error.unreachable'), {
    code: 'console/unreachable',
    status: 0,
    hint: say('error.unreachableHint'),
  });
}

function noteTime(answer: Response): void {
  const date = Date.parse(answer.headers.get('date') ?? '');
  if (!Number.isNaN(date)) setVaultTime(date);
}

function toJson(body: unknown): string {
  return JSON.stringify(body);
}
