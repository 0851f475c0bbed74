/** Certificates and keys of a door that ends TLS, read again when asked. */

import { createSecureContext } from 'node:tls';
import { messageOf, SealiftError } from '../../base/errors.ts';
import type { CertificateType } from '../../tls/certificate-types.ts';
import { certificateTypesOf } from '../../vault/server/tls-keeper.ts';
import { readInputFile } from '../read-input-file.ts';

export interface CertificateFiles {
  /** A chain and its key stand at the same place of both lists; one pair for each type of key. */
  readonly cert: readonly string[];
  readonly key: readonly string[];
  /** Whose client certificates are asked for and demanded. */
  readonly clientCa: string | undefined;
}

export interface DoorCertificate {
  readonly cert: string[];
  readonly key: string[];
  readonly ca: string | undefined;
  readonly types: readonly CertificateType[];
}

/** @throws SealiftError `door/certificate` | `usage/invalid` */
export async function readDoorCertificate(files: CertificateFiles): Promise<DoorCertificate> {
  const cert = await Promise.all(files.cert.map((file) => readPem('--cert', file)));
  const key = await Promise.all(files.key.map((file) => readPem('--key', file)));
  const ca =
    files.clientCa === undefined ? undefined : await readPem('--client-ca', files.clientCa);
  const types = cert.map((chain, at) =>
    typeOf({ chain, key: key[at], file: files.cert[at] ?? '' }),
  );
  const twice = types.findIndex((type, at) => types.indexOf(type) < at);
  if (twice !== -1)
    throw unusable(files.cert[twice] ?? '', `another --cert has a key of type ${types[twice]} too`);
  return { cert, key, ca, types };
}

/** @throws SealiftError `door/certificate` if chain and key are broken or do not belong together */
function typeOf(pair: { chain: string; key: string | undefined; file: string }): CertificateType {
  let types: readonly CertificateType[] | undefined;
  try {
    createSecureContext({ cert: pair.chain, ...(pair.key !== undefined && { key: pair.key }) });
    types = certificateTypesOf([pair.chain]);
  } catch (error) {
    throw unusable(pair.file, messageOf(error), error);
  }
  const type = types?.[0];
  if (type !== undefined) return type;
  throw unusable(pair.file, 'its key is of a type that TLS servers do not use');
}

async function readPem(option: string, path: string): Promise<string> {
  return Buffer.from(await readInputFile(option, path)).toString('latin1');
}

function unusable(path: string, why: string, cause?: unknown): SealiftError {
  return new SealiftError('door/certificate', `the certificate ${path} cannot be used: ${why}`, {
    hint: 'give a certificate chain with --cert and its private key with --key, both as PEM',
    fields: { path },
    cause,
  });
}
