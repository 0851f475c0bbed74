import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { test } from 'node:test';
import tls from 'node:tls';
import { judgeOf, planOf, startDoor } from '../../test/support/door.ts';
import { getBaseline } from '../tls/baselines.ts';
import type { Notice } from '../tls/retirement/verdict.ts';
import type { Judge } from './door.ts';
import { httpProxy } from './proxy-http.ts';
import { readProxyHeader } from './proxy-protocol.ts';
import { streamProxy } from './proxy-stream.ts';

type Context = { after(cleanUp: () => Promise<void>): void };

const policy = getBaseline('intermediate');
const certificatePolicy = { ...policy, certificates: ['ecdsa-p256'] as const };
const connectMs = 5000;

const notice: Notice = {
  ...{ capability: 'tls1.2', phase: 'warn', link: 'https://example.org/tls' },
  ...{ warnMs: Date.UTC(2026, 0, 1), enforceMs: Date.UTC(2027, 0, 1) },
  ...{ brownout: undefined, exemptUntilMs: undefined },
};

function judgeWith(kind: 'warn' | 'soft-refuse'): Judge {
  const usual = judgeOf(planOf(certificatePolicy));
  return (offer, caller) => {
    const verdict = usual(offer, caller);
    const brownout = kind === 'warn' ? undefined : 'http';
    return verdict.kind === 'refuse'
      ? verdict
      : { ...verdict, kind, notices: [{ ...notice, brownout }] };
  };
}

async function listen(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a host and port has an AddressInfo.
  return (server.address() as AddressInfo).port;
}

async function startProxy(t: Context, handler: http.RequestListener, judge?: Judge) {
  const server = http.createServer(handler);
  const port = await listen(server);
  const proxy = httpProxy({ upstream: { host: '127.0.0.1', port }, connectMs });
  t.after(async () => {
    proxy.close();
    server.closeAllConnections();
    server.close();
  });
  const door = await startDoor(t, {
    ...{ policy, serve: { onSecure: proxy.onSecure } },
    ...(judge && { judge }),
  });
  return { ...door, server };
}

