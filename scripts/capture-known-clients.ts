/**
 * Captures the hellos of real clients with their defaults into src/tls/measured-hellos.ts. A client
 * that is not there keeps the hello that was captured before.
 *
 *   node scripts/capture-known-clients.ts [FOLDER]
 *
 * FOLDER holds programs of other versions than the machine's: `node-18`, `keytool-21` (Java's), and
 * `go-1.24`, which is scripts/capture/hello-client.go built with that Go (`go-1.24-module-1.23` when the
 * go line of its go.mod says 1.23).
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MeasuredHello, measuredHellos } from '../src/tls/measured-hellos.ts';
import { captureHello, findVersion } from './capture/capture-hello.ts';

interface Client {
  readonly id: string;
  readonly name: string;
  readonly program: string;
  readonly versionFlags: readonly string[];
  /** How the version line becomes the words about the program. */
  readonly describe?: (version: string) => string;
  readonly arguments: (port: number) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const folder = process.argv[2];
const target = new URL('../src/tls/measured-hellos.ts', import.meta.url);

function inFolder(program: string): string {
  return folder === undefined ? program : join(folder, program);
}

function node(version: string, openssl: string): Client {
  return {
    id: `node-${version}`,
    name: `Node ${version} (OpenSSL ${openssl})`,
    program: inFolder(`node-${version}`),
    versionFlags: ['-p', 'process.version + " with OpenSSL " + process.versions.openssl'],
    describe: (line) => `Node ${line}`,
    arguments: (port) => ['-e', connectFrom(port, '')],
  };
}

/** OpenSSL as it is without Node's own list of suites and its floor of versions. */
function opensslInNode(id: string, version: string, major: number): Client {
  const suites = ['DEFAULT'];
  // From Node 12 on there is TLS 1.3, which is taken away when none of its suites is named.
  if (major >= 12) {
    suites.push('TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256');
  }
  const options = [
    `ciphers: '${suites.join(':')}',`,
    major >= 8 ? `ecdhCurve: 'auto',` : '',
    major >= 12 && major < 17 ? `minVersion: 'TLSv1',` : '',
  ];
  return {
    id,
    name: `OpenSSL ${version}`,
    program: inFolder(`node-${major === 0 ? '0.12' : major}`),
    versionFlags: ['-p', 'process.versions.openssl + " in Node " + process.version'],
    describe: (line) => `OpenSSL ${line}, suites DEFAULT`,
    arguments: (port) => ['-e', connectFrom(port, options.join(' '))],
  };
}

function connectFrom(port: number, options: string): string {
  return `require('tls').connect({host: '127.0.0.1', port: ${port}, servername: 'vault.example', ${options}}).on('error', function () {})`;
}

function java(version: string): Client {
  return {
    id: `java-${version}`,
    name: `Java ${version}`,
    program: version === '17' ? 'keytool' : inFolder(`keytool-${version}`),
    versionFlags: ['-J-version'],
    arguments: (port) => ['-printcert', '-sslserver', `localhost:${port}`],
  };
}

function go(version: string): Client {
  return {
    id: `go-${version}`,
    name: `Go ${version}`,
    program: inFolder(`go-${version}`),
    versionFlags: [],
    describe: () => `crypto/tls of Go ${version}`,
    arguments: (port) => [String(port)],
  };
}

/**
 * restic's TLS is that of Go's HTTP client, by the Go that a release is built with and by the go line of
 * its go.mod (RSA key exchange and hybrids depend on that). restic 0.14 itself is captured too.
 */
function restic(
  version: string,
  { build, module = build, http = 'http2' }: { build: string; module?: string; http?: string },
): Client {
  return {
    id: `restic-${version}`,
    name: `restic ${version}`,
    program: inFolder(module === build ? `go-${build}` : `go-${build}-module-${module}`),
    versionFlags: [],
    describe: () =>
      `net/http of Go ${build} in a module of Go ${module}, which restic ${version} is released with`,
    arguments: (port) => [String(port), http],
  };
}

