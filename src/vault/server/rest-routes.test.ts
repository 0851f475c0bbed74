import assert from 'node:assert/strict';
import {
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { isLocalFileSystem } from '../../storage/local-file-system.ts';
import { basicHeader, randomFile, startTestVault, type TestVault } from '../vault-fixture.ts';

const alice = { user: 'alice' };
const v2 = 'application/vnd.x.restic.rest.v2';

async function withRepository(t: TestContext, yaml = ''): Promise<TestVault> {
  const vault = await startTestVault(t, { yaml });
  assert.equal((await vault.call('POST', '/alice/?create=true', alice)).status, 200);
  return vault;
}

async function upload(vault: TestVault, type: string, size = 1000) {
  const file = randomFile(size);
  const path = `/alice/${type}/${file.name}`;
  const { status } = await vault.call('POST', path, { ...alice, body: file.body });
  assert.equal(status, 200);
  return { ...file, path };
}

function startDownload(vault: TestVault, path: string): ClientRequest {
  const sent = request({
    host: '127.0.0.1',
    port: vault.vault.port,
    ca: vault.ca,
    agent: false,
    path,
    headers: { authorization: basicHeader('alice') },
  });
  sent.on('error', () => undefined).end();
  return sent;
}

test('an upload comes back as it was and lies where a local repository has it', async (t) => {
  const vault = await withRepository(t);
  const { name, body, path } = await upload(vault, 'data', 300_000);
  const answer = await vault.call('GET', path, alice);
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, body);
  const file = join(vault.repositories, 'alice', 'data', name.slice(0, 2), name);
  assert.deepEqual(readFileSync(file), body);
  assert.equal(statSync(file).mode & 0o077, 0, 'nobody else may read it');
});

test('creating a repository twice is no error, and without create=true it is one', async (t) => {
  const vault = await withRepository(t);
  assert.equal((await vault.call('POST', '/alice/?create=true', alice)).status, 200);
  assert.equal((await vault.call('POST', '/alice/', alice)).status, 400);
  assert.equal(readdirSync(join(vault.repositories, 'alice', 'data')).length, 256);
});

test('lists come in both versions, with [] for an empty folder and 404 for none', async (t) => {
  const vault = await withRepository(t);
  const empty = await vault.call('GET', '/alice/snapshots/', alice);
  assert.equal(empty.body.toString(), '[]');
  assert.equal(empty.headers['content-type'], 'application/vnd.x.restic.rest.v1');
  const files = [await upload(vault, 'data', 10), await upload(vault, 'data', 20)];
  writeFileSync(join(vault.repositories, 'alice', 'data', '00', '.DS_Store'), 'x');
  const first = await vault.call('GET', '/alice/data/', alice);
  assert.deepEqual((first.json() as string[]).sort(), files.map(({ name }) => name).sort());
  const second = await vault.call('GET', '/alice/data/', { ...alice, headers: { accept: v2 } });
  assert.equal(second.headers['content-type'], v2);
  const sizes = new Map(
    (second.json() as { name: string; size: number }[]).map(({ name, size }) => [name, size]),
  );
  for (const { name, body } of files) assert.equal(sizes.get(name), body.length);
  assert.equal((await vault.call('GET', '/alice/other/data/', alice)).status, 404);
});

test('an upload that does not match its name is refused with 400 and leaves no file', async (t) => {
  const vault = await withRepository(t);
  const { name } = randomFile();
  const answer = await vault.call('POST', `/alice/data/${name}`, {
    ...alice,
    body: randomFile().body,
  });
  assert.equal(answer.status, 400);
  assert.match(String((answer.json() as { error: string }).error), /SHA-256/);
  assert.deepEqual(vault.files(), []);
});

test('an upload cut short leaves neither a file nor a descriptor behind', async (t) => {
  const vault = await withRepository(t);
  const { name, body } = randomFile(200_000);
  const descriptors = () =>
    process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
  await vault.call('GET', '/_sealift/v1/health');
  const before = descriptors();
  for (let round = 0; round < 5; round += 1) {
    const sent = request({
      host: '127.0.0.1',
      port: vault.vault.port,
      ca: vault.ca,
      agent: false,
      method: 'POST',
      path: `/alice/data/${name}`,
      headers: { authorization: basicHeader('alice'), 'content-length': body.length },
    });
    sent.on('error', () => undefined);
    sent.write(body.subarray(0, 100_000));
    await waitFor(() => vault.files().length === 1, 'the upload has begun');
    sent.destroy();
    await waitFor(() => vault.files().length === 0, 'the temp file is gone');
  }
  await waitFor(() => descriptors() <= before, 'all descriptors are closed');
});

