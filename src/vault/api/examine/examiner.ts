/** Runs examinations, each in a thread of its own with bounded memory and time, few at once. */

import { Worker } from 'node:worker_threads';
import { type ErrorData, errorFromData, SealiftError } from '../../../base/errors.ts';
import type { Language } from '../../../tls/reasons.ts';
import type { Examination } from '../schemas/doctor.ts';
import type { Explanation } from '../schemas/explain.ts';
import type { ExamineOptions, GivenFile } from './examine.ts';

export type ToExaminer =
  | { readonly kind: 'explain'; readonly text: string; readonly lang: Language }
  | {
      readonly kind: 'examine';
      readonly files: readonly GivenFile[];
      readonly options: ExamineOptions;
    };

export type FromExaminer =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: ErrorData };

const maxRunning = 2;
const maxMs = 60_000;
const heapMiB = 1024;

export class Examiner {
  readonly #running = new Set<Worker>();

  explain(text: string, lang: Language): Promise<Explanation> {
    return this.#run({ kind: 'explain', text, lang }) as Promise<Explanation>;
  }

  examine(files: readonly GivenFile[], options: ExamineOptions): Promise<Examination> {
    return this.#run({ kind: 'examine', files, options }) as Promise<Examination>;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((worker) => worker.terminate()));
  }

  #run(job: ToExaminer): Promise<unknown> {
    if (this.#running.size >= maxRunning)
      throw new SealiftError('api/throttled', 'other examinations are under way', {
        fields: { seconds: 5 },
        hint: 'Wait for 5 seconds.',
      });
    const buffers = job.kind === 'examine' ? job.files.map(({ bytes }) => bytes.buffer) : [];
    const worker = new Worker(new URL('./examine-worker.ts', import.meta.url), {
      workerData: job,
      transferList: [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer),
      resourceLimits: { maxOldGenerationSizeMb: heapMiB },
    });
    this.#running.add(worker);
    return new Promise<unknown>((done, fail) => {
      const late = setTimeout(() => void worker.terminate(), maxMs);
      let cause: Error = new SealiftError('facts/unreadable', 'it takes too long to read this');
      worker.once('message', (message: FromExaminer) => {
        if (message.kind === 'done') done(message.value);
        else fail(errorFromData(message.error));
      });
      worker.once('error', (error: Error & { code?: string }) => {
        cause =
          error.code === 'ERR_WORKER_OUT_OF_MEMORY'
            ? new SealiftError('facts/too-large', 'it takes too much memory to read this')
            : error;
      });
      worker.once('exit', () => {
        clearTimeout(late);
        this.#running.delete(worker);
        fail(cause);
      });
    });
  }
}