const clients: readonly Client[] = [
  opensslInNode('openssl-1.0.1', '1.0.1', 0),
  opensslInNode('openssl-1.0.2', '1.0.2', 8),
  opensslInNode('openssl-1.1.1', '1.1.1', 14),
  {
    id: 'openssl-3.0',
    name: 'OpenSSL 3.0',
    program: 'openssl',
    versionFlags: ['version'],
    arguments: (port) => [
      's_client',
      '-connect',
      `127.0.0.1:${port}`,
      '-servername',
      'vault.example',
    ],
    // Without the distribution's configuration, which may raise the floor.
    env: { OPENSSL_CONF: '/dev/null' },
  },
  opensslInNode('openssl-3.5', '3.5', 24),
  {
    id: 'gnutls-3.7',
    name: 'GnuTLS 3.7',
    program: 'gnutls-cli',
    versionFlags: ['--version'],
    arguments: (port) => [
      '--insecure',
      '--sni-hostname',
      'vault.example',
      '-p',
      String(port),
      'localhost',
    ],
  },
  {
    id: 'curl-7.88',
    name: 'curl 7.88 with OpenSSL 3.0',
    program: 'curl',
    versionFlags: ['--version'],
    describe: (line) => line.split(' zlib')[0] ?? line,
    arguments: (port) => [
      ...['-sk', '--resolve', `vault.example:${port}:127.0.0.1`, `https://vault.example:${port}/`],
    ],
  },
  {
    id: 'python-3.11',
    name: 'Python 3.11 with OpenSSL 3.0',
    program: 'python3',
    versionFlags: [
      '-c',
      'import sys, ssl; print("Python", sys.version.split()[0], ssl.OPENSSL_VERSION)',
    ],
    arguments: (port) => [
      '-c',
      `import socket, ssl; ssl.create_default_context().wrap_socket(socket.create_connection(("127.0.0.1", ${port})), server_hostname="vault.example")`,
    ],
  },
  ...['11', '17', '21', '25'].map(java),
  ...['1.13', '1.20', '1.24'].map(go),
  restic('0.9', { build: '1.13', http: 'http1' }),
  restic('0.12', { build: '1.16', module: '1.13' }),
  {
    id: 'restic-0.14',
    name: 'restic 0.14',
    program: 'restic',
    versionFlags: ['version'],
    arguments: (port) => [
      ...['-r', `rest:https://localhost:${port}/`, '--no-cache', '--insecure-tls', 'snapshots'],
    ],
    env: { RESTIC_PASSWORD: 'x' },
  },
  restic('0.16', { build: '1.21', module: '1.19' }),
  restic('0.18', { build: '1.24', module: '1.23' }),
  node('8', '1.0.2'),
  node('10', '1.1.1'),
  node('12', '1.1.1'),
  node('14', '1.1.1'),
  node('16', '1.1.1'),
  node('18', '3.0'),
  node('20', '3.0'),
  node('22', '3.5'),
  node('24', '3.5'),
  { ...node('26', '3.5'), program: process.execPath },
];

const before = new Map<string, MeasuredHello>(measuredHellos.map((hello) => [hello.id, hello]));
const lines: string[] = [];
for (const client of clients) {
  const hello = (await capture(client)) ?? before.get(client.id);
  if (hello === undefined) {
    process.stderr.write(`${client.id}: no hello\n`);
    continue;
  }
  const fields = Object.entries(hello).map(([key, value]) => `${key}: '${value}'`);
  lines.push(`  { ${fields.join(', ')} },`);
}
const text = readFileSync(target, 'utf8');
const opening = 'export const measuredHellos = [\n';
const start = text.indexOf(opening) + opening.length;
const end = text.indexOf('] as const satisfies', start);
writeFileSync(target, `${text.slice(0, start)}${lines.join('\n')}\n${text.slice(end)}`);

async function capture(client: Client): Promise<MeasuredHello | undefined> {
  const line = findVersion(client.program, client.versionFlags);
  if (line === undefined) return undefined;
  const hex = await captureHello(client);
  if (hex === undefined) return undefined;
  const program = client.describe?.(line) ?? line;
  return { id: client.id, name: client.name, program, hex };
}
