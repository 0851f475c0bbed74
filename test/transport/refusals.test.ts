/**
 * Refusals are precise: clients of TLS 1.0 and 1.1 that are in phase enforce report the alert that says
 * why, in every library's own words, and on the wire no connection is reset.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { getBaseline } from '../../src/tls/baselines.ts';
import type { ClientHello } from '../../src/tls/client-hello.ts';
import { encodeClientHelloRecords } from '../../src/tls/client-hello.ts';
import type { Capability, Plan, Retirement } from '../../src/tls/retirement/plan.ts';
import { judgeOf, planOf, rawClient, startDoor } from '../support/door.ts';
import { skipWithout } from '../support/peers.ts';
import { captureResets } from '../support/reset-capture.ts';
import { run } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

const policy = { ...getBaseline('old'), certificates: ['rsa'] as const };

function enforced(capability: Capability): Retirement {
  return { capability, phases: { enforce: 0 }, windows: [], shares: [], link: undefined };
}

const plan: Plan = {
  ...planOf(policy),
  retirements: [enforced('tls1.0'), enforced('tls1.1')],
};
const enforcing = { policy, certificate: 'rsa', judge: judgeOf(plan, 1) } as const;
const versions = ['1.0', '1.1'] as const;

function oldHello(fields: Partial<ClientHello> = {}): Uint8Array {
  return encodeClientHelloRecords({
    ...{ form: 'tls', legacyVersion: 0x0301, random: new Uint8Array(32) },
    ...{ sessionId: new Uint8Array(0), cipherSuites: [0x002f, 0x000a] },
    ...{ compressionMethods: [0], extensions: undefined },
    ...fields,
  });
}

type Door = Awaited<ReturnType<typeof startDoor>>;

/** Every connection was refused because its version is retired. */
async function assertRetired({ ended, records, problems }: Door, count: number): Promise<void> {
  await ended(count - 1);
  assert.deepEqual(problems, []);
  assert.equal(records.length, count);
  for (const { outcome, reason, alert } of records) {
    assert.equal(outcome, 'refused');
    assert.match(reason ?? '', /^retired\/tls1\.[01]$/);
    assert.equal(alert, 'protocol_version');
  }
}

test('OpenSSL says that the version is refused', { skip: skipWithout('openssl') }, async (t) => {
  const door = await startDoor(t, enforcing);
  for (const version of ['-tls1', '-tls1_1']) {
    const { stderr } = await run('openssl', [
      ...['s_client', '-connect', `127.0.0.1:${door.port}`, version],
      ...['-cipher', 'DEFAULT:@SECLEVEL=0'],
    ]);
    assert.match(stderr, /tlsv1 alert protocol version.*SSL alert number 70/);
  }
  await assertRetired(door, 2);
});

test('GnuTLS says that the version is refused', { skip: skipWithout('gnutls-cli') }, async (t) => {
  const door = await startDoor(t, enforcing);
  for (const version of versions) {
    const { stdout, stderr } = await run('gnutls-cli', [
      ...['--insecure', '--priority', `NORMAL:-VERS-ALL:+VERS-TLS${version}`],
      ...['-p', String(door.port), '127.0.0.1'],
    ]);
    assert.match(stdout + stderr, /Received alert \[70\]: Error in protocol version/);
  }
  await assertRetired(door, 2);
});

test('curl says that the version is refused', { skip: skipWithout('curl') }, async (t) => {
  const door = await startDoor(t, enforcing);
  for (const version of versions) {
    const { stderr } = await run('curl', [
      ...['-ksS', `--tlsv${version}`, '--tls-max', version, '--ciphers', 'DEFAULT:@SECLEVEL=0'],
      `https://127.0.0.1:${door.port}/`,
    ]);
    assert.match(stderr, /tlsv1 alert protocol version/);
  }
  await assertRetired(door, 2);
});

