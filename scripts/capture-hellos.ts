/**
 * Captures the ClientHellos of the TLS clients on this machine, each on a loopback port of its own,
 * into test/vectors/client-hellos.json. A client that is not installed is left out with a note.
 *
 *   node scripts/capture-hellos.ts
 */

import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import net from 'node:net';

interface Client {
  readonly name: string;
  readonly program: string;
  readonly versionArguments: readonly string[];
  readonly arguments: (port: number) => readonly string[];
}

const target = new URL('../test/vectors/client-hellos.json', import.meta.url);
const waitMs = 5000;

function openssl(name: string, ...flags: readonly string[]): Client {
  return {
    name,
    program: 'openssl',
    versionArguments: ['version'],
    arguments: (port) => ['s_client', '-connect', `127.0.0.1:${port}`, ...flags],
  };
}

function gnutls(name: string, priority: string): Client {
  return {
    name,
    program: 'gnutls-cli',
    versionArguments: ['--version'],
    arguments: (port) => ['--insecure', '--priority', priority, '-p', String(port), 'localhost'],
  };
}

function node(name: string, options: string): Client {
  return {
    name,
    program: process.execPath,
    versionArguments: ['--version'],
    arguments: (port) => [
      '-e',
      `require('tls').connect({host:'127.0.0.1',port:${port},servername:'vault.example',${options}}).on('error',()=>{})`,
    ],
  };
}

const clients: readonly Client[] = [
  openssl('openssl'),
  openssl('openssl with a name and ALPN', '-servername', 'vault.example', '-alpn', 'h2,http/1.1'),
  openssl('openssl TLS 1.2', '-tls1_2', '-servername', 'vault.example'),
  openssl('openssl TLS 1.1', '-tls1_1', '-cipher', 'DEFAULT:@SECLEVEL=0'),
  openssl('openssl TLS 1.0', '-tls1', '-cipher', 'DEFAULT:@SECLEVEL=0'),
  openssl('openssl TLS 1.0 fallback', '-tls1', '-fallback_scsv', '-cipher', 'DEFAULT:@SECLEVEL=0'),
  openssl('openssl P-384 only', '-groups', 'P-384'),
  gnutls('gnutls', 'NORMAL'),
  gnutls('gnutls TLS 1.2', 'NORMAL:-VERS-ALL:+VERS-TLS1.2'),
  gnutls('gnutls TLS 1.0', 'NORMAL:-VERS-ALL:+VERS-TLS1.0'),
  {
    name: 'curl',
    program: 'curl',
    versionArguments: ['--version'],
    arguments: (port) => [
      '-sk',
      '--resolve',
      `vault.example:${port}:127.0.0.1`,
      `https://vault.example:${port}/`,
    ],
  },
  {
    name: 'curl TLS 1.2',
    program: 'curl',
    versionArguments: ['--version'],
    arguments: (port) => ['-sk', '--tls-max', '1.2', `https://127.0.0.1:${port}/`],
  },
  {
    name: 'java',
    program: 'keytool',
    versionArguments: ['-J-version'],
    arguments: (port) => ['-printcert', '-sslserver', `localhost:${port}`],
  },
  node('node', ''),
  node('node TLS 1.2', "maxVersion:'TLSv1.2',"),
  node('node with ALPN', "ALPNProtocols:['h2','http/1.1'],"),
];

const captured: { name: string; program: string; hex: string }[] = [];
for (const client of clients) {
  const version = findVersion(client);
  const hex = version === undefined ? undefined : await capture(client);
  if (version === undefined || hex === undefined) {
    process.stderr.write(`${client.name}: no hello\n`);
    continue;
  }
  captured.push({ name: client.name, program: version, hex });
}
writeFileSync(target, `${JSON.stringify(captured, null, 2)}\n`);

function findVersion(client: Client): string | undefined {
  try {
    const result = spawnSync(client.program, client.versionArguments, { encoding: 'utf8' });
    // Java prints its version on the error stream.
    const output = result.stdout === '' ? result.stderr : result.stdout;
    const line = output.split('\n')[0] ?? '';
    return client.program === process.execPath ? `Node ${line}` : line;
  } catch {
    return undefined;
  }
}

/** What the client sends within a moment of its connection, in hexadecimal. */
async function capture(client: Client): Promise<string | undefined> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // listen() with a host and a port gives an AddressInfo, never a pipe's name.
  const { port } = server.address() as AddressInfo;
  let child: ChildProcess | undefined;
  try {
    const connection = once(server, 'connection', { signal: AbortSignal.timeout(waitMs) });
    child = spawn(client.program, client.arguments(port), { stdio: ['pipe', 'ignore', 'ignore'] });
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
