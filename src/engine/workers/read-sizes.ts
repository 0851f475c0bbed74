/** How file workers read. */

import { maxChunkBytes } from '../../repository/chunker.ts';

export const readBytes = 1 << 20;
/** Every chunk and one more read fit. */
export const largestReadBytes = maxChunkBytes + readBytes;
