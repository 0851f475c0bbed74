import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import tls from 'node:tls';
import { rawClient, startDoor } from '../../test/support/door.ts';
import hellos from '../../test/vectors/client-hellos.json' with { type: 'json' };
import { concatBytes, decodeHex } from '../base/bytes.ts';
import { getBaseline } from '../tls/baselines.ts';
import { contentType, encodeRecords, readRecordHeader, recordHeaderSize } from '../tls/records.ts';

const policy = getBaseline('intermediate');

function helloOf(name: string): Uint8Array {
  const hello = hellos.find((candidate) => candidate.name === name);
  assert.ok(hello, name);
  return decodeHex(hello.hex);
}

/**
 * A client on a line that does something to its first record: the rest goes through as it is.
 * @param change how the bytes of the first record arrive, piece by piece
 */
async function talkThrough(
  port: number,
  change: (record: Buffer) => Uint8Array[],
): Promise<string> {
  const line = net.createServer((client) => {
    const server = net.connect({ port, host: '127.0.0.1', noDelay: true });
    for (const socket of [client, server]) socket.on('error', () => {});
    client.once('data', async (first: Buffer) => {
      client.pause();
      for (const piece of change(first)) {
        server.write(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
      client.pipe(server);
    });
    server.pipe(client);
  });
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  // A server that listens on a host and port has an AddressInfo.
  const { port: linePort } = line.address() as AddressInfo;
  const socket = tls.connect({ port: linePort, host: '127.0.0.1', rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    socket.write('hello');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString();
  } finally {
    socket.destroy();
    line.close();
  }
}

test('a hello that drips in byte by byte is served', async (t) => {
  const { port, ended } = await startDoor(t, { policy });
  const answer = await talkThrough(port, (record) => Array.from(record, (byte) => Buffer.of(byte)));
  assert.equal(answer, 'hello');
  assert.equal((await ended(0)).outcome, 'accepted');
});

test('a hello that is split over records of one byte and more is served', async (t) => {
  const { port, ended } = await startDoor(t, { policy });
  const answer = await talkThrough(port, (record) => {
    const message = record.subarray(recordHeaderSize);
    const version = readRecordHeader(record)?.version ?? 0;
    return [
      encodeRecords(contentType.handshake, version, message.subarray(0, 1)),
      encodeRecords(contentType.handshake, version, message.subarray(1), { fragmentSize: 100 }),
    ];
  });
  assert.equal(answer, 'hello');
  assert.equal((await ended(0)).outcome, 'accepted');
});

test('a compatibility ChangeCipherSpec right behind the hello survives', async (t) => {
  const { port, ended } = await startDoor(t, { policy });
  const changeCipherSpec = decodeHex('140303000101');
  const answer = await talkThrough(port, (record) => [concatBytes(record, changeCipherSpec)]);
  assert.equal(answer, 'hello');
  assert.equal((await ended(0)).negotiated?.version, 0x0304);
});

test('a hello that never ends is cut at the deadline, however it drips', async (t) => {
  const { port, ended } = await startDoor(t, { policy, limits: { helloMs: 60, drainMs: 50 } });
  const client = await rawClient(port);
  const drip = setInterval(() => client.socket.write(Buffer.of(0)), 10);
  client.socket.write(helloOf('node').subarray(0, 20));
  const { received } = await client.end();
  clearInterval(drip);
  assert.equal(received.byteLength, 0);
  const record = await ended(0);
  assert.equal(record.outcome, 'failed');
  assert.equal(record.reason, 'half-open/timeout');
});

test('who connects and says nothing is cut too, and counted as empty', async (t) => {
  const { port, ended, door } = await startDoor(t, { policy, limits: { helloMs: 30 } });
  const client = await rawClient(port);
  await client.end();
  const record = await ended(0);
  assert.equal(record.outcome, 'empty');
  assert.equal(record.reason, 'half-open/timeout');
  assert.equal(door.halfOpenCount, 0);
});

test('an address has a limit of half-open connections, and gets room again when they end', async (t) => {
  const { port, ended, door } = await startDoor(t, {
    policy,
    limits: { maxHalfOpenPerAddress: 3 },
  });
  const clients = await Promise.all([1, 2, 3].map(() => rawClient(port)));
  while (door.halfOpenCount < 3) await new Promise((resolve) => setImmediate(resolve));
  const fourth = await rawClient(port);
  await fourth.end();
  assert.equal((await ended(0)).reason, 'half-open/address');
  for (const client of clients) client.socket.destroy();
  await ended(3);
  assert.equal(await talkThrough(port, (record) => [record]), 'hello');
});

test('when there is no room, the oldest half-open connection makes some and the door goes on', async (t) => {
  const { port, ended, door } = await startDoor(t, { policy, limits: { maxHalfOpen: 50 } });
  const clients = await Promise.all(Array.from({ length: 200 }, () => rawClient(port)));
  const record = await ended(0);
  assert.equal(record.reason, 'half-open/crowded');
  assert.equal(await talkThrough(port, (first) => [first]), 'hello');
  assert.ok(door.halfOpenCount <= 50);
  for (const { socket } of clients) socket.destroy();
});

test('a hello longer than the limit is refused before it is complete', async (t) => {
  const { port, ended } = await startDoor(t, { policy, limits: { helloBytes: 500 } });
  const client = await rawClient(port);
  client.socket.write(helloOf('node').subarray(0, 9));
  const { received } = await client.end();
  assert.equal(received.toString('hex'), '1503010002022f');
  const record = await ended(0);
  assert.equal(record.outcome, 'not-tls');
  assert.equal(record.reason, 'too-long');
});

test('closing the door ends half-open connections at once and served ones after the grace', async (t) => {
  const { port, door, ended } = await startDoor(t, { policy });
  const served = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(served, 'secureConnect');
  const half = await rawClient(port);
  while (door.halfOpenCount === 0) await new Promise((resolve) => setImmediate(resolve));
  const closing = door.close(50);
  assert.equal((await ended(0)).outcome, 'empty');
  await half.end();
  served.write('x');
  assert.equal(String(await once(served, 'data')), 'x');
  await closing;
  assert.equal(door.openCount, 0);
  served.destroy();
});

test('a whole hello is left to TLS unread, and put back where the door has to read it', {
  skip: process.platform === 'linux' ? false : 'only Linux lets us look',
}, async (t) => {
  const unshift = t.mock.method(net.Socket.prototype, 'unshift');
  const counts: number[] = [];
  for (const helloReading of ['look', 'script'] as const) {
    const { port } = await startDoor(t, { policy, helloReading });
    unshift.mock.resetCalls();
    assert.equal(await talkThrough(port, (record) => [record]), 'hello');
    counts.push(unshift.mock.callCount());
  }
  assert.deepEqual(counts, [0, 1]);
});
