/** Checked reading of a JSON object that came from outside; every fault is a SealiftError. */

import { decodeBase64 } from '../base/bytes.ts';
import { type ErrorCode, SealiftError } from '../base/errors.ts';
import { parseTime } from '../base/time.ts';

/** A moment and the zone it was written in. */
export interface ZonedTime {
  /** Nanoseconds since 1970, UTC. */
  readonly ns: bigint;
  /** Minutes east of UTC. */
  readonly offsetMinutes: number;
}

/** Go's zero time, 0001-01-01T00:00:00Z: what an absent time means. */
export const zeroTime: ZonedTime = { ns: -62_135_596_800_000_000_000n, offsetMinutes: 0 };

/** What is being read, for the errors. */
export interface JsonSubject {
  readonly code: ErrorCode;
  /** The thing in words, for example `snapshot`. */
  readonly what: string;
}

/**
 * The members of one object. As in Go, an absent member and `null` read as the zero value; unknown
 * members are ignored; strings are made well-formed, since a lone surrogate means a raw byte here.
 */
export class JsonFields {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #subject: JsonSubject;

  /** @throws SealiftError with the subject's code unless the value is an object */
  constructor(value: unknown, subject: JsonSubject) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new SealiftError(subject.code, `${subject.what}: an object was expected`);
    }
    // The cast only adds the index signature: every member stays unknown until it is read.
    this.#members = value as Readonly<Record<string, unknown>>;
    this.#subject = subject;
  }

  has(name: string): boolean {
    return this.#get(name) !== undefined;
  }

  string(name: string): string {
    const value = this.#get(name) ?? '';
    return typeof value === 'string' ? value.toWellFormed() : this.fail(name, 'no string');
  }

  boolean(name: string): boolean {
    const value = this.#get(name) ?? false;
    return typeof value === 'boolean' ? value : this.fail(name, 'no boolean');
  }

  /** A whole number from 0 to `max` (2^53-1 unless told). */
  count(name: string, max = Number.MAX_SAFE_INTEGER): number {
    const value = this.#get(name) ?? 0;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= max) {
      return value;
    }
    return this.fail(name, 'no whole number in range');
  }

  /** A list; undefined when absent or null, which differs from an empty list. */
  list(name: string): readonly unknown[] | undefined {
    const value = this.#get(name);
    return value === undefined || Array.isArray(value) ? value : this.fail(name, 'no list');
  }

  strings(name: string): string[] {
    return (this.list(name) ?? []).map((value) =>
      typeof value === 'string' ? value.toWellFormed() : this.fail(name, 'no list of strings'),
    );
  }

  /** Bytes in base64; undefined when absent or null. */
  bytes(name: string): Uint8Array | undefined {
    if (this.#get(name) === undefined) return undefined;
    try {
      return decodeBase64(this.string(name));
    } catch (cause) {
      if (cause instanceof RangeError) return this.fail(name, 'no base64');
      throw cause;
    }
  }

  time(name: string): ZonedTime {
    const value = this.#get(name);
    if (value === undefined) return zeroTime;
    return (typeof value === 'string' ? parseTime(value) : undefined) ?? this.fail(name, 'no time');
  }

  /** The members of an object below; undefined when absent or null. */
  object(name: string): JsonFields | undefined {
    const value = this.#get(name);
    if (value === undefined) return undefined;
    return new JsonFields(value, { ...this.#subject, what: `${this.#subject.what}: ${name}` });
  }

  /** Passes a member to a parser and names the member if it throws. */
  parse<T>(name: string, parser: (text: string) => T): T {
    const text = this.string(name);
    try {
      return parser(text);
    } catch (cause) {
      throw new SealiftError(this.#subject.code, `${this.#subject.what}: ${name} is invalid`, {
        cause,
        fields: { field: name },
      });
    }
  }

  /** Throws for a member. */
  fail(name: string, fault: string): never {
    throw new SealiftError(this.#subject.code, `${this.#subject.what}: ${name} is ${fault}`, {
      fields: { field: name },
    });
  }

  #get(name: string): unknown {
    // Own members only: a name like `constructor` must not reach the prototype.
    return Object.hasOwn(this.#members, name) ? (this.#members[name] ?? undefined) : undefined;
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** @throws SealiftError with the subject's code unless the bytes are one JSON document */
export function parseJson(bytes: Uint8Array, subject: JsonSubject): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new SealiftError(subject.code, `${subject.what}: not JSON`, { cause });
  }
}

/** {@link parseJson} of a document that is one object. */
export function parseJsonFields(bytes: Uint8Array, subject: JsonSubject): JsonFields {
  return new JsonFields(parseJson(bytes, subject), subject);
}
