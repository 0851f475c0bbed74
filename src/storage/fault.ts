/** A backend that fails on purpose, for tests: what a disk or a network can do to any caller. */
import { concatBytes } from '../base/bytes.ts';
import { SealiftError } from '../base/errors.ts';
import { type Backend, type FileName, type FileType, forwardTo } from './backend.ts';

export type Operation = 'create' | 'stat' | 'list' | 'load' | 'save' | 'remove';

export type Fault =
  /** Nothing is done. */
  | { readonly kind: 'fail'; readonly error?: Error }
  /** It is done, but the caller hears that it failed. */
  | { readonly kind: 'lose-reply'; readonly error?: Error }
  /**
   * A save leaves only the first bytes behind and fails, a load gives only them, a list ends with an
   * error after so many entries.
   */
  | { readonly kind: 'cut'; readonly after: number }
  /** Waits for the promise first. */
  | { readonly kind: 'delay'; readonly until: Promise<unknown> }
  /** A load gives a flipped bit, a stat a size too large by one, a save or remove does nothing. */
  | { readonly kind: 'lie' };

export interface FaultRule {
  readonly operation: Operation;
  /** Only calls for this type of file count. */
  readonly type?: FileType;
  /** The first call that fails, counted from 1; 1 when left out. */
  readonly nth?: number;
  /** How many calls fail from there on; 1 when left out. */
  readonly times?: number;
  readonly fault: Fault;
}

export interface Call {
  readonly operation: Operation;
  readonly file: FileName | undefined;
}

export interface FaultBackend extends Backend {
  /** Every call so far, in order. */
  readonly calls: readonly Call[];
  /** Adds a rule; its count starts now. */
  inject(rule: FaultRule): void;
}

/** `backend` behind the rules; the first rule that applies to a call decides. */
export function faultBackend(backend: Backend, rules: readonly FaultRule[] = []): FaultBackend {
  const calls: Call[] = [];
  const counted = rules.map((rule) => ({ rule, count: 0 }));

  function next(operation: Operation, file?: FileName): Fault | undefined {
    calls.push({ operation, file });
    let found: Fault | undefined;
    for (const entry of counted) {
      const { rule } = entry;
      if (rule.operation !== operation) continue;
      if (rule.type !== undefined && rule.type !== file?.type) continue;
      entry.count += 1;
      const first = rule.nth ?? 1;
      const applies = entry.count >= first && entry.count < first + (rule.times ?? 1);
      if (applies) found ??= rule.fault;
    }
    return found;
  }

  /** Runs the call under the faults that are the same for all; the others are left to the caller. */
  async function run<T>(fault: Fault | undefined, call: () => Promise<T>): Promise<T> {
    if (fault?.kind === 'delay') await fault.until;
    if (fault?.kind === 'fail') throw fault.error ?? lost();
    const result = await call();
    if (fault?.kind === 'lose-reply') throw fault.error ?? lost();
    return result;
  }

  return {
    ...forwardTo(backend),
    calls,
    inject(rule) {
      counted.push({ rule, count: 0 });
    },

    create: (signal) => run(next('create'), () => backend.create(signal)),

    async stat(file, signal) {
      const fault = next('stat', file);
      const { size } = await run(fault, () => backend.stat(file, signal));
      return { size: fault?.kind === 'lie' ? size + 1 : size };
    },

    async *list(type, signal) {
      const fault = next('list', { type, name: '' });
      await run(fault, async () => {});
      let count = 0;
      for await (const entry of backend.list(type, signal)) {
        if (fault?.kind === 'cut' && count === fault.after) throw lost();
        count += 1;
        yield entry;
      }
    },

    async load(file, range, signal) {
      const fault = next('load', file);
      const bytes = await run(fault, () => backend.load(file, range, signal));
      if (fault?.kind === 'cut') return bytes.slice(0, fault.after);
      if (fault?.kind === 'lie') flipBit(bytes);
      return bytes;
    },

    async save(file, parts, signal) {
      const fault = next('save', file);
      if (fault?.kind === 'lie') return;
      if (fault?.kind === 'cut') {
        await backend.save(file, [concatBytes(...parts).subarray(0, fault.after)], signal);
        throw lost();
      }
      await run(fault, () => backend.save(file, parts, signal));
    },

    async remove(file, signal) {
      const fault = next('remove', file);
      if (fault?.kind === 'lie') return;
      await run(fault, () => backend.remove(file, signal));
    },
  };
}

/** What a fault throws when its rule names no error: a lost connection. */
function lost(): SealiftError {
  return new SealiftError('backend/unreachable', 'the connection was lost (on purpose)', {
    retryable: true,
  });
}

function flipBit(bytes: Uint8Array): void {
  const middle = bytes.byteLength >> 1;
  const byte = bytes[middle];
  if (byte !== undefined) bytes[middle] = byte ^ 1;
}
