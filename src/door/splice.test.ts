import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import tls from 'node:tls';
import {
  helloReading,
  judgeOf,
  planOf,
  rawClient,
  recorder,
  testIdentity,
} from '../../test/support/door.ts';
import hellos from '../../test/vectors/client-hellos.json' with { type: 'json' };
import { concatBytes, decodeHex, encodeHex } from '../base/bytes.ts';
import { getBaseline } from '../tls/baselines.ts';
import { certificateTypes } from '../tls/certificate-types.ts';
import { createDoor, type DoorOptions } from './door.ts';
import { readProxyHeader } from './proxy-protocol.ts';
import type { Upstream } from './upstream.ts';

type Context = { after(cleanUp: () => unknown): void };

const policy = { ...getBaseline('intermediate'), certificates: certificateTypes };

async function passTo(
  t: Context,
  upstream: Upstream,
  more: Partial<DoorOptions> & { proxyProtocol?: boolean } = {},
) {
  const { records, observer, ended } = recorder();
  const { proxyProtocol = false, ...options } = more;
  const door = await createDoor({
    listen: { host: '127.0.0.1', port: 0 },
    judge: judgeOf(planOf(policy)),
    helloReading,
    observer,
    serve: { kind: 'pass-through', upstream, proxyProtocol },
    ...options,
  });
  t.after(() => door.close(0));
  return { door, port: door.port, records, ended };
}

async function listen(t: Context, server: net.Server): Promise<Upstream> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  // A server that listens on a host and port has an AddressInfo.
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

async function tlsUpstream(t: Context, options: tls.TlsOptions = {}): Promise<Upstream> {
  const { cert, key } = await testIdentity('ecdsa-p256');
  return listen(
    t,
    tls.createServer({ cert, key, ...options }, (socket) =>
      socket.on('error', () => {}).pipe(socket),
    ),
  );
}

/** A plain upstream that keeps what it gets, and answers when the client has ended its side. */
async function plainUpstream(t: Context, answer: Uint8Array) {
  const received: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('end', () => socket.end(answer));
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  return {
    upstream: await listen(t, server),
    received: () => new Uint8Array(Buffer.concat(received)),
  };
}

function helloOf(name: string): Uint8Array {
  const hello = hellos.find((candidate) => candidate.name === name);
  assert.ok(hello, name);
  return decodeHex(hello.hex);
}

for (const [version, code] of [
  ['TLSv1.2', 0x0303],
  ['TLSv1.3', 0x0304],
] as const) {
  test(`what ${version} agreed on behind the door is read on the way through`, async (t) => {
    const { port, ended } = await passTo(t, await tlsUpstream(t));
    const socket = tls.connect({
      ...{ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: version },
      ...{ ecdhCurve: 'P-256', ALPNProtocols: ['http/1.1'] },
    });
    await once(socket, 'secureConnect');
    const big = Buffer.alloc(3_000_000, 'x');
    let received = 0;
    socket.on('data', (chunk: Buffer) => {
      received += chunk.byteLength;
      if (received === big.byteLength) socket.end();
    });
    socket.write(big);
    await once(socket, 'close');
    assert.equal(received, big.byteLength);
    const { outcome, negotiated, bytesRead, bytesWritten } = await ended(0);
    assert.equal(outcome, 'accepted');
    assert.equal(negotiated?.version, code);
    assert.equal(negotiated?.group, 0x0017);
    assert.equal(negotiated?.resumed, false);
    assert.ok(bytesRead > big.byteLength && bytesWritten > big.byteLength);
  });
}

test('a HelloRetryRequest and a resumption are told apart from a plain handshake', async (t) => {
  const { port, ended } = await passTo(t, await tlsUpstream(t, { ecdhCurve: 'P-384' }));
  const connect = async (session?: Buffer): Promise<Buffer | undefined> => {
    const socket = tls.connect({
      ...{ port, host: '127.0.0.1', rejectUnauthorized: false, ecdhCurve: 'P-256:P-384' },
      ...(session && { session }),
    });
    let given: Buffer | undefined;
    socket.on('session', (bytes) => {
      given = bytes;
    });
    await once(socket, 'secureConnect');
    socket.write('x');
    await once(socket, 'data');
    socket.end().resume();
    await once(socket, 'close');
    return given;
  };
  await connect(await connect());
  const [first, second] = await Promise.all([ended(0), ended(1)]);
  assert.equal(first.negotiated?.group, 0x0018);
  assert.equal(first.negotiated?.resumed, false);
  assert.equal(second.negotiated?.resumed, true);
});

test('every byte arrives behind the door, early data after the hello too, and halves close one by one', async (t) => {
  const answer = decodeHex('15030300020228');
  const { upstream, received } = await plainUpstream(t, answer);
  const { port, ended } = await passTo(t, upstream);
  const early = decodeHex('1403030001011703030005aabbccddee');
  const sent = concatBytes(helloOf('node'), early);
  const client = await rawClient(port);
  client.socket.end(sent);
  const { received: told, failure } = await client.end();
  assert.equal(encodeHex(received()), encodeHex(sent));
  assert.equal(told.toString('hex'), encodeHex(answer));
  assert.equal(failure, undefined);
  const record = await ended(0);
  assert.equal(record.outcome, 'failed');
  assert.equal(record.reason, 'upstream/handshake_failure');
  assert.equal(record.alert, 'handshake_failure');
});

test('the upstream learns the client by a PROXY header, and a trusted proxy before the door is believed', async (t) => {
  const { upstream, received } = await plainUpstream(t, new Uint8Array(0));
  const { port, ended } = await passTo(t, upstream, {
    proxyProtocol: true,
    isTrustedProxy: (address) => address === '127.0.0.1',
  });
  const hello = helloOf('node');
  const line = Buffer.from('PROXY TCP4 203.0.113.9 127.0.0.1 4711 443\r\n');
  const client = await rawClient(port);
  for (const byte of line) client.socket.write(new Uint8Array([byte]));
  client.socket.end(hello);
  await client.end();
  const header = readProxyHeader(received());
  assert.ok(header.kind === 'header');
  assert.deepEqual(header.source, { address: '203.0.113.9', port: 4711 });
  assert.equal(encodeHex(received().subarray(header.size)), encodeHex(hello));
  assert.equal((await ended(0)).address, '203.0.113.9');
  const silent = await rawClient(port);
  silent.socket.end(hello);
  await silent.end();
  const record = await ended(1);
  assert.equal(record.outcome, 'not-tls');
  assert.equal(record.reason, 'proxy-protocol');
});

test('an upstream that is not there is an internal_error to the client, with the cause in the record', async (t) => {
  const server = net.createServer();
  const upstream = await listen(t, server);
  server.close();
  await once(server, 'close');
  const { port, ended } = await passTo(t, upstream);
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR');
  const record = await ended(0);
  assert.equal(record.outcome, 'failed');
  assert.equal(record.reason, 'upstream/ECONNREFUSED');
});

test('a client that does not read holds back the upstream, not the memory of the door', async (t) => {
  let sent = 0;
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    const chunk = Buffer.alloc(65_536);
    const fill = (): void => {
      while (sent < 256 * 1024 * 1024 && socket.write(chunk)) sent += chunk.byteLength;
    };
    socket.on('drain', fill);
    fill();
  });
  const { port, door } = await passTo(t, await listen(t, server));
  const client = await rawClient(port);
  client.socket.pause();
  client.socket.write(helloOf('node'));
  let before = -1;
  // What fits into the sockets' buffers is a few megabytes; then nothing moves any more.
  while (sent === 0 || sent !== before) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes`);
  client.socket.destroy();
  await door.close(0);
});
