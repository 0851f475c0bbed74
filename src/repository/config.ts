/** The repository's config: format version, id, chunker polynomial. docs/format.md#config */

import { SealiftError } from '../base/errors.ts';
import { isStorageId } from './ids.ts';
import { parseJsonFields } from './json-fields.ts';
import { formatPolynomial, type Polynomial, parsePolynomial } from './polynomial.ts';

export type RepositoryVersion = 1 | 2;

export interface RepositoryConfig {
  readonly version: RepositoryVersion;
  /** 32 random bytes as hex. */
  readonly id: string;
  readonly chunkerPolynomial: Polynomial;
}

/** Plain JSON; the caller seals it. It is never compressed and has no encoding byte. */
export function encodeConfig(config: RepositoryConfig): Uint8Array {
  const polynomial = formatPolynomial(config.chunkerPolynomial);
  return Buffer.from(
    `{"version":${config.version},"id":"${config.id}","chunker_polynomial":"${polynomial}"}`,
  );
}

/**
 * @param json the opened config; unknown members (rustic's settings) are ignored
 * @throws SealiftError `repository/version` for a version other than 1 and 2, `format/config` for a
 *   malformed id or a polynomial that cannot drive the chunker
 */
export function parseConfig(json: Uint8Array): RepositoryConfig {
  const fields = parseJsonFields(json, { code: 'format/config', what: 'config' });
  const version = fields.count('version');
  if (version !== 1 && version !== 2) {
    throw new SealiftError(
      'repository/version',
      `repository format version ${version} is unknown`,
      {
        hint: 'Use a newer release of Sealift for this repository.',
        fields: { found: version },
      },
    );
  }
  const id = fields.string('id');
  if (!isStorageId(id)) fields.fail('id', 'not 64 hexadecimal digits');
  return {
    version,
    id,
    chunkerPolynomial: fields.parse('chunker_polynomial', parsePolynomial),
  };
}
