/** Which pieces of a data set stand for all of it; pure. */

export interface SizedFile {
  readonly path: string;
  readonly bytes: number;
}

export interface Piece {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
}

/** About the mean of what content is cut into; a smaller file is one piece. */
export const pieceBytes = 1024 ** 2;

/** Every n-th piece, with the n that makes about `wantedBytes` of them, so that each has the same chance. */
export function choosePieces(files: readonly SizedFile[], wantedBytes: number): Piece[] {
  const all = files.flatMap(({ path, bytes }) =>
    Array.from({ length: Math.ceil(bytes / pieceBytes) }, (_, index) => {
      const offset = index * pieceBytes;
      return { path, offset, bytes: Math.min(pieceBytes, bytes - offset) };
    }),
  );
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const step = Math.max(1, Math.ceil(total / wantedBytes));
  return all.filter((_, index) => index % step === 0);
}
