/** What real programs say when a connection fails in a known way, and what `explain` makes of it. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { explain } from '../../src/doctor/explain/explain.ts';
import type { CauseId } from '../../src/doctor/explain/knowledge/causes.ts';
import { makeAuthority, type TestAuthority } from '../support/certificate.ts';
import { type Peer, skipWithout } from '../support/peers.ts';
import { type Outcome, run } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';
import {
  closedPort,
  type Listener,
  listenAndReset,
  listenHttp,
  listenHttps,
} from '../support/tls-listeners.ts';

const dayMs = 86_400_000;

interface Attempt {
  readonly port: number;
  /** PEM file of the authority to trust. */
  readonly ca: string;
  /** An empty folder for what the program needs. */
  readonly folder: string;
  /** The client is held at TLS 1.2. */
  readonly old: boolean;
  /** The client offers one suite only, for TLS 1.2. */
  readonly narrow: boolean;
  readonly host: string;
}

interface Tool {
  readonly name: string;
  readonly peer?: Peer;
  connect(attempt: Attempt): Promise<Outcome>;
  /** Situations that its command line cannot make. */
  readonly cannot?: readonly string[];
}

const suite = 'ECDHE-ECDSA-AES128-GCM-SHA256';
const standardSuite = 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256';

const tools: readonly Tool[] = [
  {
    name: 'openssl s_client',
    peer: 'openssl',
    connect: ({ port, ca, old, narrow, host }) =>
      run('openssl', [
        ...['s_client', '-connect', `127.0.0.1:${port}`, '-servername', host, '-CAfile', ca],
        ...['-verify_hostname', host, '-verify_return_error'],
        ...(old || narrow ? ['-tls1_2'] : []),
        ...(narrow ? ['-cipher', suite] : []),
      ]),
  },
  {
    name: 'gnutls-cli',
    peer: 'gnutls-cli',
    connect: ({ port, ca, old, narrow, host }) =>
      run('gnutls-cli', [
        ...['-p', String(port), '--x509cafile', ca, '--sni-hostname', host],
        ...['--verify-hostname', host],
        ...(old ? ['--priority', 'NORMAL:-VERS-ALL:+VERS-TLS1.2'] : []),
        ...(narrow ? ['--priority', 'NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-GCM'] : []),
        '127.0.0.1',
      ]),
  },
  {
    name: 'curl',
    peer: 'curl',
    connect: ({ port, ca, old, narrow, host }) =>
      run('curl', [
        ...['-sS', '--cacert', ca, '--resolve', `${host}:${port}:127.0.0.1`, '--noproxy', '*'],
        ...(old || narrow ? ['--tls-max', '1.2'] : []),
        ...(narrow ? ['--ciphers', suite] : []),
        `https://${host}:${port}/`,
      ]),
  },
  {
    name: 'python',
    peer: 'python3',
    connect: ({ port, ca, old, narrow, host }) =>
      run('python3', [
        '-c',
        [
          'import socket, ssl, sys',
          'c = ssl.create_default_context(cafile=sys.argv[2])',
          ...(old || narrow ? ['c.maximum_version = ssl.TLSVersion.TLSv1_2'] : []),
          ...(narrow ? [`c.set_ciphers("${suite}")`] : []),
          's = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)',
          'c.wrap_socket(s, server_hostname=sys.argv[3])',
        ].join('\n'),
        ...[String(port), ca, host],
      ]),
  },
  {
    name: 'node',
    connect: ({ port, ca, old, narrow, host }) =>
      run(process.execPath, [
        '-e',
        [
          'const { readFileSync } = require("node:fs");',
          'const [port, ca, servername] = process.argv.slice(1);',
          'require("node:tls").connect({ host: "127.0.0.1", port, servername, ca: readFileSync(ca),',
          old || narrow ? 'maxVersion: "TLSv1.2",' : '',
          narrow ? `ciphers: "${suite}",` : '',
          '}, () => process.exit());',
        ].join(' '),
        ...[String(port), ca, host],
      ]),
  },
  {
    name: 'java',
    peer: 'javac',
    connect: ({ port, folder, old, narrow, host }) => {
      const file = join(folder, 'Fetch.java');
      // The address is loopback's, whatever the name; the default store does not trust our authority.
      writeFileSync(
        file,
        `import java.net.*; import javax.net.ssl.*;
        public class Fetch { public static void main(String[] a) throws Exception {
          Socket plain = new Socket("127.0.0.1", Integer.parseInt(a[0]));
          SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
          ((SSLSocket) factory.createSocket(plain, a[1], 443, true)).startHandshake();
        } }`,
      );
      const flags = [
        ...(old || narrow ? ['-Djdk.tls.client.protocols=TLSv1.2'] : []),
        ...(narrow ? [`-Djdk.tls.client.cipherSuites=${standardSuite}`] : []),
      ];
      return run('java', [...flags, file, String(port), host]);
    },
    cannot: ['expired', 'not yet valid', 'another name'],
  },
  {
    name: 'restic',
    peer: 'restic',
    connect: ({ port, ca, folder, host }) =>
      run(
        'restic',
        ['-r', `rest:https://${host}:${port}/`, '--cacert', ca, '--no-cache', 'snapshots'],
        { env: { RESTIC_PASSWORD: 'x', HOME: folder } },
      ),
    cannot: ['too old', 'no suite', 'another name'],
  },
];

