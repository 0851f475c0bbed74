/** Failures as RFC 9457 problems: one table of statuses, one shape. */

import {
  type ErrorCode,
  isSealiftError,
  SealiftError,
  systemCodeOf,
} from '../../../base/errors.ts';
import { Refusal } from '../../server/refusal.ts';
import type { Problem } from '../schemas/common.ts';

/** Codes of what a client can act on; any other is the vault's own failure. */
const statuses: Partial<Record<ErrorCode, number>> = {
  'agent/token': 400,
  'api/conflict': 409,
  'api/forbidden': 403,
  'api/forgery': 403,
  'api/internal': 500,
  'api/invalid': 400,
  'api/media-type': 415,
  'api/method': 405,
  'api/not-found': 404,
  'api/sign-in': 401,
  'api/throttled': 429,
  'api/too-large': 413,
  'api/unauthenticated': 401,
  'api/unavailable': 503,
  'backend/full': 507,
  'facts/contradictory': 422,
  'facts/invalid': 422,
  'facts/newer': 422,
  'facts/too-large': 413,
  'facts/unreadable': 422,
  'password/empty': 422,
  'tls/plan': 422,
  'tls/policy-file': 422,
  'tls/retired': 403,
  'usage/invalid': 422,
  'vault/ratchet': 404,
  'vault/user': 422,
};

export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly document: Problem;
}

/** What a failure is for the client. Of its own failures the vault tells nothing: the log has them. */
export function problemOf(error: unknown): ProblemAnswer {
  const known = knownError(error);
  const status = statuses[known.code] ?? 500;
  const seconds = known.fields['seconds'];
  return {
    status,
    headers: {
      ...(error instanceof Refusal ? error.headers : {}),
      ...(status === 429 && seconds !== undefined ? { 'retry-after': String(seconds) } : {}),
    },
    document: {
      type: `urn:sealift:error:${known.code}`,
      title: titleOf(status),
      status,
      code: known.code,
      detail: known.message,
      hint: known.hint ?? null,
      fields: Object.fromEntries(
        Object.entries(known.fields).map(([name, value]) => [
          name,
          typeof value === 'bigint' ? Number(value) : Array.isArray(value) ? [...value] : value,
        ]),
      ) as Problem['fields'],
    },
  };
}

function knownError(error: unknown): SealiftError {
  if (isSealiftError(error) && statuses[error.code] !== undefined) return error;
  if (error instanceof Refusal && error.status === 403)
    return new SealiftError('tls/retired', error.message);
  if (error instanceof Refusal && error.status === 503)
    return new SealiftError('api/unavailable', error.message, {
      fields: { detail: error.message },
    });
  const system = systemCodeOf(error);
  if (system === 'ENOSPC' || system === 'EDQUOT' || system === 'SQLITE_FULL')
    return new SealiftError('backend/full', 'the vault has no room left');
  if (hasClientStatus(error))
    return new SealiftError('api/invalid', error.message, { fields: { problem: error.message } });
  return new SealiftError('api/internal', 'the vault failed at this request; its log says why', {
    cause: error,
  });
}

/** Fastify's own: a path that cannot be decoded, a parameter that is too long. */
function hasClientStatus(error: unknown): error is Error & { readonly statusCode: number } {
  return (
    error instanceof Error &&
    'statusCode' in error &&
    typeof error.statusCode === 'number' &&
    error.statusCode >= 400 &&
    error.statusCode < 500
  );
}

function titleOf(status: number): string {
  const titles: Readonly<Record<number, string>> = {
    ...{ 400: 'Bad request', 401: 'Not signed in', 403: 'Forbidden', 404: 'Not found' },
    ...{ 405: 'Method not allowed', 409: 'Conflict', 413: 'Too large' },
    ...{ 415: 'Unsupported media type', 422: 'Cannot be used', 429: 'Too many attempts' },
    ...{ 500: 'Internal error', 503: 'Unavailable', 507: 'No room left' },
  };
  return titles[status] ?? 'Failed';
}

/** @param what of the texts in docs/errors.md: `client`, `user`, … */
export function notFound(what: string): SealiftError {
  return new SealiftError('api/not-found', `there is no such ${what}`, { fields: { what } });
}

export function conflict(detail: string): SealiftError {
  return new SealiftError('api/conflict', detail, { fields: { detail } });
}
