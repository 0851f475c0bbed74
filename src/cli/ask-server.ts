/** The check of a server that `--server HOST:PORT` asks for. */

import { checkServer, type ServerCheck } from '../doctor/explain/server/check-server.ts';
import type { Context } from './context.ts';
import { parseHostPort } from './host-port.ts';
import { readInputFile } from './read-input-file.ts';

/** @throws SealiftError `usage/invalid` for what is no server */
export async function askServer({ flags, env }: Context, server: string): Promise<ServerCheck> {
  const { host, port } = parseHostPort(server, { option: '--server', defaultPort: 443 });
  const ca =
    flags.cacert === undefined
      ? []
      : [Buffer.from(await readInputFile('--cacert', flags.cacert)).toString('utf8')];
  return checkServer({ host, port, ca, env });
}
