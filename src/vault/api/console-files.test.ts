import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startTestVault, tempVaultFolder } from '../vault-fixture.ts';

async function build(t: Parameters<typeof tempVaultFolder>[0]): Promise<string> {
  const folder = await tempVaultFolder(t);
  await mkdir(join(folder, 'console', 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'outside');
  await writeFile(join(folder, 'console', 'index.html'), '<!doctype html><p>console');
  await writeFile(join(folder, 'console', 'assets', 'index-BQ3rA9xY.js'), 'plain');
  await writeFile(join(folder, 'console', 'assets', 'index-BQ3rA9xY.js.br'), 'brotli');
  return join(folder, 'console');
}

test('the index is asked for each time; a name with a hash is kept for ever', async (t) => {
  const vault = await startTestVault(t, { consoleFolder: await build(t) });
  const index = await vault.call('GET', '/console/');
  assert.equal(index.body.toString(), '<!doctype html><p>console');
  assert.equal(index.headers['cache-control'], 'no-cache');
  assert.match(String(index.headers['content-security-policy']), /script-src 'self'/);
  assert.ok(!String(index.headers['content-security-policy']).includes('unsafe'));
  const script = await vault.call('GET', '/console/assets/index-BQ3rA9xY.js');
  assert.match(String(script.headers['cache-control']), /immutable/);
  assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
  const etag = String(script.headers.etag);
  const again = await vault.call('GET', '/console/assets/index-BQ3rA9xY.js', {
    headers: { 'if-none-match': etag },
  });
  assert.equal(again.status, 304);
});

test('what was compressed before is sent as it is to who takes it', async (t) => {
  const vault = await startTestVault(t, { consoleFolder: await build(t) });
  const path = '/console/assets/index-BQ3rA9xY.js';
  const packed = await vault.call('GET', path, { headers: { 'accept-encoding': 'gzip, br' } });
  assert.equal(packed.headers['content-encoding'], 'br');
  assert.equal(packed.body.toString(), 'brotli');
  const plain = await vault.call('GET', path, { headers: { 'accept-encoding': 'br;q=0' } });
  assert.equal(plain.headers['content-encoding'], undefined);
});

test('a path of the page gets the index; a missing file and a path that leads out get 404', async (t) => {
  const vault = await startTestVault(t, { consoleFolder: await build(t) });
  const page = await vault.call('GET', '/console/clients/certificate:web01');
  assert.equal(page.body.toString(), '<!doctype html><p>console');
  for (const path of [
    '/console/missing.js',
    '/console/../secret.txt',
    '/console/%2e%2e/secret.txt',
    '/console/..%2fsecret.txt',
    '/console/..%5csecret.txt',
    '/console/%2fetc%2fpasswd.txt',
    '/console/%',
  ]) {
    const answer = await vault.call('GET', path);
    assert.ok([400, 401, 404].includes(answer.status), `${path}: ${answer.status}`);
    assert.ok(!answer.body.toString().includes('outside'));
  }
});

test('a browser at the root is sent to the console, a backup program is not', async (t) => {
  const vault = await startTestVault(t, { consoleFolder: await build(t) });
  const browser = await vault.call('GET', '/', { headers: { accept: 'text/html,*/*' } });
  assert.deepEqual([browser.status, browser.headers.location], [302, '/console/']);
  assert.equal((await vault.call('GET', '/')).status, 401);
  assert.equal(
    (await vault.call('GET', '/', { headers: { accept: 'text/html' }, user: 'alice' })).status,
    403,
  );
});

test('without a build the page says how to make one', async (t) => {
  const vault = await startTestVault(t, { consoleFolder: '/nowhere' });
  const answer = await vault.call('GET', '/console/');
  assert.match(answer.body.toString(), /npm run build:console/);
});

test('no repository and no account takes the names of console and API', async (t) => {
  const vault = await startTestVault(t, { yaml: 'repositories: {private: false}' });
  for (const path of ['/console/?create=true', '/api/?create=true', '/API/?create=true']) {
    const answer = await vault.call('POST', path, { user: 'alice' });
    assert.ok([400, 404, 405].includes(answer.status), `${path}: ${answer.status}`);
  }
  assert.equal(
    (await vault.call('POST', '/alice/api/?create=true', { user: 'alice' })).status,
    200,
  );
});
