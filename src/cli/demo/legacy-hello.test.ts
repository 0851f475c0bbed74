import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { legacyClientHello, offerLegacyHello } from './legacy-hello.ts';

async function serverThat(
  context: TestContext,
  answer: (socket: Socket) => void,
): Promise<{ host: string; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    answer(socket);
  }).listen(0, '127.0.0.1');
  context.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { host: '127.0.0.1', port: address.port };
}

test('the hello is one record whose lengths agree and that offers nothing above TLS 1.0', () => {
  const hello = Buffer.from(legacyClientHello(new Uint8Array(32).fill(7)));
  assert.equal(hello.readUInt8(0), 22);
  assert.equal(hello.readUInt16BE(1), 0x0301);
  assert.equal(hello.readUInt16BE(3), hello.length - 5);
  assert.equal(hello.readUInt8(5), 1);
  assert.equal(hello.readUIntBE(6, 3), hello.length - 9);
  assert.equal(hello.readUInt16BE(9), 0x0301);
  const suites = hello.readUInt16BE(9 + 2 + 32 + 1);
  assert.equal(hello.length, 9 + 2 + 32 + 1 + 2 + suites + 2);
});

test('an alert is read even when it comes byte by byte', async (t) => {
  const address = await serverThat(t, (socket) => {
    for (const byte of [21, 3, 1, 0, 2, 2, 70]) socket.write(Uint8Array.of(byte));
  });
  assert.deepEqual(await offerLegacyHello(address), {
    kind: 'alert',
    level: 2,
    description: 70,
    hex: '15030100020246',
  });
});

test('a server that goes on with the handshake is told from one that refuses', async (t) => {
  const address = await serverThat(t, (socket) => socket.write(Uint8Array.of(22, 3, 1, 0, 4)));
  assert.deepEqual(await offerLegacyHello(address), { kind: 'record', type: 22 });
});

test('a server that closes or stays silent is no refusal by alert', async (t) => {
  const closing = await serverThat(t, (socket) => socket.end());
  assert.equal((await offerLegacyHello(closing)).kind, 'closed');
  const silent = await serverThat(t, () => undefined);
  assert.equal((await offerLegacyHello(silent, 50)).kind, 'closed');
});
