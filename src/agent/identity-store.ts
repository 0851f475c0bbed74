/**
 * Where a machine keeps what it needs of each vault it is enrolled with: `CONFIG/vaults/NAME/` with
 * the vault's CA, the client's key and certificate, and where the vault is. Only the machine's own
 * account may read it.
 */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, SealiftError, systemCodeOf } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import { writeFileAtomically } from '../vault/data-folder.ts';

export interface Enrolment {
  /** The name of this machine at the vault; also the first folder of its repositories there. */
  readonly clientName: string;
  /** The name under which this machine knows the vault: `sealift:NAME`. */
  readonly name: string;
  /** `https://host:port/` */
  readonly url: string;
  /** PEM of the one certificate that the vault is recognised by. */
  readonly ca: string;
  /** PEM of this machine's certificate. */
  readonly certificate: string;
  /** PEM of its private key, which has never left this machine. */
  readonly key: Secret;
  readonly folder: string;
}

/** Key and certificate stand in one file, so that a renewal replaces both at once or neither. */
const identityFile = 'client.pem';
const caFile = 'ca.crt';
const placeFile = 'vault.json';

const placeSchema = z.object({ url: z.url({ protocol: /^https$/ }), client: z.string().min(1) });
const namePattern = /^[A-Za-z0-9][A-Za-z0-9@._+-]{0,63}$/;

/** @throws SealiftError `agent/identity` if the name cannot be a folder */
export function enrolmentFolder(configDir: string, name: string): string {
  if (!namePattern.test(name))
    throw new SealiftError('agent/identity', `${JSON.stringify(name)} cannot name a vault`, {
      hint: 'Use letters, digits and @ . _ + -.',
      fields: { name },
    });
  return join(configDir, 'vaults', name);
}

/** Names of the vaults that this machine is enrolled with. */
export async function listEnrolments(configDir: string): Promise<string[]> {
  try {
    const names = await readdir(join(configDir, 'vaults'));
    return names.filter((name) => namePattern.test(name)).sort();
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** @throws SealiftError `agent/not-enrolled` if there is none, `agent/identity` if it is damaged */
export async function loadEnrolment(name: string, configDir: string): Promise<Enrolment> {
  const folder = enrolmentFolder(configDir, name);
  try {
    const place = placeSchema.parse(JSON.parse(await readFile(join(folder, placeFile), 'utf8')));
    const ca = await readFile(join(folder, caFile), 'utf8');
    const identity = await readFile(join(folder, identityFile), 'utf8');
    const certificate = pemBlock(identity, 'CERTIFICATE');
    const key = new Secret(pemBlock(identity, 'PRIVATE KEY'));
    return { name, clientName: place.client, url: place.url, ca, certificate, key, folder };
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') {
      throw new SealiftError(
        'agent/not-enrolled',
        `this machine is not enrolled with a vault named ${name}`,
        {
          cause: error,
          fields: { name, folder },
          hint: 'Enrol it: `sealift enroll URL --token TOKEN`, with a token from `sealift vault invite`.',
        },
      );
    }
    throw new SealiftError(
      'agent/identity',
      `cannot read the enrolment ${folder}: ${messageOf(error)}`,
      {
        cause: error,
        fields: { name, folder },
        hint: 'Enrol this machine again with a new invitation.',
      },
    );
  }
}

/** Stores an enrolment; the place comes last, so that a half-stored one does not count. */
export async function saveEnrolment(enrolment: Enrolment): Promise<void> {
  const { folder, url, clientName, ca } = enrolment;
  await writeFileAtomically(join(folder, caFile), ca);
  await saveIdentity(enrolment);
  const place = `${JSON.stringify({ url, client: clientName }, null, 2)}\n`;
  await writeFileAtomically(join(folder, placeFile), place);
}

/** Replaces key and certificate of an enrolment on disk. */
export async function saveIdentity({ folder, certificate, key }: Enrolment): Promise<void> {
  await writeFileAtomically(join(folder, identityFile), clientPem({ certificate, key }).reveal());
}

/** Certificate and key in one PEM text, as restic's `--tls-client-cert` and REST options take it. */
export function clientPem({ certificate, key }: Pick<Enrolment, 'certificate' | 'key'>): Secret {
  return new Secret(`${certificate.trim()}\n${key.reveal().trim()}\n`);
}

function pemBlock(text: string, label: string): string {
  const block = new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`).exec(text)?.[0];
  if (block === undefined) throw new Error(`no ${label.toLowerCase()} in ${identityFile}`);
  return `${block}\n`;
}
