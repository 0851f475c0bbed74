/** A vault as an operator runs it: `sealift vault serve` in a process of its own, on a free port. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { cleanEnvironment, mainFile, mustRunSealift, nodeFlags } from './run.ts';

export interface VaultProcess {
  readonly port: number;
  readonly caFile: string;
  readonly dataFolder: string;
  readonly child: ChildProcess;
  /** Everything the vault has written to standard output and error so far. */
  output(): string;
  /** The exit code, or undefined when a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | undefined>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts the vault and waits until its health endpoint answers. */
export async function startVaultProcess(
  dataFolder: string,
  { port, args = [] }: { port?: number; args?: readonly string[] } = {},
): Promise<VaultProcess> {
  const chosen = port ?? (await freePort());
  const child = spawn(
    process.execPath,
    [
      ...nodeFlags,
      mainFile,
      'vault',
      'serve',
      '--data',
      dataFolder,
      '--listen',
      `127.0.0.1:${chosen}`,
      ...args,
    ],
    { env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const caFile = join(dataFolder, 'ca', 'ca.crt');
  while (!(await answers(chosen, caFile))) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the vault ended:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    port: chosen,
    caFile,
    dataFolder,
    child,
    output: () => output,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const [code] = await exited;
      return code ?? undefined;
    },
  };
}

/** Adds a login and returns its password. */
export async function addVaultUser(
  dataFolder: string,
  name: string,
  args: readonly string[] = [],
): Promise<string> {
  const password = `password of ${name}`;
  await mustRunSealift(
    ['vault', 'user', 'add', name, '--data', dataFolder, '--password-stdin', ...args],
    {
      input: `${password}\n`,
    },
  );
  return password;
}

function answers(port: number, caFile: string): Promise<boolean> {
  let ca: string;
  try {
    ca = readFileSync(caFile, 'utf8');
  } catch {
    return Promise.resolve(false);
  }
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path: '/_sealift/v1/health', ca, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', () => resolve(false));
  });
}
