import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startTestVault } from '../vault-fixture.ts';
import {
  addConsoleUsers,
  callApi,
  consolePasswordOf,
  cookieOfAnswer,
  signInAs,
  userOf,
} from './api-fixture.ts';
import { sessionCookie } from './contract.ts';
import type { Session } from './schemas/session.ts';

const driven = { ms: Date.parse('2026-11-28T05:00:00Z') };
const clock = { now: () => driven.ms };

async function start(t: Parameters<typeof startTestVault>[0], options = {}) {
  const vault = await startTestVault(t, options);
  await addConsoleUsers(vault.database);
  return vault;
}

function codeOf(answer: { json(): unknown }): string {
  return (answer.json() as { code: string }).code;
}

describe('signing in', () => {
  test('a password opens a session whose cookie no script and no other site can use', async (t) => {
    const vault = await start(t);
    const answer = await callApi(vault, 'POST', '/session', {
      body: { method: 'password', name: 'owner', password: consolePasswordOf('owner') },
    });
    assert.equal(answer.status, 201);
    const cookie = answer.headers['set-cookie']?.[0] ?? '';
    assert.ok(cookie.startsWith('__Host-'));
    for (const part of ['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/'])
      assert.ok(cookie.split('; ').includes(part), part);
    assert.ok(!/domain/i.test(cookie));
    const session = answer.json() as Session;
    assert.equal(session.user?.role, 'owner');
    const secret = cookieOfAnswer(answer).split('=')[1] ?? '';
    assert.ok(!answer.body.toString().includes(secret), 'the secret is in the cookie only');
  });

  test('a wrong password and an unknown name get the same answer', async (t) => {
    const vault = await start(t);
    const answers = await Promise.all(
      ['owner', 'nobody'].map((name) =>
        callApi(vault, 'POST', '/session', { body: { method: 'password', name, password: 'x' } }),
      ),
    );
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.toString()]),
      [answers[0], answers[0]].map((answer) => [401, answer?.body.toString()]),
    );
    const audit = await vault.database.selectFrom('audit').selectAll().execute();
    assert.deepEqual(audit.map(({ action, target }) => [action, target]).sort(), [
      ['session/refused', 'nobody'],
      ['session/refused', 'owner'],
    ]);
  });

  test('a cookie that was there before signing in is no session after it (fixation)', async (t) => {
    const vault = await start(t);
    const planted = `${sessionCookie}=${'A'.repeat(43)}`;
    const answer = await callApi(vault, 'POST', '/session', {
      body: { method: 'password', name: 'owner', password: consolePasswordOf('owner') },
      headers: { cookie: planted },
    });
    assert.equal(answer.status, 201);
    assert.notEqual(cookieOfAnswer(answer), planted);
    const after = await callApi(vault, 'GET', '/session', { headers: { cookie: planted } });
    assert.equal((after.json() as Session).user, null);
  });

  test('signing in again ends the session of before', async (t) => {
    const vault = await start(t);
    const first = await signInAs(vault, 'viewer');
    const second = await signInAs(vault, 'owner', { headers: { cookie: first.cookie } });
    assert.notEqual(second.cookie, first.cookie);
    assert.equal((await first.call('GET', '/audit')).status, 401);
    assert.equal((await second.call('GET', '/audit')).status, 200);
  });

  test('who tries one password on many names is turned away', async (t) => {
    const vault = await start(t);
    const attempt = (name: string) =>
      callApi(vault, 'POST', '/session', { body: { method: 'password', name, password: 'wrong' } });
    for (let i = 0; i < 20; i++) assert.equal((await attempt(`name${i}`)).status, 401);
    const answer = await attempt('owner');
    assert.deepEqual([answer.status, codeOf(answer)], [429, 'api/throttled']);
    assert.ok(Number(answer.headers['retry-after']) >= 1);
  });
});

