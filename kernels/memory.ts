/** The room that the kernels share with their host; `src/repository/kernels.ts` asks for the offsets. */

/** Bytes that the host hands over at once: small enough for the processor's second cache. */
export const BLOCK_BYTES: usize = 65536;
/** Bytes of the chunker's window; what came before the block lies right in front of it. */
export const WINDOW_BYTES: usize = 64;

const window = memory.data(65600, 16); // WINDOW_BYTES + BLOCK_BYTES; only a literal is allowed here

export function windowOffset(): usize {
  return window;
}

export function blockOffset(): usize {
  return window + WINDOW_BYTES;
}

export function blockBytes(): usize {
  return BLOCK_BYTES;
}
