import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import { before, describe, type TestContext, test } from 'node:test';
import tls from 'node:tls';
import { backendConformance, collect, makeFile } from '../../test/support/backend-conformance.ts';
import {
  makeAuthority,
  type TestAuthority,
  type TestIdentity,
} from '../../test/support/certificate.ts';
import {
  type RestServer,
  type RestServerOptions,
  readBody,
  startRestServer,
} from '../../test/support/rest-server.ts';
import { tempFolder } from '../../test/support/temp-folder.ts';
import { type ErrorCode, isSealiftError, type SealiftError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import type { Backend } from './backend.ts';
import { limitBackend } from './limit.ts';
import { type RestOptions, restBackend } from './rest.ts';
import { retryBackend } from './retry.ts';

let authority: TestAuthority;
let server: TestIdentity;

before(async () => {
  authority = await makeAuthority();
  server = await authority.issue({ commonName: 'localhost', use: 'server' });
});

interface Setup {
  readonly remote: RestServer;
  readonly backend: Backend;
}

/** A server over TLS and a backend that trusts it. */
async function setUp(
  t: TestContext,
  serverOptions: RestServerOptions = {},
  options: RestOptions = {},
): Promise<Setup> {
  const remote = await startRestServer(t, {
    tls: { cert: server.cert, key: server.key },
    ...serverOptions,
  });
  const backend = restBackend(remote.url, { ca: authority.cert, ...options });
  t.after(() => backend.close());
  return { remote, backend };
}

/** A server without TLS, for what has nothing to do with it. */
async function setUpPlain(
  t: TestContext,
  serverOptions: RestServerOptions = {},
  options: RestOptions = {},
): Promise<Setup> {
  const remote = await startRestServer(t, serverOptions);
  const backend = restBackend(remote.url, options);
  t.after(() => backend.close());
  return { remote, backend };
}

async function failure(call: () => Promise<unknown>, code: ErrorCode): Promise<SealiftError> {
  try {
    await call();
  } catch (error) {
    if (isSealiftError(error, code)) return error;
    throw error;
  }
  assert.fail(`no ${code} was thrown`);
}

backendConformance('rest over TLS', async (t) => (await setUp(t)).backend);
backendConformance('rest over plain HTTP', async (t) => (await setUpPlain(t)).backend);
backendConformance(
  'rest with lists of version 1',
  async (t) => (await setUpPlain(t, { version: 1 })).backend,
);

describe('requests', () => {
  test('carry the version and go to the paths of the protocol', async (t) => {
    const { remote, backend } = await setUpPlain(t);
    const { file, bytes } = makeFile('data');
    await backend.create();
    await backend.save(file, [bytes]);
    await backend.load(file, { offset: 10, length: 20 });
    await collect(backend.list('data'));
    await backend.stat({ type: 'config', name: '' }).catch(() => {});
    assert.deepEqual(remote.requests, [
      'POST /repo/?create=true',
      `POST /repo/data/${file.name}`,
      `GET /repo/data/${file.name}`,
      'GET /repo/data/',
      'HEAD /repo/config',
    ]);
    for (const headers of remote.headers) {
      assert.equal(headers.accept, 'application/vnd.x.restic.rest.v2');
    }
    assert.equal(remote.headers[1]?.['content-length'], '1000');
    assert.equal(remote.headers[1]?.['content-type'], 'application/octet-stream');
    assert.equal(remote.headers[2]?.range, 'bytes=10-29');
  });

  test('put a range into the memory that is given for it, tried again too', async (t) => {
    const { remote, backend } = await setUp(t);
    const { file, bytes } = makeFile('data', 100_000);
    await backend.create();
    await backend.save(file, [bytes]);
    const memory = new Uint8Array(60_000).fill(1);
    let isFirst = true;
    remote.setIntercept((request, response) => {
      if (!isFirst || request.method !== 'GET') return false;
      isFirst = false;
      response.writeHead(206, { 'content-length': 60_000 });
      response.write(Buffer.alloc(30_000, 2), () => response.destroy());
      return true;
    });
    const limited = limitBackend(backend, { downloadBytesPerSecond: 1e9 });
    const patient = retryBackend(limited, { sleep: async () => {} });
    const range = { offset: 500, length: 60_000 };
    const loaded = await patient.load(file, range, undefined, memory);
    assert.equal(isFirst, false);
    assert.equal(loaded.buffer, memory.buffer);
    assert.ok(Buffer.from(memory).equals(bytes.subarray(500, 60_500)));
    const other = await backend.load(file, { offset: 0, length: 10 }, undefined, memory);
    assert.notEqual(other.buffer, memory.buffer, 'it is not of this length');
    assert.ok(Buffer.from(other).equals(bytes.subarray(0, 10)));
  });

  test('for a range with memory go past the HTTP client over TLS, unless they are paced', async (t) => {
    const { remote, backend } = await setUp(t);
    const { file, bytes } = makeFile('data', 100_000);
    await backend.save(file, [bytes]);
    const memory = new Uint8Array(60_000);
    const range = { offset: 500, length: 60_000 };
    await backend.load(file, range, undefined, memory);
    assert.ok(Buffer.from(memory).equals(bytes.subarray(500, 60_500)));
    const paced = limitBackend(backend, { downloadBytesPerSecond: 1e9 });
    await paced.load(file, range, undefined, memory.fill(0));
    assert.ok(Buffer.from(memory).equals(bytes.subarray(500, 60_500)));
    const connections = remote.headers.map((headers) => headers.connection);
    // Node's client says so with each request.
    assert.deepEqual(connections, ['keep-alive', undefined, 'keep-alive']);
  });

  test('believe of listings what the server says when it stores a lock, until the next', async (t) => {
    const { remote, backend } = await setUpPlain(t);
    await backend.create();
    const answers = [{ 'sealift-listing': 'current' }, {}, { 'sealift-listing': 'current' }, {}];
    remote.setIntercept((_request, response) => {
      response.writeHead(200, answers.shift()).end();
      return true;
    });
    const found: (boolean | undefined)[] = [await backend.listsAllSaved?.()];
    for (const type of ['locks', 'locks', 'locks', 'data'] as const) {
      const { file, bytes } = makeFile(type);
      await backend.save(file, [bytes]);
      found.push(await backend.listsAllSaved?.());
    }
    assert.deepEqual(found, [false, true, false, true, true]);
    remote.setIntercept((_request, response) => {
      response.writeHead(500).end();
      return true;
    });
    const { file, bytes } = makeFile('locks');
    await assert.rejects(backend.save(file, [bytes]));
    assert.equal(await backend.listsAllSaved?.(), false);
  });

  test('share a kept connection', async (t) => {
    const { remote, backend } = await setUp(t);
    await backend.create();
    for (let count = 0; count < 5; count += 1) {
      const { file, bytes } = makeFile('index');
      await backend.save(file, [bytes]);
      await backend.load(file);
    }
    assert.equal(remote.connectionCount(), 1);
  });

  test('use no more connections than allowed', async (t) => {
    const { remote, backend } = await setUpPlain(t, {}, { connections: 2 });
    const files = Array.from({ length: 12 }, () => makeFile('data'));
    await Promise.all(files.map(({ file, bytes }) => backend.save(file, [bytes])));
    assert.equal(remote.connectionCount(), 2);
  });

  test('go on without a word when the server had closed the kept connection', async (t) => {
    const { remote, backend } = await setUpPlain(t, {}, { connections: 1 });
    let first = true;
    remote.setIntercept((request) => {
      // The second request on the first connection is cut, as by an idle timeout.
      if (first || request.method !== 'GET') {
        first = false;
        return false;
      }
      remote.setIntercept(undefined);
      request.socket.destroy();
      return true;
    });
    await backend.create();
    assert.deepEqual(await collect(backend.list('keys')), []);
    assert.equal(remote.connectionCount(), 2);
  });

  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const knowsProxies = major > 24 || (major === 24 && minor >= 5);

  test('go through the proxy of the environment', { skip: !knowsProxies }, async (t) => {
    const tunnels: string[] = [];
    const proxy = http.createServer().on('connect', (request, socket) => {
      tunnels.push(request.url ?? '');
      const onward = net.connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
      t.after(() => onward.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    t.after(() => proxy.close());
    const { port } = proxy.address() as net.AddressInfo;
    const { remote, backend } = await setUp(
      t,
      {},
      { proxyEnv: { HTTPS_PROXY: `http://127.0.0.1:${port}` } },
    );
    const { file, bytes } = makeFile('data');
    await backend.save(file, [bytes]);
    assert.ok(Buffer.from(await backend.load(file)).equals(bytes));
    assert.deepEqual(tunnels, [`127.0.0.1:${remote.port}`]);
    assert.equal(backend.tls()?.version, 'TLSv1.3');
  });

  test('reach a server on a Unix socket', { skip: process.platform === 'win32' }, async (t) => {
    const socketPath = join(tempFolder(t), 'rest.sock');
    const { backend } = await setUpPlain(t, { socketPath });
    assert.ok(existsSync(socketPath));
    const { file, bytes } = makeFile('data');
    await backend.save(file, [bytes]);
    assert.ok(Buffer.from(await backend.load(file)).equals(bytes));
  });
});

describe('login', () => {
  test('comes from the URL, decoded', async (t) => {
    const { remote } = await setUpPlain(t, { login: 'anna:p@ß/1' });
    const url = new URL(remote.url);
    url.username = 'anna';
    url.password = encodeURIComponent('p@ß/1');
    const backend = restBackend(url, { username: 'other', password: new Secret('wrong') });
    t.after(() => backend.close());
    await backend.create();
    assert.ok(!backend.location.includes(url.password));
    assert.match(backend.location, /^rest:http:\/\/anna@127\.0\.0\.1:\d+\/repo\/$/);
  });

  test('comes from the options if the URL has none', async (t) => {
    const { backend } = await setUpPlain(
      t,
      { login: 'anna:secret' },
      { username: 'anna', password: new Secret('secret') },
    );
    await backend.create();
  });

  test('that is wrong is unauthorized and not retried', async (t) => {
    const { backend } = await setUpPlain(t, { login: 'anna:secret' });
    const error = await failure(() => backend.create(), 'backend/unauthorized');
    assert.equal(error.retryable, false);
    assert.match(error.hint ?? '', /RESTIC_REST_PASSWORD/);
  });
});

describe('answers', () => {
  for (const [status, code, retryable] of [
    [400, 'backend/protocol', true],
    [401, 'backend/unauthorized', false],
    [404, 'backend/not-found', false],
    [405, 'backend/protocol', false],
    [429, 'backend/protocol', true],
    [500, 'backend/unreachable', true],
    [501, 'backend/protocol', false],
    [503, 'backend/unreachable', true],
    [507, 'backend/full', false],
  ] as const) {
    test(`HTTP ${status} to an upload is ${code}, ${retryable ? '' : 'not '}retryable`, async (t) => {
      const { remote, backend } = await setUpPlain(t);
      remote.setIntercept(async (request, response) => {
        await readBody(request);
        response.writeHead(status).end('because\nof this');
        return true;
      });
      const { file, bytes } = makeFile('data');
      const error = await failure(() => backend.save(file, [bytes]), code);
      assert.equal(error.retryable, retryable);
      if (status !== 404) assert.match(error.message, /because of this$/);
    });
  }

  test('an upload whose first answer was lost succeeds when it is sent again', async (t) => {
    const { remote, backend } = await setUpPlain(t, { appendOnly: true });
    const { file, bytes } = makeFile('data');
    remote.setIntercept(async (request, response) => {
      remote.setIntercept(undefined);
      remote.files.set(`data/${file.name}`, new Uint8Array(await readBody(request)));
      response.destroy();
      return true;
    });
    const lost = await failure(() => backend.save(file, [bytes]), 'backend/unreachable');
    assert.ok(lost.retryable);
    await backend.save(file, [bytes]);
  });

  test('an answer that comes before the upload was read counts', async (t) => {
    const { backend } = await setUpPlain(t, {
      intercept: (request, response) => {
        request.pause();
        response.writeHead(507).end('quota');
        return true;
      },
    });
    const { file, bytes } = makeFile('data', 16 * 1024 ** 2);
    const error = await failure(() => backend.save(file, [bytes]), 'backend/full');
    assert.equal(error.fields['reply'], 'quota');
  });

  test('an upload over a file of another size is refused as existing', async (t) => {
    const { remote, backend } = await setUpPlain(t);
    const { file, bytes } = makeFile('data');
    remote.files.set(`data/${file.name}`, bytes.slice(1));
    await failure(() => backend.save(file, [bytes]), 'backend/exists');
  });

  test('a refusal of everything is forbidden and quotes the server', async (t) => {
    const { remote, backend } = await setUpPlain(t);
    remote.setIntercept(async (request, response) => {
      await readBody(request);
      response.writeHead(403).end('TLS 1.0 ends here on 1 May');
      return true;
    });
    const { file, bytes } = makeFile('data');
    const error = await failure(() => backend.save(file, [bytes]), 'backend/forbidden');
    assert.equal(error.fields['reply'], 'TLS 1.0 ends here on 1 May');
  });

  test('an append-only server refuses to remove, but for locks', async (t) => {
    const { backend } = await setUpPlain(t, { appendOnly: true });
    await failure(() => backend.remove(makeFile('data').file), 'backend/forbidden');
    await backend.remove(makeFile('locks').file);
  });

  test('a redirect is not followed, and its target is named without a login', async (t) => {
    const { remote, backend } = await setUpPlain(t);
    remote.setIntercept((_request, response) => {
      response.writeHead(308, { Location: 'https://a:b@elsewhere.example/x?y' }).end();
      return true;
    });
    const error = await failure(
      () => backend.stat({ type: 'config', name: '' }),
      'backend/protocol',
    );
    assert.match(error.message, /points to https:\/\/elsewhere\.example\/x$/);
    assert.equal(remote.requests.length, 1);
  });

  test('a file that was cut on the way is a lost connection, never a short file', async (t) => {
    const { remote, backend } = await setUpPlain(t);
    remote.setIntercept((_request, response) => {
      response.writeHead(200, { 'Content-Length': 1000 });
      response.write(randomBytes(400), () => response.destroy());
      return true;
    });
    const error = await failure(() => backend.load(makeFile('data').file), 'backend/unreachable');
    assert.ok(error.retryable);
  });

  test('a part with another length than asked for is out of range', async (t) => {
    const { remote, backend } = await setUpPlain(t);
    remote.setIntercept((_request, response) => {
      response.writeHead(206, { 'Content-Length': 9 }).end('123456789');
      return true;
    });
    await failure(
      () => backend.load(makeFile('data').file, { offset: 0, length: 10 }),
      'backend/range',
    );
  });

  test('a file without a size, or of an absurd one, breaks the protocol', async (t) => {
    const { remote, backend } = await setUpPlain(t);
    remote.setIntercept((_request, response) => {
      response.writeHead(200).end('chunked');
      return true;
    });
    await failure(() => backend.load(makeFile('data').file), 'backend/protocol');
    remote.setIntercept((_request, response) => {
      response.writeHead(200, { 'Content-Length': 2 ** 40 }).flushHeaders();
      return true;
    });
    await failure(() => backend.load(makeFile('data').file), 'backend/protocol');
  });
});

describe('lists', () => {
  function listing(type: string, body: string) {
    return (t: TestContext) =>
      setUpPlain(t, {
        intercept: (_request, response) => {
          response.writeHead(200, { 'Content-Type': type }).end(body);
          return true;
        },
      });
  }
  const v2 = 'application/vnd.x.restic.rest.v2';

  test('leave out names that are not 64 hex digits', async (t) => {
    const name = 'a'.repeat(64);
    const items = [
      { name, size: 5 },
      { name: 'A'.repeat(64), size: 5 },
      { name: '../../etc/passwd', size: 5 },
      { name: `${name}-tmp`, size: 5 },
    ];
    const { backend } = await listing(v2, JSON.stringify(items))(t);
    assert.deepEqual(await collect(backend.list('data')), [{ name, size: 5 }]);
  });

  test('are empty where the server knows no such folder', async (t) => {
    const { remote, backend } = await setUpPlain(t);
    remote.setIntercept((_request, response) => {
      response.writeHead(404).end();
      return true;
    });
    assert.deepEqual(await collect(backend.list('data')), []);
  });

  for (const [what, type, body] of [
    ['no JSON', v2, 'hello'],
    ['no array', v2, '{}'],
    ['an entry without a size', v2, `[{"name":"${'a'.repeat(64)}"}]`],
    ['a negative size', v2, `[{"name":"${'a'.repeat(64)}","size":-1}]`],
    ['objects where names should be', 'application/json', '[{"name":"a","size":1}]'],
  ] as const) {
    test(`with ${what} break the protocol`, async (t) => {
      const { backend } = await listing(type, body)(t);
      await failure(() => collect(backend.list('data')), 'backend/protocol');
    });
  }

  test('of version 1 skip what was removed before its size was asked', async (t) => {
    const gone = 'b'.repeat(64);
    const { file, bytes } = makeFile('data');
    const { remote, backend } = await setUpPlain(t);
    remote.files.set(`data/${file.name}`, bytes);
    remote.setIntercept((request, response) => {
      if (request.method !== 'GET') return false;
      response.writeHead(200).end(JSON.stringify([gone, file.name]));
      return true;
    });
    assert.deepEqual(await collect(backend.list('data')), [{ name: file.name, size: 1000 }]);
  });
});

describe('waiting', () => {
  test('a request without progress is given up and may be retried', async (t) => {
    const { backend } = await setUpPlain(t, { intercept: () => true }, { stuckTimeoutMs: 20 });
    const error = await failure(() => backend.create(), 'backend/unreachable');
    assert.ok(error.retryable);
    assert.equal(error.fields['reason'], 'timeout');
  });

  test('an answer that stops in the middle is given up', async (t) => {
    const { backend } = await setUpPlain(
      t,
      {
        intercept: (_request, response) => {
          response.writeHead(200, { 'Content-Length': 1000 });
          response.write('half');
          return true;
        },
      },
      { stuckTimeoutMs: 20 },
    );
    const error = await failure(() => backend.load(makeFile('data').file), 'backend/unreachable');
    assert.equal(error.fields['reason'], 'timeout');
  });

  test('an upload that nobody reads is given up', async (t) => {
    const { backend } = await setUpPlain(
      t,
      {
        intercept: (request) => {
          request.pause();
          return true;
        },
      },
      { stuckTimeoutMs: 100 },
    );
    const { file, bytes } = makeFile('data', 16 * 1024 ** 2);
    const error = await failure(() => backend.save(file, [bytes]), 'backend/unreachable');
    assert.equal(error.fields['reason'], 'timeout');
  });

  test('a handshake that never ends is given up', async (t) => {
    const silent = net.createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const sockets = new Set<net.Socket>();
    silent.on('connection', (socket) => sockets.add(socket));
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const { port } = silent.address() as net.AddressInfo;
    const backend = restBackend(new URL(`https://127.0.0.1:${port}/`), { connectTimeoutMs: 20 });
    const error = await failure(() => backend.create(), 'backend/unreachable');
    assert.equal(error.fields['reason'], 'timeout');
  });

  test('an abort ends a request that hangs, with its reason', async (t) => {
    const abort = new AbortController();
    const reason = new Error('Ctrl-C');
    const { backend } = await setUpPlain(t, {
      intercept: () => {
        abort.abort(reason);
        return true;
      },
    });
    await assert.rejects(() => backend.create(abort.signal), reason);
  });

  test('an abort in the middle of an answer ends it', async (t) => {
    const abort = new AbortController();
    const reason = new Error('Ctrl-C');
    const { backend } = await setUpPlain(t, {
      intercept: (_request, response) => {
        response.writeHead(200, { 'Content-Length': 1000 });
        response.write('half', () => abort.abort(reason));
        return true;
      },
    });
    await assert.rejects(
      () => backend.load(makeFile('data').file, undefined, abort.signal),
      reason,
    );
  });

  test('a connection that nobody takes may be retried', async () => {
    const closed = net.createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as net.AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const backend = restBackend(new URL(`http://127.0.0.1:${port}/`));
    const error = await failure(() => backend.create(), 'backend/unreachable');
    assert.ok(error.retryable);
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}`));
  });
});

describe('TLS', () => {
  test('the session of the first connection is told', async (t) => {
    const { backend } = await setUp(t, {}, { groups: 'X25519' });
    assert.equal(backend.tls(), undefined);
    await backend.create();
    const session = backend.tls();
    assert.equal(session?.version, 'TLSv1.3');
    assert.match(session?.cipher ?? '', /^TLS_/);
    assert.equal(session?.group, 'X25519');
    assert.equal(session?.postQuantum, false);
  });

  test('a post-quantum group is told as such', {
    skip: !knowsGroup('X25519MLKEM768'),
  }, async (t) => {
    const { backend } = await setUp(t, {}, { groups: 'X25519MLKEM768' });
    await backend.create();
    assert.equal(backend.tls()?.group, 'X25519MLKEM768');
    assert.equal(backend.tls()?.postQuantum, true);
  });

  test('TLS 1.2 works unless 1.3 is demanded', async (t) => {
    const old = { tls: { cert: server.cert, key: server.key, maxVersion: 'TLSv1.2' } } as const;
    const { backend } = await setUp(t, old);
    await backend.create();
    assert.equal(backend.tls()?.version, 'TLSv1.2');
    assert.match(backend.tls()?.cipher ?? '', /^TLS_ECDHE_/);

    const strict = (await setUp(t, old, { tlsMin: '1.3' })).backend;
    const error = await failure(() => strict.create(), 'tls/handshake');
    assert.equal(error.retryable, false);
    assert.equal(error.fields['alert'], 'protocol_version');
    assert.match(error.hint ?? '', /sealift explain --server 127\.0\.0\.1:\d+/);
  });

  test('no common group ends in a handshake_failure that is told', async (t) => {
    const { backend } = await setUp(
      t,
      { tls: { cert: server.cert, key: server.key, ecdhCurve: 'P-384', minVersion: 'TLSv1.3' } },
      { groups: 'X25519' },
    );
    const error = await failure(() => backend.create(), 'tls/handshake');
    assert.equal(error.fields['alert'], 'handshake_failure');
    assert.match(String(error.fields['reason']), /handshake failure/);
  });

  test('an unknown authority is untrusted, and the hint names --cacert', async (t) => {
    const { remote } = await setUp(t);
    const other = await makeAuthority('Other CA');
    const backend = restBackend(remote.url, { ca: other.cert });
    const error = await failure(() => backend.create(), 'tls/untrusted');
    assert.equal(error.retryable, false);
    assert.match(error.hint ?? '', /--cacert/);
    assert.equal(remote.requests.length, 0);
    assert.equal(backend.tls(), undefined);
  });

  test('an expired certificate and one for another name have hints of their own', async (t) => {
    const expired = await authority.issue({
      commonName: 'localhost',
      use: 'server',
      notBefore: new Date(Date.now() - 2e8),
      notAfter: new Date(Date.now() - 1e8),
    });
    const stale = (await setUp(t, { tls: { cert: expired.cert, key: expired.key } })).backend;
    const first = await failure(() => stale.create(), 'tls/untrusted');
    assert.equal(first.fields['reason'], 'CERT_HAS_EXPIRED');
    assert.match(first.hint ?? '', /clock/);

    const elsewhere = await authority.issue({
      commonName: 'elsewhere',
      use: 'server',
      names: ['elsewhere.example'],
    });
    const misnamed = (await setUp(t, { tls: { cert: elsewhere.cert, key: elsewhere.key } }))
      .backend;
    const second = await failure(() => misnamed.create(), 'tls/untrusted');
    assert.match(second.message, /elsewhere\.example/);
    assert.match(second.hint ?? '', /name/);
  });

  test('verification can be turned off for a test', async (t) => {
    const { remote } = await setUp(t);
    const backend = restBackend(remote.url, { insecureTls: true });
    t.after(() => backend.close());
    await backend.create();
  });

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const demanding = (): RestServerOptions => ({
      tls: {
        cert: server.cert,
        key: server.key,
        ca: authority.cert,
        requestCert: true,
        rejectUnauthorized: true,
        maxVersion,
      },
    });

    test(`a client certificate is shown to a ${maxVersion} server that asks`, async (t) => {
      const client = await authority.issue({ commonName: 'client', use: 'client' });
      const { backend } = await setUp(t, demanding(), { clientCert: client.pem });
      await backend.create();
    });
  }

  test('a port without TLS is told from a failed negotiation', async (t) => {
    const remote = await startRestServer(t);
    const backend = restBackend(new URL(`https://127.0.0.1:${remote.port}/`));
    const error = await failure(() => backend.create(), 'tls/handshake');
    assert.match(error.hint ?? '', /does not speak TLS/);
  });

  test('a port with TLS is told when it is asked in plain HTTP', async (t) => {
    const { remote } = await setUp(t);
    const backend = restBackend(new URL(`http://127.0.0.1:${remote.port}/`));
    await assert.rejects(
      () => backend.create(),
      (error) => isSealiftError(error, 'backend/protocol', 'backend/unreachable'),
    );
  });

  for (const [what, options] of [
    ['an unknown group', { groups: 'nonsense' }],
    ['a client certificate without a key', { clientCert: 'nonsense' }],
  ] as const) {
    test(`${what} is refused before anything is sent`, () => {
      assert.throws(
        () => restBackend(new URL('https://127.0.0.1/'), options),
        (error) => isSealiftError(error, 'usage/invalid'),
      );
    });
  }
});

function knowsGroup(group: string): boolean {
  try {
    tls.createSecureContext({ ecdhCurve: group });
    return true;
  } catch {
    return false;
  }
}
