/** `--compression` and `--pack-size`: how commands that write packs seal them. */

import { type CompressionMode, compressionModes } from '../repository/compression.ts';
import type { Context } from './context.ts';
import { fromEnvironment, integerParser, usageError } from './global-options.ts';

const mebibyte = 1024 ** 2;
const defaultPackSizeMib = 16;

export function compressionOf({ flags, env }: Context): CompressionMode {
  const mode = flags.compression ?? fromEnvironment(env, 'COMPRESSION') ?? 'auto';
  const known = compressionModes.find((each) => each === mode);
  if (known !== undefined) return known;
  throw usageError(`compression is one of ${compressionModes.join(', ')}, not '${mode}'`);
}

export function packSizeOf({ flags, env }: Context): number {
  const text = fromEnvironment(env, 'PACK_SIZE');
  const parse = integerParser('PACK_SIZE', 4, 128);
  const mib = flags.packSize ?? (text === undefined ? defaultPackSizeMib : parse(text));
  return mib * mebibyte;
}
