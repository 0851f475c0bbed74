/** The histogram kernel's twin: the sum of the squares of how often each value of a byte occurs. */
export function sumOfSquares(bytes: Uint8Array): number {
  const counts = new Array<number>(256).fill(0);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  return counts.reduce((sum, count) => sum + count * count, 0);
}
