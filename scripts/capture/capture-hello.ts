/** What a TLS client sends first, caught on a loopback port of its own. */

import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import net from 'node:net';

const waitMs = 5000;

export interface Command {
  readonly program: string;
  readonly arguments: (port: number) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The first line that a program prints about its version; undefined when it is not installed. */
export function findVersion(program: string, flags: readonly string[]): string | undefined {
  const result = spawnSync(program, flags, { encoding: 'utf8' });
  if (result.error !== undefined) return undefined;
  // Java prints its version on the error stream.
  const output = result.stdout === '' ? result.stderr : result.stdout;
  return output.split('\n')[0]?.trim() ?? '';
}

/** What the client sends within a moment of its connection, in hexadecimal; undefined for nothing. */
export async function captureHello(command: Command): Promise<string | undefined> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // listen() with a host and a port gives an AddressInfo, never a pipe's name.
  const { port } = server.address() as AddressInfo;
  let child: ChildProcess | undefined;
  try {
    const connection = once(server, 'connection', { signal: AbortSignal.timeout(waitMs) });
    child = spawn(command.program, command.arguments(port), {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { ...process.env, ...command.env },
    });
    child.on('error', () => {
      // Not installed: the wait for its connection ends without one.
    });
    const [socket] = await connection;
    const [chunk] = await once(socket, 'data', { signal: AbortSignal.timeout(waitMs) });
    socket.destroy();
    return chunk.toString('hex');
  } catch {
    return undefined;
  } finally {
    child?.kill();
    server.close();
  }
}