test('Java says that the version is refused', { skip: skipWithout('javac') }, async (t) => {
  const door = await startDoor(t, enforcing);
  const security = join(tempFolder(t), 'java.security');
  writeFileSync(security, 'jdk.tls.disabledAlgorithms=\n');
  const client = join(import.meta.dirname, '../support/JavaClient.java');
  for (const version of ['TLSv1', 'TLSv1.1']) {
    const flags = [
      `-Djdk.tls.client.protocols=${version}`,
      `-Djava.security.properties=${security}`,
    ];
    const { stdout, stderr } = await run('java', [...flags, client, String(door.port)]);
    assert.match(stdout, /Received fatal alert: protocol_version/, stderr);
  }
  await assertRetired(door, 2);
});

test('the same clients are served while the plan only warns', {
  skip: skipWithout('openssl'),
}, async (t) => {
  const warning: Plan = {
    ...plan,
    retirements: plan.retirements.map((one) => ({ ...one, phases: { warn: 0 } })),
  };
  const door = await startDoor(t, {
    ...enforcing,
    judge: judgeOf(warning, 1),
    serve: { onSecure: (socket) => socket.resume().end() },
  });
  const { stdout, stderr } = await run('openssl', [
    ...['s_client', '-connect', `127.0.0.1:${door.port}`, '-tls1', '-brief'],
    ...['-cipher', 'DEFAULT:@SECLEVEL=0'],
  ]);
  assert.match(stdout + stderr, /Protocol version: TLSv1$/m);
  assert.equal((await door.ended(0)).outcome, 'warned');
});

/** What a client does with its connection once it has said hello. */
type Manner = (client: Awaited<ReturnType<typeof rawClient>>) => Promise<void> | void;

const tailSize = 32 * 1024;

/** Sends much more, and only then begins to read. */
const talkative: Manner = async ({ socket }) => {
  socket.pause();
  for (let size = 0; size < tailSize; size += 4096) {
    if (!socket.write(new Uint8Array(4096))) await once(socket, 'drain');
  }
  socket.resume();
};

const quiet: Manner = () => undefined;
const closing: Manner = ({ socket }) => {
  socket.end();
};

const sslv2 = { form: 'sslv2', random: new Uint8Array(16) } as const;
const refusals: readonly (readonly [name: string, hello: Uint8Array, answer: string])[] = [
  ['TLS 1.0', oldHello(), '15030100020246'],
  ['TLS 1.1', oldHello({ legacyVersion: 0x0302 }), '15030200020246'],
  ['SSL 3.0', oldHello({ legacyVersion: 0x0300 }), '15030000020228'],
  ['TLS 1.0 in the SSLv2 form', oldHello(sslv2), '15030100020246'],
  [
    'SSL 2.0',
    oldHello({ ...sslv2, legacyVersion: 0x0002, cipherSuites: [0x010080, 0x0700c0] }),
    '8003000001',
  ],
  ['a cut hello', oldHello().subarray(0, 20).fill(0xff, 5), '1503010002020a'],
];

test('no refusal resets the connection, on the wire, whatever the client still sends', async (t) => {
  const door = await startDoor(t, enforcing);
  const capture = await captureResets(door.port);
  for (const [name, hello, answer] of refusals) {
    for (const manner of [quiet, closing, talkative]) {
      const client = await rawClient(door.port);
      client.socket.write(hello);
      await manner(client);
      const { received, failure } = await client.end();
      assert.equal(received.toString('hex'), answer, name);
      assert.equal(failure, undefined, name);
    }
  }
  const seen = await capture?.stop();
  if (seen === undefined) {
    t.diagnostic('packets cannot be captured here: only what the clients saw was checked');
    return;
  }
  assert.ok(seen.sent > refusals.length * 3 * 3, `${seen.sent} segments`);
  assert.equal(seen.resets, 0);
});

test('the capture sees the reset of a server that closes with unread bytes', async (t) => {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.write('no', () => socket.destroy());
    socket.pause();
  });
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a host and port has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const capture = await captureResets(port);
  if (capture === undefined) {
    t.skip('packets cannot be captured here');
    return;
  }
  const client = await rawClient(port);
  client.socket.write(new Uint8Array(tailSize));
  await client.end();
  assert.ok((await capture.stop()).resets > 0);
});
