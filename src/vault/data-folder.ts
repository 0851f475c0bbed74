/** Where things are in a vault's data folder, and how its small files are written. */

import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { SealiftError, systemCodeOf } from '../base/errors.ts';

/** Mode of folders and files that only the vault's own account may read. */
export const privateFolderMode = 0o700;
export const privateFileMode = 0o600;

export interface VaultPaths {
  readonly root: string;
  readonly config: string;
  readonly database: string;
  readonly caCertificate: string;
  readonly caKey: string;
  /** The leaf followed by the CA, as the server sends them. */
  readonly serverCertificate: string;
  readonly serverKey: string;
  /** The same with an RSA key, for clients that know nothing else (`tls.rsa`). */
  readonly rsaCertificate: string;
  readonly rsaKey: string;
  /** Keys of session tickets, shared by the vault's processes. */
  readonly ticketKeys: string;
  readonly repositories: string;
}

export function vaultPaths(dataDir: string): VaultPaths {
  const root = resolve(dataDir);
  return {
    root,
    config: join(root, 'vault.yaml'),
    database: join(root, 'vault.db'),
    caCertificate: join(root, 'ca', 'ca.crt'),
    caKey: join(root, 'ca', 'ca.key'),
    serverCertificate: join(root, 'tls', 'server.crt'),
    serverKey: join(root, 'tls', 'server.key'),
    rsaCertificate: join(root, 'tls', 'server-rsa.crt'),
    rsaKey: join(root, 'tls', 'server-rsa.key'),
    ticketKeys: join(root, 'tls', 'tickets.key'),
    repositories: join(root, 'repositories'),
  };
}

/** Writes a small file as a whole or not at all: temp file, fsync, rename, fsync of the folder. */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: privateFolderMode });
  const temp = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temp, 'wx', privateFileMode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temp, path);
  } catch (error) {
    await rm(temp, { force: true });
    throw new SealiftError('vault/data-folder', `cannot write ${path}`, {
      cause: error,
      fields: { path },
      hint: 'Check that the folder belongs to this account and that the disk is not full.',
    });
  }
  await syncFolder(folder);
}

/** Makes a rename in a folder durable. Windows cannot open a folder, and needs no such step. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = systemCodeOf(error) ?? '';
    if (!['EPERM', 'EISDIR', 'EINVAL', 'EACCES', 'ENOTSUP'].includes(code)) throw error;
  }
}