test('an upload repeated after a lost answer is answered 200, also in append-only mode', async (t) => {
  const vault = await withRepository(t, 'repositories: { appendOnly: true }');
  for (const type of ['data', 'keys', 'locks', 'snapshots', 'index']) {
    const { path, body } = await upload(vault, type);
    assert.equal((await vault.call('POST', path, { ...alice, body })).status, 200);
    assert.deepEqual((await vault.call('GET', path, alice)).body, body);
  }
});

test('other content under an existing name is refused with 403 and changes nothing', async (t) => {
  const vault = await withRepository(t);
  const { path, body } = await upload(vault, 'snapshots');
  const other = await vault.call('POST', path, { ...alice, body: randomFile().body });
  assert.equal(other.status, 403);
  assert.deepEqual((await vault.call('GET', path, alice)).body, body);
  assert.equal(vault.files().length, 1);
});

test('an upload takes the place of a stored file that rot has changed', async (t) => {
  const vault = await withRepository(t);
  const { name, path, body } = await upload(vault, 'index');
  writeFileSync(join(vault.repositories, 'alice', 'index', name), 'rot');
  assert.equal((await vault.call('POST', path, { ...alice, body })).status, 200);
  assert.deepEqual((await vault.call('GET', path, alice)).body, body);
});

test('the same upload many times at once is stored once and always answered 200', async (t) => {
  const vault = await withRepository(t);
  const { name, body } = randomFile(100_000);
  const path = `/alice/data/${name}`;
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => vault.call('POST', path, { ...alice, body })),
  );
  assert.deepEqual(
    answers.map(({ status }) => status),
    Array(8).fill(200),
  );
  assert.equal(vault.files().length, 1);
});

test('config is written once: the same again is 200, other content 403, nothing is 400', async (t) => {
  const vault = await withRepository(t);
  const body = Buffer.from('a sealed config');
  const post = async (content: Buffer) =>
    (await vault.call('POST', '/alice/config', { ...alice, body: content })).status;
  assert.equal(await post(Buffer.alloc(0)), 400);
  assert.equal((await vault.call('HEAD', '/alice/config', alice)).status, 404);
  assert.equal(await post(body), 200);
  assert.equal(await post(body), 200);
  assert.equal(await post(Buffer.from('another config!')), 403);
  assert.deepEqual((await vault.call('GET', '/alice/config', alice)).body, body);
  assert.equal((await vault.call('DELETE', '/alice/config', alice)).status, 200);
  assert.equal((await vault.call('GET', '/alice/config', alice)).status, 404);
});

test('of two different configs at once exactly one is stored', async (t) => {
  const vault = await withRepository(t);
  const bodies = [Buffer.from('config one'), Buffer.from('config two')];
  const statuses = await Promise.all(
    bodies.map(
      async (body) => (await vault.call('POST', '/alice/config', { ...alice, body })).status,
    ),
  );
  assert.deepEqual(statuses.toSorted(), [200, 403]);
  const stored = (await vault.call('GET', '/alice/config', alice)).body;
  assert.deepEqual(stored, bodies[statuses.indexOf(200)]);
});

test('ranges are answered exactly, whatever their form', async (t) => {
  const vault = await withRepository(t);
  const { path, body } = await upload(vault, 'data', 1000);
  const cases = [
    ['bytes=0-', 206, 0, 1000],
    ['bytes=10-19', 206, 10, 20],
    ['bytes=990-2000', 206, 990, 1000],
    ['bytes=-5', 206, 995, 1000],
    ['bytes=999-999', 206, 999, 1000],
    ['lines=1-2', 200, 0, 1000],
    ['bytes=5-4', 200, 0, 1000],
  ] as const;
  for (const [range, status, start, end] of cases) {
    const answer = await vault.call('GET', path, { ...alice, headers: { range } });
    assert.equal(answer.status, status, range);
    assert.equal(answer.headers['content-length'], String(end - start), range);
    assert.deepEqual(answer.body, body.subarray(start, end), range);
    if (status === 206) {
      assert.equal(answer.headers['content-range'], `bytes ${start}-${end - 1}/1000`);
    }
  }
  const beyond = await vault.call('GET', path, { ...alice, headers: { range: 'bytes=1000-' } });
  assert.equal(beyond.status, 416);
  assert.equal(beyond.headers['content-range'], 'bytes */1000');
  const head = await vault.call('HEAD', path, alice);
  assert.equal(head.headers['content-length'], '1000');
  assert.equal(head.body.length, 0);
});

