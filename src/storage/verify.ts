/** Checks what is loaded whole against the SHA-256 that is its name. */
import { createHash } from 'node:crypto';
import { SealiftError } from '../base/errors.ts';
import { type Backend, describeFile, type FileName, forwardTo, type Pace } from './backend.ts';

/**
 * A file that does not match its name is loaded once more, since the damage may have happened on the
 * way; a config and a range have no hash to compare with and pass unchecked.
 * @throws 'backend/corrupt' from load
 */
export function verifyBackend(backend: Backend): Backend {
  return {
    ...forwardTo(backend),
    async load(file, range, signal) {
      const bytes = await backend.load(file, range, signal);
      if (range || file.type === 'config' || matches(file, bytes)) return bytes;
      const again = await backend.load(file, undefined, signal);
      if (matches(file, again)) return again;
      throw corrupt(backend.location, file, again);
    },
    ...(backend.withPace && {
      withPace: (pace: Pace) => verifyBackend(backend.withPace?.(pace) ?? backend),
    }),
  };
}

function matches(file: FileName, bytes: Uint8Array): boolean {
  return hashOf(bytes) === file.name;
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function corrupt(location: string, file: FileName, bytes: Uint8Array): SealiftError {
  const found = hashOf(bytes);
  return new SealiftError(
    'backend/corrupt',
    `${describeFile(file)} in ${location} is damaged: its ${bytes.byteLength} bytes have the SHA-256 ${found}`,
    {
      hint: 'run `sealift check --read-data` to see what else is damaged, and look after the storage',
      fields: { location, file: describeFile(file), expected: file.name, found },
    },
  );
}
