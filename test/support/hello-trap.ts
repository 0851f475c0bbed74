/** A server that reads one ClientHello and hangs up: what a client really sends first. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import { ClientHelloReader } from '../../src/tls/hello-reader.ts';
import type { Offer } from '../../src/tls/offer.ts';
import { contentType } from '../../src/tls/records.ts';
import { cleanEnvironment } from './run.ts';

export interface TrapOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/**
 * Starts a client against a port of its own and reads its hello.
 * @returns undefined when the client ends without a hello
 * @throws Error when what it sends is not a hello
 */
export async function trapHello(
  program: string,
  args: (port: number) => readonly string[],
  options: TrapOptions = {},
): Promise<Offer | undefined> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // listen() with a host and a port gives an AddressInfo, never a pipe's name.
  const { port } = server.address() as AddressInfo;
  const caught = catchHello(server);
  const child = spawn(program, args(port), {
    cwd: options.cwd,
    env: cleanEnvironment(options.env),
    stdio: 'ignore',
  });
  const ended = once(child, 'close');
  try {
    const outcome = await Promise.race([caught, ended.then(() => undefined)]);
    if (outcome !== undefined) return outcome;
    // The client may end before its bytes are read here: one more turn for a connection that is open.
    const connections = await new Promise<number>((resolve) =>
      server.getConnections((_, count) => resolve(count)),
    );
    return connections === 0 ? undefined : await caught;
  } finally {
    child.kill();
    await ended;
    server.close();
  }
}

function catchHello(server: net.Server): Promise<Offer | undefined> {
  return new Promise((resolve, reject) => {
    server.on('connection', (socket) => {
      const reader = new ClientHelloReader();
      socket.on('error', () => resolve(undefined));
      socket.on('close', () => resolve(undefined));
      socket.on('data', (chunk: Buffer) => {
        const progress = reader.push(chunk);
        if (progress.kind === 'more') return;
        socket.destroy();
        if (progress.kind === 'hello') resolve(progress.hello.offer);
        // An alert in place of a hello: the client has nothing to offer.
        else if (chunk[0] === contentType.alert) resolve(undefined);
        else reject(new Error(`not a ClientHello: ${progress.fault.kind}`));
      });
    });
  });
}
