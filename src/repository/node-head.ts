/**
 * Tells whether the JSON of a node begins as that of an entry would, by reading its numbers and comparing
 * them: to write the entry's JSON and compare that takes several times as long, for each unchanged file.
 * A time in another zone is the same time.
 */

import type { Moment } from '../base/time.ts';
import { encodeJsonString } from './go-json.ts';
import { quoteName } from './go-quote.ts';
import { isDigit, standsAt, twoDigits } from './json-bytes.ts';

/** A whole number; the decimal digits of one that is not exact as a double. */
export type WholeNumber = number | string;

/** What the members of a node up to `links` tell. One such object may serve for many entries. */
export interface NodeHeadNumbers {
  /** Base name, a byte string. */
  name: string;
  type: string;
  /** Go's os.FileMode. */
  mode: number;
  readonly mtime: Moment;
  readonly atime: Moment;
  readonly ctime: Moment;
  /** As `encodeOwner` gives it. */
  owner: Uint8Array;
  inode: WholeNumber;
  deviceId: WholeNumber;
  size: WholeNumber;
  links: WholeNumber;
}

/** What {@link matchHead} says of another head. */
export const unlike = -1;

const zero = 0x30;
const quote = 0x22;
const plus = 0x2b;
const minus = 0x2d;
const dot = 0x2e;
const colon = 0x3a;
const letterT = 0x54;
const letterZ = 0x5a;

const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const keys = {
  name: bytesOf('{"name":'),
  type: bytesOf(',"type":'),
  mode: bytesOf(',"mode":'),
  mtime: bytesOf(',"mtime":"'),
  atime: bytesOf(',"atime":"'),
  ctime: bytesOf(',"ctime":"'),
  inode: bytesOf(',"inode":'),
  deviceId: bytesOf(',"device_id":'),
  size: bytesOf(',"size":'),
  links: bytesOf(',"links":'),
} as const;

/** Characters that stand for themselves in a name: printable ASCII that neither JSON nor Go escapes. */
const isPlain = new Uint8Array(128);
for (let code = 0x20; code <= 0x7e; code += 1) {
  if (!'"\\<>&'.includes(String.fromCharCode(code))) isPlain[code] = 1;
}

const nanoDigits = 9;
const powersOfTen = Array.from({ length: nanoDigits + 1 }, (_, power) => 10 ** power);
const secondsPerMinute = 60;
const secondsPerHour = 3600;
const secondsPerDay = 86_400;

/**
 * @param json borrowed
 * @param start of the node
 * @returns where the node goes on, or {@link unlike}
 */
export function matchHead(json: Uint8Array, start: number, head: NodeHeadNumbers): number {
  let at = passText(json, start, keys.name);
  at = passName(json, at, head.name);
  at = passText(json, at, keys.type);
  at = passText(json, at, typeText(head.type));
  at = passMember(json, at, keys.mode, head.mode);
  at = passTime(json, passText(json, at, keys.mtime), head.mtime);
  at = passTime(json, passText(json, at, keys.atime), head.atime);
  at = passTime(json, passText(json, at, keys.ctime), head.ctime);
  at = passText(json, at, head.owner);
  at = passMember(json, at, keys.inode, head.inode);
  at = passMember(json, at, keys.deviceId, head.deviceId);
  at = passMember(json, at, keys.size, head.size);
  return passMember(json, at, keys.links, head.links);
}

/** These functions return where what follows begins; `unlike` from the first difference on. */
function passText(json: Uint8Array, at: number, text: Uint8Array): number {
  return at !== unlike && standsAt(json, at, text) ? at + text.length : unlike;
}

function passName(json: Uint8Array, at: number, name: string): number {
  if (at === unlike || json[at] !== quote) return unlike;
  for (let i = 0; i < name.length; i += 1) {
    const code = name.charCodeAt(i);
    if (isPlain[code] !== 1) return passText(json, at, bytesOf(encodeJsonString(quoteName(name))));
    if (json[at + 1 + i] !== code) return unlike;
  }
  const end = at + 1 + name.length;
  return json[end] === quote ? end + 1 : unlike;
}

const typeTexts = new Map<string, Uint8Array>();

function typeText(type: string): Uint8Array {
  let text = typeTexts.get(type);
  if (text === undefined) {
    text = bytesOf(encodeJsonString(type));
    typeTexts.set(type, text);
  }
  return text;
}

/** A number and its key, which are left out where the number is zero. */
function passMember(json: Uint8Array, at: number, key: Uint8Array, wanted: WholeNumber): number {
  if (wanted === 0) return at;
  const start = passText(json, at, key);
  if (start === unlike) return unlike;
  if (typeof wanted === 'string') {
    const end = passText(json, start, bytesOf(wanted));
    return isDigit(json[end]) ? unlike : end;
  }
  // Not exact for long numbers, but then larger than any that is wanted as a double.
  let value = 0;
  let end = start;
  for (; isDigit(json[end]); end += 1) value = value * 10 + ((json[end] ?? 0) - zero);
  return value === wanted && json[start] !== zero ? end : unlike;
}

/** A time of RFC 3339 and the quote behind it. */
function passTime(json: Uint8Array, at: number, { seconds, nanos }: Moment): number {
  if (at === unlike) return unlike;
  const isShaped =
    json[at + 4] === minus &&
    json[at + 7] === minus &&
    json[at + 10] === letterT &&
    json[at + 13] === colon &&
    json[at + 16] === colon;
  if (!isShaped) return unlike;
  let found =
    daysTo(twoDigits(json, at) * 100 + twoDigits(json, at + 2), json, at + 5) * secondsPerDay +
    below(24, twoDigits(json, at + 11)) * secondsPerHour +
    below(60, twoDigits(json, at + 14)) * secondsPerMinute +
    below(60, twoDigits(json, at + 17));
  let end = at + 19;
  let foundNanos = 0;
  if (json[end] === dot) {
    const first = end + 1;
    for (end = first; isDigit(json[end]); end += 1) {
      foundNanos = foundNanos * 10 + ((json[end] ?? 0) - zero);
    }
    foundNanos *= powersOfTen[nanoDigits - (end - first)] ?? Number.NaN;
    if (end === first) return unlike;
  }
  const sign = json[end];
  if (sign === letterZ) end += 1;
  else {
    const offset =
      below(24, twoDigits(json, end + 1)) * secondsPerHour +
      below(60, twoDigits(json, end + 4)) * secondsPerMinute;
    if (json[end + 3] !== colon || (sign !== plus && sign !== minus)) return unlike;
    found -= sign === plus ? offset : -offset;
    end += 6;
  }
  return found === seconds && foundNanos === nanos && json[end] === quote ? end + 1 : unlike;
}

/** Most times of a folder are of a few days. */
let lastDay = Number.NaN;
let daysToLast = Number.NaN;

/** Days from 1970 to a day whose month and day of the month stand there; NaN where there is no such day. */
function daysTo(year: number, json: Uint8Array, at: number): number {
  const month = twoDigits(json, at);
  const dayOfMonth = twoDigits(json, at + 3);
  const day = (year * 100 + month) * 100 + dayOfMonth;
  if (day !== lastDay) {
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, dayOfMonth);
    // A day that the month does not have is one of another month.
    const isDay = date.getUTCDate() === dayOfMonth && date.getUTCMonth() === month - 1;
    lastDay = day;
    daysToLast = isDay ? date.getTime() / (secondsPerDay * 1000) : Number.NaN;
  }
  return daysToLast;
}

/** NaN for what is not below. */
function below(limit: number, number: number): number {
  return number < limit ? number : Number.NaN;
}