async function ask(
  port: number,
  options: https.RequestOptions = {},
  body?: Uint8Array,
): Promise<IncomingMessage> {
  const request = https.request({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    agent: false,
    ...options,
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

test('the upstream learns who asks, and not what the client says of itself', async (t) => {
  const { port } = await startProxy(t, (request, response) => {
    response.end(JSON.stringify(request.headers));
  });
  const headers = {
    host: 'a.example',
    forwarded: 'for=6.6.6.6',
    'x-forwarded-for': '6.6.6.6',
    'x-forwarded-host': 'evil',
    connection: 'close, x-hop',
    'x-hop': '1',
    'x-kept': ['1', '2'],
  };
  const seen = JSON.parse(await text(await ask(port, { headers })));
  assert.equal(seen['x-forwarded-for'], '127.0.0.1');
  assert.equal(seen['x-forwarded-proto'], 'https');
  assert.equal(seen.forwarded, 'for=127.0.0.1;proto=https;host="a.example"');
  assert.equal(seen.host, 'a.example');
  assert.equal(seen['x-forwarded-host'], undefined);
  assert.equal(seen['x-hop'], undefined);
  assert.equal(seen['x-kept'], '1, 2');
});

test('bodies stream both ways, by length and in chunks, and the status and headers come back', async (t) => {
  const { port } = await startProxy(t, (request, response) => {
    response.writeHead(207, 'Multi', {
      'x-a': ['1', '2'],
      'x-length': request.headers['content-length'] ?? 'none',
    });
    request.pipe(response);
  });
  const body = Buffer.alloc(2_000_000, 'b');
  for (const [headers, length] of [
    [{ 'content-length': body.byteLength }, String(body.byteLength)],
    [{ 'transfer-encoding': 'chunked' }, 'none'],
  ] as const) {
    const response = await ask(port, { method: 'POST', headers }, body);
    assert.equal(response.statusCode, 207);
    assert.equal(response.statusMessage, 'Multi');
    assert.equal(response.headers['x-a'], '1, 2');
    assert.equal(response.headers['x-length'], length);
    assert.deepEqual(await buffer(response), body);
  }
});

test('in warn the answers carry the dates and the link', async (t) => {
  const { port, ended } = await startProxy(
    t,
    (_, response) => response.end('ok'),
    judgeWith('warn'),
  );
  const response = await ask(port);
  assert.equal(await text(response), 'ok');
  assert.equal(response.headers['deprecation'], `@${Date.UTC(2026, 0, 1) / 1000}`);
  assert.equal(response.headers['sunset'], 'Fri, 01 Jan 2027 00:00:00 GMT');
  assert.match(String(response.headers['link']), /example\.org\/tls/);
  assert.equal((await ended(0)).outcome, 'warned');
});

test('a brownout inside TLS answers 403 with the reason, and the upstream hears nothing', async (t) => {
  let asked = 0;
  const handler = (_: unknown, response: http.ServerResponse): void => {
    asked += 1;
    response.end();
  };
  const { port, ended } = await startProxy(t, handler, judgeWith('soft-refuse'));
  const response = await ask(port);
  assert.equal(response.statusCode, 403);
  assert.match(await text(response), /TLS 1\.2.*2027-01-01/s);
  assert.equal(asked, 0);
  const record = await ended(0);
  assert.equal(record.outcome, 'brownout');
  assert.equal(record.reason, 'brownout/tls1.2');
});

test('an upstream that is away is a 502', async (t) => {
  const { port, server } = await startProxy(t, () => {});
  server.close();
  assert.equal((await ask(port)).statusCode, 502);
});

test('an upgrade is passed through with its first bytes', async (t) => {
  const { port, server } = await startProxy(t, () => {});
  server.on('upgrade', (request: IncomingMessage, socket: net.Socket) => {
    assert.equal(request.headers['x-forwarded-for'], '127.0.0.1');
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nfirst',
    );
    socket.pipe(socket);
  });
  const request = https.request({
    ...{ host: '127.0.0.1', port, rejectUnauthorized: false },
    headers: { connection: 'Upgrade', upgrade: 'echo' },
  });
  request.end();
  const [response, socket, head] = (await once(request, 'upgrade')) as [
    IncomingMessage,
    net.Socket,
    Buffer,
  ];
  assert.equal(response.statusCode, 101);
  let seen = head.toString();
  socket.write('second');
  while (!seen.includes('second')) seen += String((await once(socket, 'data'))[0]);
  assert.equal(seen, 'firstsecond');
  socket.destroy();
});

test('a raw upstream gets a PROXY header with TLS, then the plain bytes, and halves close one by one', async (t) => {
  const received: Buffer[] = [];
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('end', () => socket.end('after your end'));
  });
  const upstream = { host: '127.0.0.1', port: await listen(server) };
  t.after(async () => void server.close());
  const { port } = await startDoor(t, {
    policy,
    serve: {
      allowHalfOpen: true,
      onSecure: streamProxy({ upstream, proxyProtocol: true, connectMs }),
    },
  });
  const socket = tls.connect({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    servername: 'a.example',
  });
  socket.end('before');
  assert.equal(await text(socket), 'after your end');
  const bytes = new Uint8Array(Buffer.concat(received));
  const header = readProxyHeader(bytes);
  assert.ok(header.kind === 'header');
  assert.equal(header.source?.address, '127.0.0.1');
  const tlvs = Buffer.from(bytes.subarray(0, header.size)).toString('latin1');
  assert.ok(
    tlvs.includes('TLSv1.3') && tlvs.includes('a.example') && tlvs.includes('TLS_AES_256_GCM'),
  );
  assert.equal(Buffer.from(bytes.subarray(header.size)).toString(), 'before');
});
