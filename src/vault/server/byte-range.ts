/** The `Range` header of a download (RFC 9110 §14.2), one range in bytes. */

export type ByteRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly size: number }
  | { readonly kind: 'unsatisfiable' };

/**
 * @param header undefined, or anything; what is no single range in bytes is ignored, as the RFC says
 * @param fileSize of an empty file every range is ignored
 */
export function parseRange(header: string | undefined, fileSize: number): ByteRange {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match || fileSize === 0) return { kind: 'whole' };
  const [, first = '', last = ''] = match;
  if (first === '') return suffixRange(last, fileSize);
  const start = Number(first);
  const end = last === '' ? fileSize - 1 : Math.min(Number(last), fileSize - 1);
  if (last !== '' && Number(last) < start) return { kind: 'whole' };
  if (start >= fileSize) return { kind: 'unsatisfiable' };
  return { kind: 'part', start, size: end - start + 1 };
}

function suffixRange(last: string, fileSize: number): ByteRange {
  if (last === '') return { kind: 'whole' };
  const size = Math.min(Number(last), fileSize);
  if (size === 0) return { kind: 'unsatisfiable' };
  return { kind: 'part', start: fileSize - size, size };
}
