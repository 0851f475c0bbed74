/** A flood of connections that never finish their hello costs little, and the door goes on serving. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import tls from 'node:tls';
import { decodeHex } from '../../src/base/bytes.ts';
import { measuredHellos } from '../../src/tls/measured-hellos.ts';
import { type DoorProcess, type DoorState, forkDoor } from '../support/door-process.ts';

const wanted = 10_000;
const maxRssBytes = 300 * 1024 * 1024;
const longest = measuredHellos.map(({ hex }) => decodeHex(hex)).sort((a, b) => b.length - a.length);
const hello = longest[0] ?? new Uint8Array(0);

/** As many connections as this process and the door's may have open, with some files to spare. */
function affordable(): number {
  const text = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  return text === 'unlimited' ? wanted : Math.min(wanted, Number(text) - 500);
}

/** Opens connections that have each sent so much of a hello; from several addresses, as a flood is. */
async function openHalf(
  t: TestContext,
  port: number,
  count: number,
  sizeOf: (index: number) => number,
) {
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  const addresses = 20;
  const atOnce = 200;
  for (let done = 0; done < count; done += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, count - done) }, async (_, index) => {
      const socket = net.connect({
        ...{ host: '127.0.0.1', port },
        localAddress: `127.0.0.${2 + ((done + index) % addresses)}`,
      });
      sockets.push(socket);
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.write(hello.subarray(0, sizeOf(done + index)));
    });
    await Promise.all(batch);
  }
  return sockets;
}

async function until(
  door: DoorProcess,
  isThere: (state: DoorState) => boolean,
): Promise<DoorState> {
  for (;;) {
    const state = await door.state();
    if (isThere(state)) return state;
    await delay(20);
  }
}

async function echoOf(port: number): Promise<string> {
  const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  socket.on('secureConnect', () => socket.end('still here'));
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

test('10,000 half-open connections are held within 300 MiB while a client is served', {
  timeout: 120_000,
}, async (t) => {
  const count = affordable();
  if (count < wanted) t.diagnostic(`only ${count}: the limit of open files allows no more`);
  const door = await forkDoor(t, { helloMs: 120_000 });
  const before = await door.state();
  // Nothing, a record header, all but the last byte.
  const sizes = [0, 5, 200, hello.byteLength - 1];
  await openHalf(t, door.port, count, (index) => sizes[index % sizes.length] ?? 0);
  const held = await until(door, ({ halfOpen }) => halfOpen === count);
  assert.equal(await echoOf(door.port), 'still here');
  assert.deepEqual(Object.keys(held.ended), []);
  const perConnection = (held.rss - before.rss) / count / 1024;
  const rss = (held.rss / 1024 / 1024).toFixed(0);
  t.diagnostic(`${count} connections: ${rss} MiB, ${perConnection.toFixed(1)} KiB each`);
  assert.ok(held.rss <= maxRssBytes, `${rss} MiB`);
});

test('hellos that drip in byte by byte are cut when their time is over, not kept alive by each byte', {
  timeout: 60_000,
}, async (t) => {
  const count = 50;
  const door = await forkDoor(t, { helloMs: 300 });
  const sockets = await openHalf(t, door.port, count, () => 5);
  const ends = sockets.map((socket) => once(socket.resume(), 'end'));
  let sent = 5;
  const drip = setInterval(() => {
    sent += 1;
    for (const socket of sockets) if (socket.writable) socket.write(hello.subarray(sent - 1, sent));
  }, 20);
  t.after(() => clearInterval(drip));
  await Promise.all(ends);
  assert.ok(sent < hello.byteLength, 'the hellos came to their end');
  clearInterval(drip);
  const { ended, halfOpen } = await until(door, ({ open }) => open === 0);
  assert.equal(halfOpen, 0);
  assert.deepEqual(ended, { 'half-open/timeout': count });
  assert.equal(await echoOf(door.port), 'still here');
});

test('the oldest half-open connections make room when there are too many, of one address none more', {
  timeout: 60_000,
}, async (t) => {
  const door = await forkDoor(t, { helloMs: 120_000, maxHalfOpen: 100, maxHalfOpenPerAddress: 40 });
  await openHalf(t, door.port, 300, () => 5);
  await until(door, ({ ended }) => (ended['half-open/crowded'] ?? 0) === 200);
  assert.equal(await echoOf(door.port), 'still here');
  const flood = Array.from({ length: 100 }, () =>
    net.connect({ host: '127.0.0.1', port: door.port }),
  );
  t.after(() => {
    for (const socket of flood) socket.destroy();
  });
  for (const socket of flood) socket.on('error', () => {}).resume();
  const { halfOpen } = await until(door, ({ ended }) => (ended['half-open/address'] ?? 0) === 60);
  assert.ok(halfOpen <= 100);
});
