/** As index.ts, for hosts with vectors (WebAssembly SIMD, relaxed). */

export { chunkerScan, chunkerTables } from './chunker-simd';
export { histogramSquares, histogramStart, histogramUpdate } from './histogram';
export { blockBytes, blockOffset, windowOffset } from './memory';
export { poly1305Finish, poly1305KeyOffset, poly1305Start } from './poly1305';
export { poly1305Update } from './poly1305-simd';
