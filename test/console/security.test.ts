/**
 * What somebody hostile can try: from another page in the same browser, by names, without a certificate.
 * What needs no browser and no client stands beside the API (session.test.ts, contract.test.ts).
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import {
  addConsoleUsers,
  addTestConsoleUser,
  callApi,
  cookieOfAnswer,
  signInAs,
  userOf,
} from '../../src/vault/api/api-fixture.ts';
import type { Session } from '../../src/vault/api/schemas/session.ts';
import { startTestVault } from '../../src/vault/vault-fixture.ts';
import { withoutBrowser } from '../support/browser.ts';
import { signIn, startConsole } from '../support/console.ts';
import { enrolMachine } from '../support/console-clients.ts';
import { makeSelfSigned } from '../support/self-signed.ts';
import { tempFolder } from '../support/temp-folder.ts';

const lines = 'web01\r\nSet-Cookie: planted=1\r\n\r\n<p>';

test('a certificate signs its user in, and its session is nothing without it', async (t) => {
  const vault = await startTestVault(t);
  await addConsoleUsers(vault.database);
  const folder = tempFolder(t);
  const own = await enrolMachine(vault, { name: 'desk-1', folder });
  const other = await enrolMachine(vault, { name: 'desk-2', folder });
  await addTestConsoleUser(vault.database, {
    ...{ name: 'carol', role: 'operator', certificate: 'desk-1' },
  });
  const proof = { cert: own.certificate, key: own.key.reveal() };
  const body = { method: 'certificate' };

  assert.equal((await callApi(vault, 'POST', '/session', { body })).status, 401);
  const stranger = { cert: other.certificate, key: other.key.reveal() };
  assert.equal((await callApi(vault, 'POST', '/session', { body, ...stranger })).status, 401);
  // The certificate is shown to whoever asks; without a session it may nothing.
  assert.equal((await callApi(vault, 'GET', '/clients', proof)).status, 401);

  const answer = await callApi(vault, 'POST', '/session', { body, ...proof });
  assert.equal(answer.status, 201, answer.body.toString());
  const session = answer.json() as Session;
  assert.deepEqual([session.user?.name, session.user?.role], ['carol', 'operator']);
  const carol = userOf(vault, cookieOfAnswer(answer), session.csrfToken ?? '');
  assert.equal((await carol.call('GET', '/invites', proof)).status, 200);
  assert.equal((await carol.call('GET', '/users', proof)).status, 403);
  assert.equal((await carol.call('GET', '/invites')).status, 401, 'the cookie alone');
  assert.equal((await carol.call('GET', '/invites', stranger)).status, 401);

  const owner = await signInAs(vault, 'owner');
  const ended = await owner.call('DELETE', '/clients/certificate:desk-1');
  assert.equal(ended.status, 204, ended.body.toString());
  assert.equal((await carol.call('GET', '/invites', proof)).status, 401, 'after its end');
});

test('no name, tag or server name puts a line of its own into an answer', async (t) => {
  const vault = await startTestVault(t);
  await addConsoleUsers(vault.database);
  const owner = await signInAs(vault, 'owner');
  // A hello may hold any bytes as the server's name; a browser never sends these.
  await vault.call('GET', '/alice/config', { user: 'alice', servername: lines });
  await vault.vault.flush();
  for (const [method, path, body] of [
    ['POST', '/invites', { name: lines }],
    ['POST', '/users', { name: lines, role: 'viewer' }],
    ['POST', '/logins', { name: lines }],
    ['POST', '/tokens', { name: lines, role: 'viewer' }],
    ['GET', `/clients/${encodeURIComponent(`login:${lines}`)}`, undefined],
    ['DELETE', `/users/${encodeURIComponent(lines)}`, undefined],
    ['GET', `/audit?target=${encodeURIComponent(lines)}`, undefined],
    ['GET', '/clients/login:alice', undefined],
    ['GET', '/clients.csv', undefined],
    ['GET', `/clients.csv?search=${encodeURIComponent(lines)}`, undefined],
  ] as const) {
    const answer = await owner.call(method, path, body === undefined ? {} : { body });
    assert.ok(answer.status < 500, `${method} ${path}: ${answer.status}`);
    assert.equal(answer.headers['set-cookie'], undefined, `${method} ${path}`);
    assert.match(String(answer.headers['content-type']), /^(?:application\/|text\/csv)/, path);
  }
  const made = await vault.database.selectFrom('invites').selectAll().execute();
  assert.deepEqual(made, []);
});

test('a page of another origin sends nothing, reads nothing and frames nothing of the vault', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url, vault } = await startConsole(t);
  const page = await open();
  await page.goto(url);
  await signIn(page, 'owner');
  const { origin } = new URL(url);
  const rows = () => vault.database.selectFrom('audit').select(['action', 'target']).execute();
  const before = await rows();
  // The same host on another port is the same site: only there does the browser send the cookie along.
  for (const host of ['127.0.0.1', 'localhost']) {
    const server = await servePage(t, '<!doctype html><title>another page</title>');
    await page.goto(`https://${host}:${server.port}/`);
    const results = await page.evaluate<Record<string, unknown>>(attack(origin));
    assert.deepEqual(results, { read: 'TypeError', change: 'TypeError', events: 'error' }, host);
    const [frame] = page.mainFrame().childFrames();
    assert.match(frame?.url() ?? '', /^chrome-error:/, `the console in a frame of ${host}`);
    // A form asks nobody: it is sent, as what a form can send, and its answer is the page.
    for (const path of ['/api/v1/tokens', '/api/v1/session', '/api/v1/scrubs']) {
      await page.goto(`https://${host}:${server.port}/`);
      const answer = page.waitForResponse((response) => response.url() === `${origin}${path}`);
      await page.evaluate(submission(`${origin}${path}`));
      await page.waitForURL(`${origin}${path}`);
      assert.ok([401, 403].includes((await answer).status()), `${path} from ${host}`);
    }
  }
  assert.deepEqual(await rows(), before);
  await page.goto(url);
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
});

/** A server of somebody else on this machine; it ends with the test. */
async function servePage(t: Pick<TestContext, 'after'>, html: string): Promise<{ port: number }> {
  const server = createServer(await makeSelfSigned('ecdsa-p256'), (_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(html);
  });
  server.listen(0);
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return server.address() as AddressInfo;
}

