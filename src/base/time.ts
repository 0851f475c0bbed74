/**
 * Moments as nanoseconds since 1970 (UTC) in a bigint, and their RFC 3339 text with up to nine
 * fractional digits, as Go writes them: trailing zeros of the fraction dropped, `Z` for UTC.
 */

/** Wall-clock time, handed in so that tests can drive it. */
export interface Clock {
  /** Milliseconds since 1970, as `Date.now()`. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

export const nsPerMs = 1_000_000n;
const nsPerSecond = 1_000_000_000n;
const nanosPerSecond = 1_000_000_000;
const zeroDigit = 0x30;
const year0Ms = new Date('0000-01-01T00:00:00Z').getTime();
const year9999Ms = new Date('9999-12-31T23:59:59Z').getTime();

const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/;

/** Local zone's offset from UTC in minutes (east positive) at a moment. */
export function localOffsetMinutes(ns: bigint): number {
  return offsetAt(splitTime(ns).seconds);
}

/**
 * RFC 3339 text of a moment in the zone given. Years are clamped to 0000..9999.
 * @param offsetMinutes zone east of UTC; the local zone at that moment when left out
 */
export function formatTime(ns: bigint, offsetMinutes?: number): string {
  const { seconds, nanos } = splitTime(ns);
  const local = localSecond(seconds);
  const isLocal = offsetMinutes === undefined || offsetMinutes === local.offsetMinutes;
  const { text, zone } = isLocal ? local : secondIn(seconds, offsetMinutes);
  if (nanos === 0) return text + zone;
  const digits = String(nanosPerSecond + nanos);
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === zeroDigit) end -= 1;
  return `${text}.${digits.slice(1, end)}${zone}`;
}

/** A time since 1970 in two numbers. */
export interface Moment {
  /** Whole ones. */
  seconds: number;
  /** From 0 to 999,999,999. */
  nanos: number;
}

export function splitTime(ns: bigint): Moment {
  const rest = Number(ns % nsPerSecond);
  const seconds = Number(ns / nsPerSecond);
  return rest < 0
    ? { seconds: seconds - 1, nanos: rest + nanosPerSecond }
    : { seconds, nanos: rest };
}

function offsetAt(seconds: number): number {
  return -new Date(seconds * 1000).getTimezoneOffset();
}

interface SecondText {
  readonly offsetMinutes: number;
  /** Up to the second, without a zone. */
  readonly text: string;
  readonly zone: string;
}

/** Files come in crowds with the same second. */
const maxSeconds = 4096;
const localSeconds = new Map<number, SecondText>();

function localSecond(seconds: number): SecondText {
  let found = localSeconds.get(seconds);
  if (found === undefined) {
    found = secondIn(seconds, offsetAt(seconds));
    if (localSeconds.size >= maxSeconds) localSeconds.clear();
    localSeconds.set(seconds, found);
  }
  return found;
}

function secondIn(seconds: number, offsetMinutes: number): SecondText {
  const utcMs = Math.min(Math.max(seconds * 1000, year0Ms), year9999Ms);
  const text = new Date(utcMs + offsetMinutes * 60_000).toISOString().slice(0, 19);
  return { offsetMinutes, text, zone: formatOffset(offsetMinutes) };
}

/**
 * @returns nanoseconds since 1970 and the zone's offset in minutes, or undefined if the text is no
 *   RFC 3339 time
 */
export function parseTime(text: string): ParsedTime | undefined {
  // The times of one file are often the same.
  if (text !== lastText) {
    lastTime = parseAnew(text);
    lastText = text;
  }
  return lastTime;
}

interface ParsedTime {
  readonly ns: bigint;
  readonly offsetMinutes: number;
}

let lastText: string | undefined;
let lastTime: ParsedTime | undefined;

function parseAnew(text: string): ParsedTime | undefined {
  const match = rfc3339.exec(text);
  if (!match) return undefined;
  const [, base = '', fraction = '', zone = 'Z'] = match;
  const ms = parseSecond(base);
  if (Number.isNaN(ms)) return undefined;
  const offsetMinutes = parseOffset(zone);
  const seconds = BigInt(ms / 1000 - offsetMinutes * 60);
  return { ns: seconds * nsPerSecond + BigInt(Number(fraction.padEnd(9, '0'))), offsetMinutes };
}

const msOfSecond = new Map<string, number>();

/** Milliseconds since 1970 of a UTC time without zone; NaN for a day that does not exist. */
function parseSecond(text: string): number {
  let ms = msOfSecond.get(text);
  if (ms === undefined) {
    ms = Date.parse(`${text}Z`);
    if (msOfSecond.size >= maxSeconds) msOfSecond.clear();
    msOfSecond.set(text, ms);
  }
  return ms;
}

function formatOffset(minutes: number): string {
  if (minutes === 0) return 'Z';
  const size = Math.abs(minutes);
  const hours = String(Math.floor(size / 60)).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${hours}:${String(size % 60).padStart(2, '0')}`;
}

function parseOffset(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return zone.startsWith('-') ? -minutes : minutes;
}
