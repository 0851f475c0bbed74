// Entry of a worker thread, in JavaScript: only what is loaded once the cache is on is found in it, and
// without it each worker would load a compiler of TypeScript first.
import { enableCompileCache, flushCompileCache } from 'node:module';
import { workerData } from 'node:worker_threads';

if (workerData.codeCache !== undefined) enableCompileCache(workerData.codeCache);
await import(workerData.entry);
// The thread is ended without a chance to do so later.
flushCompileCache();