describe('a session ends', () => {
  test('when nobody used it, and after its whole time in any case', async (t) => {
    driven.ms = Date.parse('2026-11-28T05:00:00Z');
    const vault = await start(t, { clock, yaml: 'console: {idleTimeout: 1h, sessionTimeout: 3h}' });
    const idle = await signInAs(vault, 'viewer');
    const busy = await signInAs(vault, 'owner');
    for (let quarter = 0; quarter < 8; quarter++) {
      driven.ms += 20 * 60_000;
      assert.equal((await busy.call('GET', '/audit')).status, 200);
    }
    assert.equal((await idle.call('GET', '/audit')).status, 401);
    driven.ms += 21 * 60_000;
    assert.equal((await busy.call('GET', '/audit')).status, 401);
  });

  test('by signing out, on the server and in the browser', async (t) => {
    const vault = await start(t);
    const user = await signInAs(vault, 'viewer');
    const answer = await user.call('DELETE', '/session');
    assert.equal(answer.status, 204);
    assert.match(answer.headers['set-cookie']?.[0] ?? '', /Max-Age=0/);
    assert.equal((await user.call('GET', '/audit')).status, 401);
  });

  test('when its role or password changes, everywhere', async (t) => {
    const vault = await start(t);
    const owner = await signInAs(vault, 'owner');
    for (const change of [{ role: 'viewer' }, { resetPassword: true }]) {
      const user = await signInAs(vault, 'operator').catch(() => undefined);
      const answer = await owner.call('PATCH', '/users/operator', { body: change });
      assert.equal(answer.status, 200);
      if (user !== undefined) assert.equal((await user.call('GET', '/audit')).status, 401);
    }
  });

  test("with a new password for oneself: every other session, and one's own is a new one", async (t) => {
    const vault = await start(t);
    const here = await signInAs(vault, 'viewer');
    const there = await signInAs(vault, 'viewer');
    const answer = await here.call('PUT', '/session/password', {
      body: { current: consolePasswordOf('viewer'), next: 'a longer password' },
    });
    assert.equal(answer.status, 200);
    const { csrfToken } = answer.json() as Session;
    const now = userOf(vault, cookieOfAnswer(answer), csrfToken ?? '');
    assert.equal((await now.call('GET', '/audit')).status, 200);
    assert.equal((await here.call('GET', '/audit')).status, 401);
    assert.equal((await there.call('GET', '/audit')).status, 401);
  });
});

describe('forged requests', () => {
  test('a change needs the token of its own session', async (t) => {
    const vault = await start(t);
    const user = await signInAs(vault, 'owner');
    const other = await signInAs(vault, 'owner');
    const body = { name: 'laptop', role: 'viewer' };
    for (const token of ['', 'x', other.csrf]) {
      const answer = await user.call('POST', '/tokens', {
        body,
        headers: { 'x-sealift-csrf': token },
      });
      assert.deepEqual([answer.status, codeOf(answer)], [403, 'api/forgery']);
    }
    assert.equal((await user.call('POST', '/tokens', { body })).status, 201);
  });

  test('another origin or site changes nothing, whatever token it has', async (t) => {
    const vault = await start(t);
    const user = await signInAs(vault, 'owner');
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      const answer = await user.call('POST', '/tokens', {
        body: { name: 'x', role: 'viewer' },
        headers,
      });
      assert.deepEqual([answer.status, codeOf(answer)], [403, 'api/forgery'], String(headers));
    }
  });

  test('nobody is signed in by a form of another site (login CSRF)', async (t) => {
    const vault = await start(t);
    const body = Buffer.from(
      JSON.stringify({ method: 'password', name: 'owner', password: consolePasswordOf('owner') }),
    );
    const byForm = await callApi(vault, 'POST', '/session', {
      body,
      headers: { 'content-type': 'text/plain' },
    });
    assert.equal(byForm.status, 415);
    const elsewhere = await callApi(vault, 'POST', '/session', {
      body,
      headers: { 'content-type': 'application/json', origin: 'https://evil.example' },
    });
    assert.equal(elsewhere.status, 403);
  });
});

describe('tokens', () => {
  test('a token works without a session, and never above its user', async (t) => {
    const vault = await start(t);
    const operator = await signInAs(vault, 'operator');
    const above = await operator.call('POST', '/tokens', { body: { name: 'x', role: 'owner' } });
    assert.equal(above.status, 403);
    const made = await operator.call('POST', '/tokens', { body: { name: 'x', role: 'operator' } });
    const { secret } = made.json() as { secret: string };
    const headers = { authorization: `Bearer ${secret}` };
    const session = await callApi(vault, 'GET', '/session', { headers });
    assert.equal((session.json() as Session).user?.by, 'token');
    assert.equal((await callApi(vault, 'GET', '/invites', { headers })).status, 200);
    const owner = await signInAs(vault, 'owner');
    await owner.call('PATCH', '/users/operator', { body: { role: 'viewer' } });
    assert.equal((await callApi(vault, 'GET', '/invites', { headers })).status, 403);
    await owner.call('DELETE', '/users/operator');
    assert.equal((await callApi(vault, 'GET', '/audit', { headers })).status, 401);
  });
});

