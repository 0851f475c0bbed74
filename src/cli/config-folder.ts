/** Folders of the user where Sealift keeps what is not a repository. */

import { homedir } from 'node:os';
import { join } from 'node:path';

/** Enrolments of this machine: SEALIFT_CONFIG_DIR, else the platform's place for configuration. */
export function configFolder(env: NodeJS.ProcessEnv): string {
  if (env['SEALIFT_CONFIG_DIR']) return env['SEALIFT_CONFIG_DIR'];
  if (process.platform === 'win32' && env['APPDATA']) return join(env['APPDATA'], 'Sealift');
  return join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'sealift');
}

/** The vault that `sealift up` keeps: the platform's place for a user's data. */
export function vaultDataFolder(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32' && env['LOCALAPPDATA']) {
    return join(env['LOCALAPPDATA'], 'Sealift', 'vault');
  }
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'sealift', 'vault');
}
