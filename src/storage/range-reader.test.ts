import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { before, describe, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import tls from 'node:tls';
import {
  makeAuthority,
  type TestAuthority,
  type TestIdentity,
} from '../../test/support/certificate.ts';
import { type HttpClient, type HttpClientOptions, httpClient } from './http-client.ts';

let authority: TestAuthority;
let identity: TestIdentity;

before(async () => {
  authority = await makeAuthority();
  identity = await authority.issue({ commonName: 'localhost', use: 'server' });
});

interface Place {
  readonly client: HttpClient;
  /** Heads of the requests that came, in order. */
  readonly heads: string[];
  /** Sockets of the connections that were made, in order. */
  readonly sockets: tls.TLSSocket[];
}

/** A server that says what a test wants, byte by byte, and a client of it. */
async function setUp(
  t: TestContext,
  onRequest: (socket: tls.TLSSocket, head: string) => void,
  options: Partial<HttpClientOptions> = {},
): Promise<Place> {
  const heads: string[] = [];
  const sockets: tls.TLSSocket[] = [];
  const server = tls.createServer({ cert: identity.cert, key: identity.key }, (socket) => {
    sockets.push(socket);
    socket.setNoDelay();
    let came = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      came += text;
      for (let end = came.indexOf('\r\n\r\n'); end >= 0; end = came.indexOf('\r\n\r\n')) {
        const head = came.slice(0, end);
        came = came.slice(end + 4);
        heads.push(head);
        onRequest(socket, head);
      }
    });
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const client = httpClient(url, { connections: 1, ca: authority.cert, ...options });
  t.after(() => {
    client.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { client, heads, sockets };
}

const content = randomBytes(100_000);
const plain = (length = content.length, more = ''): string =>
  `HTTP/1.1 206 Partial Content\r\nContent-Length: ${length}\r\n${more}\r\n`;
const answer = (socket: tls.TLSSocket): unknown =>
  socket.write(Buffer.concat([Buffer.from(plain()), content]));

/** Reads into new memory; undefined when the client is told to ask in another way. */
async function read(client: HttpClient, signal?: AbortSignal): Promise<Uint8Array | undefined> {
  const memory = new Uint8Array(content.length);
  const isRead = await client.readRange({
    path: '/data/1?a=b',
    headers: { Accept: 'x/y', Range: 'bytes=7-100006' },
    memory,
    signal,
  });
  return isRead ? memory : undefined;
}

const expected = new Uint8Array(content);

describe('ranges read past the HTTP client', () => {
  test('are asked for as HTTP wants it, one after the other on one connection', async (t) => {
    const { client, heads, sockets } = await setUp(t, answer);
    for (let count = 0; count < 4; count += 1) assert.deepEqual(await read(client), expected);
    assert.equal(sockets.length, 1);
    assert.equal(heads.length, 4);
    const [first = '', ...lines] = heads[0]?.split('\r\n') ?? [];
    assert.equal(first, 'GET /data/1?a=b HTTP/1.1');
    assert.deepEqual(lines, [`Host: ${client.authority}`, 'Accept: x/y', 'Range: bytes=7-100006']);
  });

  test('may come in any pieces', async (t) => {
    const whole = Buffer.concat([Buffer.from(plain()), content]);
    const { client } = await setUp(t, async (socket) => {
      for (let start = 0; start < whole.length; ) {
        const size = Math.random() < 0.5 ? 1 : 1 + Math.floor(Math.random() * 40_000);
        socket.write(whole.subarray(start, start + size));
        start += size;
        if (Math.random() < 0.7) await setImmediate();
      }
    });
    for (let count = 0; count < 20; count += 1) assert.deepEqual(await read(client), expected);
  });

  test('use no more connections than allowed, and each as soon as it is free', async (t) => {
    const { client, heads, sockets } = await setUp(t, answer, { connections: 3 });
    const results = await Promise.all(Array.from({ length: 12 }, () => read(client)));
    for (const result of results) assert.deepEqual(result, expected);
    assert.equal(sockets.length, 3);
    assert.equal(heads.length, 12);
  });

  test('tell of each reply, with headers that came twice', async (t) => {
    const replies: unknown[] = [];
    const notices = 'Sealift-Notice: one\r\nsealift-notice:two \r\n';
    const { client } = await setUp(
      t,
      (socket) =>
        socket.write(Buffer.concat([Buffer.from(plain(content.length, notices)), content])),
      { onReply: (reply) => replies.push({ ...reply, headers: { ...reply.headers } }) },
    );
    await read(client);
    const headers = { 'content-length': '100000', 'sealift-notice': 'one, two' };
    assert.deepEqual(replies, [{ status: 206, headers }]);
  });

  test('end a connection that the server does not keep', async (t) => {
    const { client, sockets } = await setUp(t, (socket) => {
      const head = plain(content.length, 'Connection: close\r\n');
      socket.end(Buffer.concat([Buffer.from(head), content]));
    });
    for (let count = 0; count < 3; count += 1) assert.deepEqual(await read(client), expected);
    assert.equal(sockets.length, 3);
  });
});

describe('what is not known is left to the HTTP client', () => {
  const strange = {
    'the whole file': `HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\n\r\n`,
    'another length': plain(content.length - 1),
    'two lengths': plain(content.length, `Content-Length: ${content.length}\r\n`),
    'no length': 'HTTP/1.1 206 Partial Content\r\n\r\n',
    'a chunked body': plain(content.length, 'Transfer-Encoding: chunked\r\n'),
    'a compressed body': plain(content.length, 'Content-Encoding: gzip\r\n'),
    'an older version': plain().replace('1.1', '1.0'),
    'a header over two lines': plain(content.length, 'X: 1\r\n 2\r\n'),
    'a head without end': `HTTP/1.1 206 Partial Content\r\nX: ${'x'.repeat(20_000)}`,
    'no HTTP at all': '\r\n\r\n',
    'early hints': 'HTTP/1.1 103 Early Hints\r\n\r\n',
  };
  for (const [name, head] of Object.entries(strange)) {
    test(`${name}, once and for all`, async (t) => {
      const { client, heads } = await setUp(t, (socket) =>
        socket.write(Buffer.concat([Buffer.from(head), content])),
      );
      assert.equal(await read(client), undefined);
      assert.equal(await read(client), undefined);
      assert.equal(heads.length, 1);
    });
  }

  test('more bytes than were announced, which could be taken for the next reply', async (t) => {
    const { client, sockets } = await setUp(t, (socket) => {
      socket.write(Buffer.concat([Buffer.from(plain()), content]));
      socket.write('more');
    });
    assert.deepEqual(await read(client), expected);
    if (sockets[0]?.closed !== true) await once(sockets[0] ?? assert.fail(), 'close');
    assert.deepEqual(await read(client), expected);
    assert.equal(sockets.length, 2);
  });

  test('more bytes than were announced, right after the head', async (t) => {
    const { client } = await setUp(t, (socket) => socket.write(`${plain(10)}${'x'.repeat(11)}`));
    const memory = new Uint8Array(10);
    assert.equal(await client.readRange({ path: '/', headers: {}, memory }), false);
  });

  for (const status of [403, 404, 429, 503]) {
    test(`a refusal with ${status}, this time`, async (t) => {
      let isFirst = true;
      const { client, sockets } = await setUp(t, (socket) => {
        if (isFirst) socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 2\r\n\r\nno`);
        else answer(socket);
        isFirst = false;
      });
      assert.equal(await read(client), undefined);
      assert.deepEqual(await read(client), expected);
      assert.equal(sockets.length, 2);
    });
  }

  test('a connection that is lost in the middle, this time', async (t) => {
    let left = 3;
    const { client } = await setUp(t, (socket) => {
      left -= 1;
      if (left < 0) answer(socket);
      else
        socket.write(Buffer.concat([Buffer.from(plain()), content.subarray(1)]), () =>
          socket.destroy(),
        );
    });
    for (let count = 0; count < 3; count += 1) assert.equal(await read(client), undefined);
    assert.deepEqual(await read(client), expected);
  });

  test('a server that is not trusted, which hears nothing', async (t) => {
    const other = await makeAuthority('another');
    const { client, heads } = await setUp(t, answer, { ca: other.cert });
    assert.equal(await read(client), undefined);
    assert.deepEqual(heads, []);
  });

  test('a server that is not there', async (t) => {
    const { client, sockets } = await setUp(t, answer);
    assert.deepEqual(await read(client), expected);
    const gone = httpClient(new URL('https://127.0.0.1:1/'), {
      connections: 1,
      ca: authority.cert,
    });
    t.after(() => gone.close());
    assert.equal(await read(gone), undefined);
    assert.equal(sockets.length, 1);
  });

  test('everything, where a proxy is in the way', async (t) => {
    const { client, heads } = await setUp(t, answer, { proxyEnv: {} });
    assert.equal(await read(client), undefined);
    assert.deepEqual(heads, []);
  });
});

describe('a range that is waited for', () => {
  test('is given up with the reason of the signal, and its memory left alone', async (t) => {
    const begun = Promise.withResolvers<tls.TLSSocket>();
    const { client, sockets } = await setUp(t, (socket) => {
      if (sockets.length > 1) answer(socket);
      else
        socket.write(Buffer.concat([Buffer.from(plain()), content.subarray(50_000)]), () =>
          begun.resolve(socket),
        );
    });
    const controller = new AbortController();
    const memory = new Uint8Array(content.length);
    const reading = client.readRange({ path: '/', headers: {}, memory, signal: controller.signal });
    const waiting = read(client);
    const rejected = assert.rejects(reading, /enough/);
    const socket = await begun.promise;
    controller.abort(new Error('enough'));
    await rejected;
    memory.fill(0);
    socket.write(content);
    assert.deepEqual(await waiting, expected, 'another gets the place');
    assert.ok(memory.every((byte) => byte === 0));
    await assert.rejects(read(client, controller.signal), /enough/);
  });

  test('is told when nothing comes for too long', async (t) => {
    const { client } = await setUp(
      t,
      (socket) => socket.write(Buffer.concat([Buffer.from(plain()), content.subarray(1)])),
      { stuckTimeoutMs: 50 },
    );
    await assert.rejects(read(client), {
      code: 'backend/unreachable',
      message: /made no progress with a request for 0.05 s/,
    });
  });

  test('ends when the client is closed, and those that wait for a connection with it', async (t) => {
    const asked = Promise.withResolvers<void>();
    const { client, heads } = await setUp(t, () => asked.resolve());
    const readings = Array.from({ length: 5 }, () => read(client));
    await asked.promise;
    client.close();
    assert.deepEqual(await Promise.all(readings), Array(5).fill(undefined));
    assert.equal(heads.length, 1);
  });
});