test('the vault keeps an owner', async (t) => {
  const vault = await start(t);
  const owner = await signInAs(vault, 'owner');
  for (const [method, body] of [
    ['DELETE', undefined],
    ['PATCH', { role: 'viewer' }],
  ] as const) {
    const answer = await owner.call(method, '/users/owner', body === undefined ? {} : { body });
    assert.deepEqual([answer.status, codeOf(answer)], [409, 'api/conflict']);
  }
});

test('the audit log cannot be changed or shortened', async (t) => {
  const vault = await start(t);
  await signInAs(vault, 'owner');
  await assert.rejects(vault.database.deleteFrom('audit').execute(), /only grows/);
  await assert.rejects(
    vault.database.updateTable('audit').set({ by: 'me' }).execute(),
    /only grows/,
  );
});

test('a change is in the audit log with who, before and after, and without a secret', async (t) => {
  const vault = await start(t);
  const owner = await signInAs(vault, 'owner');
  const made = await owner.call('POST', '/users', { body: { name: 'eve', role: 'viewer' } });
  const { password } = made.json() as { password: string };
  assert.ok(password.length >= 20);
  await owner.call('PATCH', '/users/eve', { body: { role: 'operator' } });
  const { rows } = await owner.read('listAudit', '/audit?action=user&target=eve');
  const [change, add] = rows;
  assert.deepEqual(
    [change?.action, change?.by, change?.role, change?.via],
    ['user/change', 'owner', 'owner', 'session'],
  );
  assert.equal(Object(change?.before).role, 'viewer');
  assert.equal(Object(change?.after).role, 'operator');
  assert.equal(add?.before, null);
  assert.ok(!JSON.stringify(rows).includes(password));
});

test('an account that cannot be noted in the audit log is not changed either', async (t) => {
  const vault = await start(t);
  const owner = await signInAs(vault, 'owner');
  await vault.database.schema.alterTable('audit').renameTo('audit_elsewhere').execute();
  for (const [method, path, body] of [
    ['POST', '/users', { name: 'eve', role: 'owner' }],
    ['PATCH', '/users/viewer', { role: 'owner' }],
    ['DELETE', '/users/viewer', undefined],
    ['POST', '/logins', { name: 'eve' }],
    ['DELETE', '/logins/alice', undefined],
    ['POST', '/invites', { name: 'eve' }],
  ] as const) {
    const answer = await owner.call(method, path, body === undefined ? {} : { body });
    assert.equal(answer.status, 500, `${method} ${path}`);
  }
  await vault.database.schema.alterTable('audit_elsewhere').renameTo('audit').execute();
  const { users } = await owner.read('listUsers', '/users');
  assert.deepEqual(
    users.map(({ name, role }) => [name, role]),
    [
      ['operator', 'operator'],
      ['owner', 'owner'],
      ['viewer', 'viewer'],
    ],
  );
  const { logins } = await owner.read('listLogins', '/logins');
  assert.deepEqual(logins.map(({ name }) => name).sort(), ['alice', 'bob']);
  assert.deepEqual((await owner.read('listInvites', '/invites')).invites, []);
});

test('every answer says that nothing of it may run, be framed or be kept', async (t) => {
  const vault = await start(t);
  for (const path of ['/session', '/audit', '/nothing', '/openapi.json']) {
    const { headers } = await callApi(vault, 'GET', path);
    assert.match(String(headers['content-security-policy']), /default-src 'none'/);
    assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cache-control'], 'no-store');
  }
});

test('paths and methods below /api never reach the repositories', async (t) => {
  const vault = await start(t);
  for (const [method, path, status] of [
    ['GET', '/api/v1/nothing', 404],
    ['GET', '/api/', 404],
    ['GET', '/api', 404],
    ['POST', '/api/config', 404],
    ['PATCH', '/api/v1/session', 405],
    ['DELETE', '/api/v1/audit', 405],
    ['GET', '/api/v1/%2e%2e/%2e%2e/alice/config', 404],
  ] as const) {
    const answer = await vault.call(method, path, { user: 'alice' });
    assert.equal(answer.status, status, `${method} ${path}`);
    assert.equal(answer.headers['content-type'], 'application/problem+json', path);
  }
});
