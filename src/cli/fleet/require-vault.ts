/** Commands that only read a vault must not make one. */

import { access } from 'node:fs/promises';
import { SealiftError } from '../../base/errors.ts';
import { vaultPaths } from '../../vault/data-folder.ts';

/** @throws SealiftError `vault/data-folder` when there is no vault in the folder */
export async function requireVault(dataDir: string): Promise<void> {
  const { root, database } = vaultPaths(dataDir);
  try {
    await access(database);
  } catch (error) {
    throw new SealiftError('vault/data-folder', `${root} is not the data folder of a vault`, {
      cause: error,
      hint: 'Name the folder with --data; sealift vault serve --data FOLDER makes a new vault.',
      fields: { path: root },
    });
  }
}
