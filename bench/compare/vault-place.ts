/** A vault in a process of its own, with a login and so a repository for each program. */

import { join } from 'node:path';
import { addVaultUser, startVaultProcess } from '../../test/support/vault-process.ts';
import { processorTimeOf } from './process-time.ts';
import type { ProcessorTime } from './statistics.ts';

export interface RunningVault {
  readonly caFile: string;
  /** Makes a login and gives the URL of its repository. */
  repositoryFor(program: string): Promise<string>;
  /** Of its process, so far. */
  processorTime(): ProcessorTime | undefined;
  stop(): Promise<void>;
}

export async function startVault(folder: string): Promise<RunningVault> {
  const vault = await startVaultProcess(join(folder, 'vault'));
  return {
    caFile: vault.caFile,
    async repositoryFor(program) {
      const login = program.replaceAll(/[^a-z0-9]/g, '-');
      const password = encodeURIComponent(await addVaultUser(vault.dataFolder, login));
      return `rest:https://${login}:${password}@127.0.0.1:${vault.port}/${login}/`;
    },
    processorTime: () =>
      vault.child.pid === undefined ? undefined : processorTimeOf(vault.child.pid),
    async stop() {
      await vault.stop();
    },
  };
}
