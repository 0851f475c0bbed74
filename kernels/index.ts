/** What the module exports, besides its memory. */

export { chunkerScan, chunkerTables } from './chunker';
export { histogramSquares, histogramStart, histogramUpdate } from './histogram';
export { blockBytes, blockOffset, windowOffset } from './memory';
export { poly1305Finish, poly1305KeyOffset, poly1305Start, poly1305Update } from './poly1305';
