/**
 * Compiles kernels/ into src/repository/kernels-wasm.ts and scrypt-wasm.ts. Run it after a change of a
 * kernel (`npm run kernels`) and commit the result with the source; tests hold the two together.
 */

import { writeFileSync } from 'node:fs';
import { renderKernels, renderScrypt } from './kernels-source.ts';

const folder = new URL('../src/repository/', import.meta.url);

writeFileSync(new URL('kernels-wasm.ts', folder), await renderKernels());
writeFileSync(new URL('scrypt-wasm.ts', folder), await renderScrypt());
