/** The thread for one examination: whatever a file does to it, the vault goes on. */

import { parentPort, workerData } from 'node:worker_threads';
import { errorToData } from '../../../base/errors.ts';
import { examineFiles, explainText } from './examine.ts';
import type { FromExaminer, ToExaminer } from './examiner.ts';

async function run(job: ToExaminer): Promise<FromExaminer> {
  try {
    const value =
      job.kind === 'explain'
        ? explainText(job.text, job.lang)
        : await examineFiles(job.files, job.options);
    return { kind: 'done', value };
  } catch (error) {
    return { kind: 'failed', error: errorToData(error) };
  }
}

parentPort?.postMessage(await run(workerData as ToExaminer));
