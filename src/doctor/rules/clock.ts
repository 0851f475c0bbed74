/** How wrong a clock may be before connections or the requests in them fail. */

/** A difference below this is that of ordinary machines, of the answer's way and of `Date`'s whole seconds. */
export const toleratedSkewMs = 5 * 60_000;
/** Azure Storage and S3 refuse requests whose signature is farther from their own clock. */
export const signedRequestSkewMs = 15 * 60_000;

/** `3 d 4 h`, `12 min`: the two largest units. */
export function formatSkew(skewMs: number): string {
  const minutes = Math.round(Math.abs(skewMs) / 60_000);
  const parts = [
    [Math.floor(minutes / 1440), 'd'],
    [Math.floor(minutes / 60) % 24, 'h'],
    [minutes % 60, 'min'],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).slice(0, 2);
  return shown.length === 0 ? '0 min' : shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
}
