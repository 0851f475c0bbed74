import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { descriptorOf, SocketWatch } from './socket-watch.ts';

const skip = process.platform === 'linux' ? false : 'only Linux lets us look';

interface Told {
  readonly item: string;
  readonly isBroken: boolean;
}

test('a socket is told of once, however long it stays unread, and nothing is taken', {
  skip,
}, async (t) => {
  const server = net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const told: Told[] = [];
  let wake: () => void = () => {};
  const firstTold = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const watch = await SocketWatch.open<string>(server, {
    onReady: (item, isBroken) => {
      told.push({ item, isBroken });
      wake();
    },
    peekBytes: 8,
  });
  assert.ok(watch, 'koffi is installed, and Node has the handle that is needed');
  // A server that listens on a host and port has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const client = net.connect(port, '127.0.0.1');
  t.after(() => {
    client.destroy();
    watch.close();
    server.close();
  });
  const [socket] = (await once(server, 'connection')) as [Socket];
  const fd = descriptorOf(socket) ?? -1;
  assert.ok(watch.add(fd, 'client'));
  await delay(20);
  assert.deepEqual(told, []);
  client.write('abc');
  await firstTold;
  await delay(20);
  assert.deepEqual(told, [{ item: 'client', isBroken: false }]);
  const look = (): string => Buffer.from(watch.peek(fd)).toString();
  assert.deepEqual([look(), look()], ['abc', 'abc']);
  assert.ok(watch.skip(fd, 1));
  const [rest] = (await once(socket.resume(), 'data')) as [Buffer];
  assert.equal(rest.toString(), 'bc');
});

test('a socket that was taken out is not told of', { skip }, async (t) => {
  const server = net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const told: string[] = [];
  const watch = await SocketWatch.open<string>(server, {
    onReady: (item) => told.push(item),
    peekBytes: 8,
  });
  assert.ok(watch);
  // As above.
  const { port } = server.address() as AddressInfo;
  const clients = [net.connect(port, '127.0.0.1'), net.connect(port, '127.0.0.1')];
  t.after(() => {
    for (const client of clients) client.destroy();
    watch.close();
    server.close();
  });
  for (const name of ['first', 'second']) {
    const [socket] = (await once(server, 'connection')) as [Socket];
    const fd = descriptorOf(socket) ?? -1;
    watch.add(fd, name);
    if (name === 'first') watch.remove(fd, name);
  }
  for (const client of clients) client.write('x');
  while (told.length === 0) await delay(5);
  await delay(20);
  assert.deepEqual(told, ['second']);
});
