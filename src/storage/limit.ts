/** A limit on how fast files travel to and from a backend. */
import { type Backend, forwardTo, type Pace, partsSize } from './backend.ts';
import { sleep as realSleep, type Sleep } from './sleep.ts';

export interface RateLimits {
  /** Unlimited when left out. */
  readonly uploadBytesPerSecond?: number;
  readonly downloadBytesPerSecond?: number;
  /** For tests. */
  readonly timing?: Timing;
}

/** How a bucket sees time; milliseconds that only go forward. */
export interface Timing {
  now(): number;
  readonly sleep: Sleep;
}

const realTiming: Timing = { now: () => performance.now(), sleep: realSleep };

/** All calls of the backend together stay below the limits, counting file contents only. */
export function limitBackend(backend: Backend, limits: RateLimits): Backend {
  const { uploadBytesPerSecond, downloadBytesPerSecond, timing = realTiming } = limits;
  if (uploadBytesPerSecond === undefined && downloadBytesPerSecond === undefined) return backend;
  const upload = bucketFor(uploadBytesPerSecond, timing);
  const download = bucketFor(downloadBytesPerSecond, timing);
  const pace: Pace = {
    upload: async (bytes, signal) => upload?.take(bytes, signal),
    download: async (bytes, signal) => download?.take(bytes, signal),
  };
  return backend.withPace?.(pace) ?? paceWholeFiles(backend, pace);
}

function bucketFor(bytesPerSecond: number | undefined, timing: Timing): TokenBucket | undefined {
  return bytesPerSecond === undefined ? undefined : new TokenBucket(bytesPerSecond, timing);
}

function paceWholeFiles(backend: Backend, pace: Pace): Backend {
  return {
    ...forwardTo(backend),
    async load(file, range, signal, memory) {
      const bytes = await backend.load(file, range, signal, memory);
      await pace.download(bytes.byteLength, signal);
      return bytes;
    },
    async save(file, parts, signal) {
      await pace.upload(partsSize(parts), signal);
      await backend.save(file, parts, signal);
    },
  };
}

/**
 * Lets bytes through at a steady rate. Whoever takes more than there is goes into debt and waits it
 * off, so that a piece may be larger than the bucket and callers queue in the order of their calls.
 */
export class TokenBucket {
  readonly #bytesPerSecond: number;
  readonly #timing: Timing;
  #tokens: number;
  #at: number;

  constructor(bytesPerSecond: number, timing: Timing = realTiming) {
    if (!(bytesPerSecond > 0)) throw new RangeError('a rate limit is above 0 bytes per second');
    this.#bytesPerSecond = bytesPerSecond;
    this.#timing = timing;
    this.#tokens = this.#capacity;
    this.#at = timing.now();
  }

  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    const now = this.#timing.now();
    const earned = ((now - this.#at) / 1000) * this.#bytesPerSecond;
    this.#tokens = Math.min(this.#capacity, this.#tokens + earned) - bytes;
    this.#at = now;
    if (this.#tokens < 0) {
      await this.#timing.sleep((-this.#tokens / this.#bytesPerSecond) * 1000, signal);
    }
  }

  /** A tenth of a second's worth may travel at once after a pause. */
  get #capacity(): number {
    return this.#bytesPerSecond / 10;
  }
}
