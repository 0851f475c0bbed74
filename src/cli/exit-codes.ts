/** What a process tells its caller; stable, since scripts and schedulers read it. */

import { type ErrorCode, SealiftError } from '../base/errors.ts';

export const exitCodes = {
  done: 0,
  failed: 1,
  /** A fact is missing, or nothing is known about what was asked. */
  unknown: 2,
  /** A snapshot was made, but some files could not be read; or some snapshots or packs could not be removed. */
  incomplete: 3,
  noRepository: 10,
  locked: 11,
  wrongPassword: 12,
  /** The TLS policy or a TLS failure stopped it. */
  tls: 20,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Codes that mean more than "failed" to a caller; all others exit 1. */
const special: Partial<Record<ErrorCode, ExitCode>> = {
  'forget/incomplete': exitCodes.incomplete,
  interrupted: exitCodes.interrupted,
  'prune/incomplete': exitCodes.incomplete,
  'password/wrong': exitCodes.wrongPassword,
  'repository/locked': exitCodes.locked,
  'repository/missing': exitCodes.noRepository,
  'source/incomplete': exitCodes.incomplete,
  'tls/handshake': exitCodes.tls,
  'tls/policy': exitCodes.tls,
  'tls/retired': exitCodes.tls,
  'tls/untrusted': exitCodes.tls,
};

export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof SealiftError)) return exitCodes.failed;
  return special[error.code] ?? exitCodes.failed;
}
