/** Certificate and key of a door that ends TLS, read again when asked. */

import { createSecureContext } from 'node:tls';
import { messageOf, SealiftError } from '../../base/errors.ts';
import type { CertificateType } from '../../tls/certificate-types.ts';
import { certificateType } from '../../vault/server/tls-keeper.ts';
import { readInputFile } from '../read-input-file.ts';

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
  /** Whose client certificates are asked for and demanded. */
  readonly clientCa: string | undefined;
}

export interface DoorCertificate {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | undefined;
  readonly types: readonly CertificateType[];
}

/** @throws SealiftError `door/certificate` | `usage/invalid` */
export async function readDoorCertificate(files: CertificateFiles): Promise<DoorCertificate> {
  const cert = await readPem('--cert', files.cert);
  const key = await readPem('--key', files.key);
  const ca =
    files.clientCa === undefined ? undefined : await readPem('--client-ca', files.clientCa);
  let type: CertificateType | undefined;
  try {
    // Throws if they are broken or do not belong together.
    createSecureContext({ cert, key, ...(ca === undefined ? {} : { ca }) });
    type = certificateType(cert);
  } catch (error) {
    throw unusable(files.cert, messageOf(error), error);
  }
  if (type === undefined)
    throw unusable(files.cert, 'its key is of a type that TLS servers do not use');
  return { cert, key, ca, types: [type] };
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