test('a download that the client breaks off closes its file', {
  skip: process.platform !== 'linux' && 'counts descriptors in /proc',
}, async (t) => {
  const vault = await withRepository(t);
  const { name, path } = await upload(vault, 'data', 8_000_000);
  const isOpen = () => openFiles().some((file) => file.endsWith(name));
  const sent = startDownload(vault, path);
  await new Promise((resolve) => sent.once('response', resolve));
  assert.equal(isOpen(), true);
  sent.destroy();
  await waitFor(() => !isOpen(), 'the file is closed');
});

test('a download whose file turns out shorter is broken off', async (t) => {
  const vault = await withRepository(t);
  const { name, path } = await upload(vault, 'data', 40_000_000);
  const sent = startDownload(vault, path);
  const answer = await new Promise<IncomingMessage>((resolve) => sent.once('response', resolve));
  // The vault is ahead of us by what the system holds for a connection, and no more.
  truncateSync(join(vault.repositories, 'alice', 'data', name.slice(0, 2), name), 20_000_000);
  await assert.rejects(buffer(answer), { code: 'ECONNRESET' });
  assert.equal((await vault.call('HEAD', path, alice)).headers['content-length'], '20000000');
});

test('deleting is idempotent', async (t) => {
  const vault = await withRepository(t);
  const { path } = await upload(vault, 'data');
  for (let round = 0; round < 2; round += 1)
    assert.equal((await vault.call('DELETE', path, alice)).status, 200);
  assert.equal((await vault.call('GET', path, alice)).status, 404);
});

test('in append-only mode nothing is deleted but the locks that the client made', async (t) => {
  const vault = await withRepository(t, 'repositories: { appendOnly: true, private: false }');
  for (const type of ['data', 'keys', 'snapshots', 'index']) {
    const { path } = await upload(vault, type);
    assert.equal((await vault.call('DELETE', path, alice)).status, 403);
  }
  await vault.call('POST', '/alice/config', { ...alice, body: Buffer.from('config') });
  assert.equal((await vault.call('DELETE', '/alice/config', alice)).status, 403);
  const lock = await upload(vault, 'locks');
  assert.equal((await vault.call('DELETE', lock.path, { user: 'bob' })).status, 403);
  assert.equal((await vault.call('DELETE', lock.path, alice)).status, 200);
  assert.equal((await vault.call('DELETE', lock.path, { user: 'bob' })).status, 200);
});

test('who stores a lock hears that listings are current, where the disk is of this machine', async (t) => {
  const vault = await withRepository(t);
  const isLocal = await isLocalFileSystem(vault.repositories);
  for (const kind of ['locks', 'snapshots']) {
    const { name, body } = randomFile(1000);
    const answer = await vault.call('POST', `/alice/${kind}/${name}`, { ...alice, body });
    assert.equal(answer.status, 200);
    const expected = kind === 'locks' && isLocal ? 'current' : undefined;
    assert.equal(answer.headers['sealift-listing'], expected);
  }
});

test('a lock of another does not become mine by uploading it again', async (t) => {
  const vault = await withRepository(t, 'repositories: { appendOnly: true, private: false }');
  const { path, body } = await upload(vault, 'locks');
  assert.equal((await vault.call('POST', path, { user: 'bob', body })).status, 200);
  assert.equal((await vault.call('DELETE', path, { user: 'bob' })).status, 403);
  const unknown = randomFile();
  writeFileSync(join(vault.repositories, 'alice', 'locks', unknown.name), unknown.body);
  const planted = `/alice/locks/${unknown.name}`;
  assert.equal(
    (await vault.call('POST', planted, { user: 'bob', body: unknown.body })).status,
    200,
  );
  assert.equal((await vault.call('DELETE', planted, { user: 'bob' })).status, 403);
});

