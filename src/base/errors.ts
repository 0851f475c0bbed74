/**
 * The one error type of everything the world can do to us (a missing file, a lost connection, a
 * wrong password). A bug is not such an error: a broken invariant fails an `assert` instead.
 *
 * A message says what happened to which thing, where; the hint is the user's next step. Facts stand
 * in `fields`, so that messages, logs and JSON say the same thing. Every code is described in
 * docs/errors.md and has its texts in both languages (a test holds that).
 */

export type ErrorCode =
  | 'agent/enrol-refused'
  | 'agent/identity'
  | 'agent/not-enrolled'
  | 'agent/token'
  | 'api/conflict'
  | 'api/forbidden'
  | 'api/forgery'
  | 'api/internal'
  | 'api/invalid'
  | 'api/media-type'
  | 'api/method'
  | 'api/not-found'
  | 'api/response'
  | 'api/sign-in'
  | 'api/throttled'
  | 'api/too-large'
  | 'api/unauthenticated'
  | 'api/unavailable'
  | 'backend/corrupt'
  | 'backend/exists'
  | 'backend/forbidden'
  | 'backend/full'
  | 'backend/io'
  | 'backend/location'
  | 'backend/not-found'
  | 'backend/protocol'
  | 'backend/range'
  | 'backend/unauthorized'
  | 'backend/unreachable'
  | 'check/damaged'
  | 'door/certificate'
  | 'door/listen'
  | 'facts/contradictory'
  | 'facts/invalid'
  | 'facts/newer'
  | 'facts/too-large'
  | 'facts/unreadable'
  | 'fix/changed'
  | 'fix/forbidden'
  | 'fix/incomplete'
  | 'fix/unknown-id'
  | 'forget/incomplete'
  | 'forget/refused'
  | 'format/compression'
  | 'format/config'
  | 'format/index'
  | 'format/json'
  | 'format/key'
  | 'format/lock'
  | 'format/mac'
  | 'format/pack'
  | 'format/snapshot'
  | 'format/tree'
  | 'format/unexpected-hash'
  | 'interrupted'
  | 'ledger/unknown-client'
  | 'lock/lost'
  | 'password/empty'
  | 'password/missing'
  | 'password/wrong'
  | 'prune/incomplete'
  | 'prune/refused'
  | 'repository/append-only'
  | 'repository/exists'
  | 'repository/locked'
  | 'repository/missing'
  | 'repository/version'
  | 'restore/incomplete'
  | 'restore/target'
  | 'snapshot/ambiguous'
  | 'snapshot/blob-missing'
  | 'snapshot/empty'
  | 'snapshot/not-found'
  | 'snapshot/path-not-found'
  | 'source/incomplete'
  | 'source/missing'
  | 'source/unreadable'
  | 'tls/handshake'
  | 'tls/plan'
  | 'tls/policy'
  | 'tls/policy-file'
  | 'tls/retired'
  | 'tls/untrusted'
  | 'usage/invalid'
  | 'vault/certificate'
  | 'vault/config'
  | 'vault/data-folder'
  | 'vault/listen'
  | 'vault/notice'
  | 'vault/ratchet'
  | 'vault/user'
  | 'worker/failed';

/** A plain value that may travel in a log line or a JSON document. */
export type FieldValue = string | number | bigint | boolean | readonly string[];

export interface ErrorDetail {
  readonly hint?: string;
  readonly retryable?: boolean;
  readonly cause?: unknown;
  /** Facts for machines and translators: id, path, offset, expected, found. */
  readonly fields?: Readonly<Record<string, FieldValue>>;
}

export class SealiftError extends Error {
  override readonly name: string = 'SealiftError';
  readonly code: ErrorCode;
  /** The user's next step, as an instruction. */
  readonly hint: string | undefined;
  /** True when the same call may succeed later without a change (a lost connection). */
  readonly retryable: boolean;
  readonly fields: Readonly<Record<string, FieldValue>>;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.hint = detail.hint;
    this.retryable = detail.retryable ?? false;
    this.fields = detail.fields ?? {};
  }
}

/** True for a SealiftError with one of the codes given (any code when none is given). */
export function isSealiftError(error: unknown, ...codes: ErrorCode[]): error is SealiftError {
  return error instanceof SealiftError && (codes.length === 0 || codes.includes(error.code));
}

/** The text of anything thrown, for a log line or a message that quotes a cause. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Node's `code` of a system error (`ENOENT`, `ECONNRESET`), if it has one. */
export function systemCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** An error as plain data, for a worker's message or a JSON line; error classes do not survive the trip. */
export interface ErrorData {
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly stack: string | undefined;
}

export function errorToData(error: unknown): ErrorData {
  const known = error instanceof SealiftError ? error : undefined;
  return {
    code: known?.code,
    message: messageOf(error),
    hint: known?.hint,
    retryable: known?.retryable ?? false,
    fields: known?.fields ?? {},
    stack: error instanceof Error ? error.stack : undefined,
  };
}

/** The error again, on the other side. One without a code comes back as a plain Error. */
export function errorFromData(data: ErrorData): Error {
  const error =
    data.code === undefined
      ? new Error(data.message)
      : new SealiftError(data.code, data.message, {
          ...(data.hint === undefined ? {} : { hint: data.hint }),
          retryable: data.retryable,
          fields: data.fields,
        });
  if (data.stack !== undefined) error.stack = data.stack;
  return error;
}
