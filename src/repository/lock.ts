/** Lock files. Taking, refreshing and releasing locks is src/engine/lock.ts. docs/format.md#locks */

import { formatTime, nsPerMs } from '../base/time.ts';
import { encodeJsonString } from './go-json.ts';
import { parseJsonFields } from './json-fields.ts';

/** A lock older than this was left behind: its owner would have refreshed it five times over. */
export const staleLockMs = 30 * 60 * 1000;

const maxId = 2 ** 32 - 1;

export interface Lock {
  /** Nanoseconds since 1970: when the lock was taken or last refreshed. */
  readonly timeNs: bigint;
  readonly exclusive: boolean;
  readonly hostname: string;
  readonly username: string;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Plain JSON in restic's field order; uid and gid are left out when 0. */
export function encodeLock(lock: Lock): Uint8Array {
  const uid = lock.uid === 0 ? '' : `,"uid":${lock.uid}`;
  const gid = lock.gid === 0 ? '' : `,"gid":${lock.gid}`;
  return Buffer.from(
    `{"time":"${formatTime(lock.timeNs)}","exclusive":${lock.exclusive},` +
      `"hostname":${encodeJsonString(lock.hostname)},"username":${encodeJsonString(lock.username)},` +
      `"pid":${lock.pid}${uid}${gid}}`,
  );
}

/** @throws SealiftError `format/lock` */
export function parseLock(json: Uint8Array): Lock {
  const fields = parseJsonFields(json, { code: 'format/lock', what: 'lock' });
  return {
    timeNs: fields.time('time').ns,
    exclusive: fields.boolean('exclusive'),
    hostname: fields.string('hostname'),
    username: fields.string('username'),
    pid: fields.count('pid'),
    uid: fields.count('uid', maxId),
    gid: fields.count('gid', maxId),
  };
}

export interface StaleLockFacts {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly hostname: string;
  /** Whether a process of this machine exists. */
  readonly isAlive: (pid: number) => boolean;
}

/** True if the lock is over 30 minutes old, or was made on this machine by a process now gone. */
export function isStale(lock: Lock, facts: StaleLockFacts): boolean {
  if (facts.nowMs - Number(lock.timeNs / nsPerMs) > staleLockMs) return true;
  return lock.hostname === facts.hostname && !facts.isAlive(lock.pid);
}
