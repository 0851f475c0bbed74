/**
 * Compiles kernels/ into src/repository/kernels-wasm.ts. Run it after a change of a kernel
 * (`npm run kernels`) and commit the result with the source; a test holds the two together.
 */

import { writeFileSync } from 'node:fs';
import { renderKernels } from './kernels-source.ts';

const target = new URL('../src/repository/kernels-wasm.ts', import.meta.url);

writeFileSync(target, await renderKernels());
