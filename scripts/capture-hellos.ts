/**
 * Captures the ClientHellos of the TLS clients on this machine, each on a loopback port of its own,
 * into test/vectors/client-hellos.json. A client that is not installed is left out with a note.
 *
 *   node scripts/capture-hellos.ts
 */

import { writeFileSync } from 'node:fs';
import { captureHello, findVersion } from './capture/capture-hello.ts';

interface Client {
  readonly name: string;
  readonly program: string;
  readonly versionArguments: readonly string[];
  readonly arguments: (port: number) => readonly string[];
}

const target = new URL('../test/vectors/client-hellos.json', import.meta.url);

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
  const version = findVersion(client.program, client.versionArguments);
  const hex = version === undefined ? undefined : await captureHello(client);
  if (version === undefined || hex === undefined) {
    process.stderr.write(`${client.name}: no hello\n`);
    continue;
  }
  const program = client.program === process.execPath ? `Node ${version}` : version;
  captured.push({ name: client.name, program, hex });
}
writeFileSync(target, `${JSON.stringify(captured, null, 2)}\n`);