interface Situation {
  readonly name: string;
  readonly cause: CauseId;
  readonly old?: boolean;
  readonly narrow?: boolean;
  readonly host?: string;
  /** Leaves out the authority that would be trusted. */
  readonly distrusted?: boolean;
  serve(context: Pick<TestContext, 'after'>, authority: TestAuthority): Promise<Listener>;
}

const issue = (
  authority: TestAuthority,
  more: { readonly notBefore?: Date; readonly notAfter?: Date } = {},
) => authority.issue({ commonName: 'localhost', use: 'server', ...more });

const situations: readonly Situation[] = [
  {
    name: 'too old',
    cause: 'client-too-old',
    old: true,
    serve: async (context, authority) =>
      listenHttps(context, { ...(await issue(authority)), minVersion: 'TLSv1.3' }),
  },
  {
    name: 'cut by force',
    cause: 'client-too-old',
    serve: (context) => listenAndReset(context),
  },
  {
    name: 'no suite',
    cause: 'no-common-suite',
    narrow: true,
    serve: async (context, authority) =>
      listenHttps(context, {
        ...(await issue(authority)),
        maxVersion: 'TLSv1.2',
        ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305',
      }),
  },
  {
    name: 'expired',
    cause: 'certificate-expired',
    serve: async (context, authority) => {
      const past = (days: number) => new Date(Date.now() - days * dayMs);
      return listenHttps(
        context,
        await issue(authority, { notBefore: past(9), notAfter: past(3) }),
      );
    },
  },
  {
    name: 'not yet valid',
    cause: 'clock-wrong',
    serve: async (context, authority) => {
      const future = (days: number) => new Date(Date.now() + days * dayMs);
      return listenHttps(
        context,
        await issue(authority, { notBefore: future(3), notAfter: future(9) }),
      );
    },
  },
  {
    name: 'another name',
    cause: 'name-mismatch',
    host: 'other.example',
    serve: async (context, authority) => listenHttps(context, await issue(authority)),
  },
  {
    name: 'untrusted',
    cause: 'untrusted-root',
    distrusted: true,
    serve: async (context, authority) => listenHttps(context, await issue(authority)),
  },
  { name: 'plain HTTP', cause: 'not-tls', serve: (context) => listenHttp(context) },
  {
    name: 'closed port',
    cause: 'port-closed',
    serve: async () => ({ port: await closedPort() }),
  },
];

describe('the words of real programs lead to the cause that was made', () => {
  let authority: TestAuthority;
  let stranger: TestAuthority;
  const cleanUps: (() => void)[] = [];
  before(async () => {
    authority = await makeAuthority('Trusted Test CA');
    stranger = await makeAuthority('Other Test CA');
  });
  after(() => {
    for (const cleanUp of cleanUps) cleanUp();
  });
  for (const { peer, ...tool } of tools) {
    const skip = peer === undefined ? false : skipWithout(peer);
    for (const situation of situations) {
      if (tool.cannot?.includes(situation.name)) continue;
      test(`${tool.name}: ${situation.name}`, { skip }, async (context) => {
        const folder = tempFolder(context);
        const ca = join(folder, 'ca.pem');
        writeFileSync(ca, situation.distrusted === true ? stranger.cert : authority.cert);
        const { port } = await situation.serve(context, authority);
        const { old = false, narrow = false, host = 'localhost' } = situation;
        const outcome = await tool.connect({ port, ca, folder, old, narrow, host });
        const said = `${outcome.stdout}\n${outcome.stderr}`;
        assert.notEqual(outcome.code, 0, said);
        const [failure] = explain(said).failures;
        const causes = failure?.causes.map(({ id, score }) => `${id} ${score}`).join(', ');
        assert.equal(failure?.causes[0]?.id, situation.cause, `${causes}\n${said}`);
      });
    }
  }
});

test('restic at a server of TLS 1.1 is told that the server is too old', {
  skip: skipWithout('restic'),
}, async (context) => {
  const authority = await makeAuthority();
  const folder = tempFolder(context);
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.cert);
  const { port } = await listenHttps(context, {
    ...(await issue(authority)),
    ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' },
  });
  const { stderr } = await run(
    'restic',
    ['-r', `rest:https://localhost:${port}/`, '--cacert', ca, '--no-cache', 'snapshots'],
    { env: { RESTIC_PASSWORD: 'x', HOME: folder } },
  );
  assert.equal(explain(stderr).failures[0]?.causes[0]?.id, 'server-too-old', stderr);
});
