/** What the commands beside a running vault share: its data folder, and moments as text. */

import { access } from 'node:fs/promises';
import type { Command } from 'commander';
import { SealiftError } from '../base/errors.ts';
import { formatTime, nsPerMs } from '../base/time.ts';
import { vaultPaths } from '../vault/data-folder.ts';

/** Every job on a vault names its data folder. */
export interface DataFlags {
  readonly data: string;
}

export function withData(command: Command): Command {
  return command.requiredOption('--data <folder>', 'data folder of the vault');
}

/** Jobs beside the server work on a vault that exists; only `serve` and `up` make one. */
export async function requireVault(dataDir: string): Promise<void> {
  const paths = vaultPaths(dataDir);
  try {
    await access(paths.caCertificate);
  } catch (error) {
    throw new SealiftError('vault/data-folder', `${paths.root} is not the data folder of a vault`, {
      cause: error,
      hint: 'Name the folder with --data; sealift vault serve --data FOLDER makes a new vault.',
      fields: { path: paths.root },
    });
  }
}

/** RFC 3339, in the local zone. */
export function momentText(ms: number): string {
  return formatTime(BigInt(Math.trunc(ms)) * nsPerMs);
}
