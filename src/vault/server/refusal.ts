/** Answers that are not what was asked for: one status, one reason, the same shape everywhere. */

import { isSealiftError, messageOf, systemCodeOf } from '../../base/errors.ts';

/** Thrown by handlers; the server turns it into the answer. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, reason: string, headers: Readonly<Record<string, string>> = {}) {
    super(reason);
    this.status = status;
    this.headers = headers;
  }
}

/** RFC 9110 §11.6.1: 401 says that a login is needed or was wrong, and how to send one. */
export function unauthorized(reason: string, retryAfterS?: number): Refusal {
  return new Refusal(401, reason, {
    'www-authenticate': 'Basic realm="Sealift vault", charset="UTF-8"',
    ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
  });
}

/** The refusal that an error amounts to. Only what a client can act on is told; the log has the rest. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const code = systemCodeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL')
    return new Refusal(507, 'the vault has no room left');
  if (isSealiftError(error, 'agent/enrol-refused', 'agent/token', 'vault/user'))
    return new Refusal(403, error.message);
  const status = statusOf(error);
  if (status !== undefined && status < 500) return new Refusal(status, messageOf(error));
  return new Refusal(500, 'the vault failed at this request; its log says why');
}

/** Fastify's own errors carry their status. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' && error.statusCode >= 400
    ? error.statusCode
    : undefined;
}