test('401 is for who is not known, 403 for who may not, and both say why', async (t) => {
  const vault = await withRepository(t);
  const nobody = await vault.call('GET', '/alice/config');
  assert.equal(nobody.status, 401);
  assert.match(nobody.headers['www-authenticate'] ?? '', /^Basic realm=/);
  const wrong = await vault.call('GET', '/alice/config', { ...alice, password: 'wrong' });
  assert.equal(wrong.status, 401);
  assert.match(wrong.headers['retry-after'] ?? '', /^\d+$/);
  assert.match((wrong.json() as { error: string }).error, /wrong user or password/);
  const foreign = await vault.call('GET', '/bob/config', alice);
  assert.equal(foreign.status, 403);
  assert.match((foreign.json() as { error: string }).error, /\/alice\//);
  assert.equal((await vault.call('POST', '/?create=true', alice)).status, 403);
  assert.equal((await vault.call('GET', '/alice/config', alice)).status, 404);
});

test('no path leads out of the repositories or to hidden files', async (t) => {
  const vault = await withRepository(t);
  writeFileSync(join(vault.repositories, '.htpasswd'), 'x:y');
  const paths = [
    '/alice/../bob/config',
    '/alice/%2e%2e/%2e%2e/vault.db',
    '/alice/..%2f..%2fvault.db',
    '/alice/.hidden/config',
    '/.htpasswd',
    '/alice/%00/config',
    '/alice/a%5cb/config',
    '/alice/data/..%2fconfig',
    '/alice/data/short',
    `/alice/data/${'A'.repeat(64)}`,
    `/alice/data/${'a'.repeat(64)}/`,
    `/alice/data/00/${'a'.repeat(64)}`,
    '/alice/config/',
    '/alice/b/c/config',
    '/alice//config',
    '/alice/%zz/config',
  ];
  for (const path of paths) {
    const { status } = await vault.call('GET', path, alice);
    assert.equal(status, 400, path);
  }
  assert.equal((await vault.call('POST', '/alice/_sealift/?create=true', alice)).status, 400);
});

test('repositories may lie one folder below the name, but must have been created', async (t) => {
  const vault = await withRepository(t);
  const { name, body } = randomFile();
  const path = `/alice/laptop/data/${name}`;
  assert.equal((await vault.call('POST', path, { ...alice, body })).status, 404);
  assert.equal((await vault.call('POST', '/alice/laptop/?create=true', alice)).status, 200);
  assert.equal((await vault.call('POST', path, { ...alice, body })).status, 200);
});

test('a file above the limit is refused with 413, announced or not, and leaves nothing', async (t) => {
  const vault = await withRepository(t, 'repositories: { maxFileSize: 1K }');
  const { name, body } = randomFile(2000);
  const path = `/alice/data/${name}`;
  assert.equal((await vault.call('POST', path, { ...alice, body })).status, 413);
  const chunked = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      port: vault.vault.port,
      ca: vault.ca,
      agent: false,
      method: 'POST',
      path,
      headers: { authorization: basicHeader('alice'), 'transfer-encoding': 'chunked' },
    });
    sent.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
    sent.write(body);
    sent.end();
  });
  assert.equal(chunked, 413);
  assert.deepEqual(vault.files(), []);
});

test('one connection serves request after request, refused uploads included', async (t) => {
  const vault = await withRepository(t);
  const { body } = randomFile(300_000);
  const socket = connect({ host: '127.0.0.1', port: vault.vault.port, ca: vault.ca });
  t.after(() => socket.destroy());
  let text = '';
  socket.on('data', (part: Buffer) => {
    text += part.toString('latin1');
  });
  const head = (line: string, more = '') =>
    `${line} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basicHeader('alice')}\r\n${more}\r\n`;
  socket.write(head(`POST /bob/data/${'a'.repeat(64)}`, `Content-Length: ${body.length}\r\n`));
  socket.write(body);
  await waitFor(() => text.includes('HTTP/1.1 403'), 'the refusal');
  socket.write(head('HEAD /alice/config'));
  await waitFor(() => text.includes('HTTP/1.1 404'), 'the next answer on the same connection');
});

test('a failure of the disk is a 500 that tells nothing of the disk', async (t) => {
  const vault = await withRepository(t);
  rmdirSync(join(vault.repositories, 'alice', 'index'));
  writeFileSync(join(vault.repositories, 'alice', 'index'), 'a file where a folder should be');
  const { name, body } = randomFile();
  const answer = await vault.call('POST', `/alice/index/${name}`, { ...alice, body });
  assert.equal(answer.status, 500);
  assert.doesNotMatch(answer.body.toString(), /alice|ENOTDIR/);
});

test('an unknown method is 405', async (t) => {
  const vault = await withRepository(t);
  assert.equal((await vault.call('PUT', '/alice/config', alice)).status, 405);
  assert.equal((await vault.call('DELETE', '/alice/', alice)).status, 501);
});

function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`)];
    } catch {
      return [];
    }
  });
}

async function waitFor(isTrue: () => boolean, what: string): Promise<void> {
  for (let round = 0; round < 250; round += 1) {
    if (isTrue()) return;
    await sleep(20);
  }
  assert.fail(`waited in vain: ${what}`);
}