/** Script that tries all that a page may try on another origin, with the browser's cookies. */
function attack(origin: string): string {
  return `(async () => {
    const api = ${JSON.stringify(origin)} + '/api/v1';
    const failure = (attempt) => attempt.then((answer) => answer.text(), (error) => error.name);
    const frame = document.createElement('iframe');
    frame.src = ${JSON.stringify(origin)} + '/console/';
    const loaded = new Promise((done) => frame.addEventListener('load', done));
    document.body.append(frame);
    await loaded;
    const events = await new Promise((done) => {
      const source = new EventSource(api + '/events', { withCredentials: true });
      source.onopen = () => done('open');
      source.onerror = () => done('error');
    });
    return {
      read: await failure(fetch(api + '/clients', { credentials: 'include' })),
      change: await failure(fetch(api + '/tokens', {
        method: 'POST',
        credentials: 'include',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'stolen', role: 'owner' }),
      })),
      events,
    };
  })()`;
}

/** Script that sends a form whose text is JSON, were it taken for that. */
function submission(action: string): string {
  return `(() => {
    const form = document.createElement('form');
    Object.assign(form, { method: 'post', enctype: 'text/plain', action: ${JSON.stringify(action)} });
    const field = document.createElement('input');
    Object.assign(field, { name: '{"name":"stolen","role":"owner","x":"', value: '"}' });
    form.append(field);
    document.body.append(form);
    form.submit();
  })()`;
}

test('a browser with a certificate signs in by it, and one without is not asked to', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url, vault } = await startConsole(t);
  const own = await enrolMachine(vault, { name: 'desk-1', folder: tempFolder(t) });
  await addTestConsoleUser(vault.database, {
    ...{ name: 'carol', role: 'operator', certificate: 'desk-1' },
  });
  const page = await open({
    clientCertificates: [
      {
        origin: new URL(url).origin,
        cert: Buffer.from(own.certificate),
        key: Buffer.from(own.key.reveal()),
      },
    ],
  });
  await page.goto(url);
  await page.getByRole('button', { name: 'Sign in as carol by the certificate of desk-1' }).click();
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  await page.getByText('carol · operator').waitFor();

  const without = await open();
  await without.goto(url);
  await without.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(await without.getByRole('button', { name: /certificate/ }).count(), 0);
});
