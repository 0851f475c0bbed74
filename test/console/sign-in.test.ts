import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callApi, signInAs } from '../../src/vault/api/api-fixture.ts';
import { seriousViolations } from '../support/axe.ts';
import { withoutBrowser } from '../support/browser.ts';
import { signIn, startConsole } from '../support/console.ts';

const pages = [
  ...(['', '/clients', '/retirement', '/doctor'] as const),
  ...(['/explain', '/vault', '/audit'] as const),
];

test('who is not signed in sees only the sign-in page, and then the page asked for', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url } = await startConsole(t);
  const page = await open();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(`${url}/vault`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.deepEqual(
    asked.filter((path) => path.startsWith('/api/')),
    ['/api/v1/session'],
  );
  await signIn(page, 'owner');
  await page.getByRole('heading', { name: 'Vault', level: 1 }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/console/vault');
});

test('a wrong password is told, and signing out ends what the page may see', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url } = await startConsole(t);
  const page = await open();
  await page.goto(url);
  await page.getByLabel('Name', { exact: true }).fill('owner');
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('alert').waitFor();
  await signIn(page, 'owner');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('a password that somebody else made must be changed first, and one changes it on one page later', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url, vault } = await startConsole(t);
  const owner = await signInAs(vault, 'owner');
  const made = await owner.call('POST', '/users', { body: { name: 'erin', role: 'viewer' } });
  const { password } = JSON.parse(made.body.toString()) as { password: string };
  const page = await open();
  const change = async (current: string, next: string, again = next): Promise<void> => {
    await page.getByLabel('Present password').fill(current);
    await page.getByLabel('New password', { exact: true }).fill(next);
    await page.getByLabel('New password again').fill(again);
    await page.getByRole('button', { name: 'Change the password' }).click();
  };
  await page.goto(`${url}/vault`);
  await page.getByLabel('Name', { exact: true }).fill('erin');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'Choose a password' }).waitFor();
  assert.equal(await page.getByRole('navigation').count(), 0);
  assert.deepEqual(await seriousViolations(page), []);
  await change(password, 'a first password', 'another password');
  await page.getByText('The two are not the same').waitFor();
  await change(password, 'a first password');
  await page.getByRole('heading', { name: 'Vault', level: 1 }).waitFor();

  await change('not the present one', 'a second password');
  await page.getByRole('alert').first().waitFor();
  await change('a first password', 'a second password');
  await page.getByText('The password is changed').waitFor();
  const session = { method: 'password', name: 'erin', password: 'a second password' };
  assert.equal((await callApi(vault, 'POST', '/session', { body: session })).status, 201);
});

test('no page asks for anything outside of the vault, and none offends its own policy', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url } = await startConsole(t);
  const page = await open();
  const outside: string[] = [];
  const refused: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) outside.push(request.url());
  });
  page.on('console', (message) => {
    if (/content security policy|TrustedScript/i.test(message.text())) refused.push(message.text());
  });
  await page.goto(url);
  await signIn(page, 'owner');
  for (const path of pages) {
    await page.goto(`${url}${path}`);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
  }
  assert.deepEqual(outside, []);
  assert.deepEqual(refused, []);
});

test('axe finds no serious violation on any page, in both languages and themes', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url } = await startConsole(t);
  for (const { colorScheme, locale } of [
    { colorScheme: 'light', locale: 'en' },
    { colorScheme: 'dark', locale: 'zh-CN' },
  ] as const) {
    const page = await open({ colorScheme, locale: 'en', reducedMotion: 'reduce' });
    await page.goto(url);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.deepEqual(await seriousViolations(page), [], `sign-in ${colorScheme}`);
    await signIn(page, 'owner');
    if (locale === 'zh-CN') {
      await page.getByRole('button', { name: '简体中文' }).click();
      await page.getByRole('navigation', { name: '主导航' }).waitFor();
      assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
      assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
    }
    for (const path of pages) {
      await page.goto(`${url}${path}`);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      assert.deepEqual(await seriousViolations(page), [], `${path} ${colorScheme}`);
    }
  }
});
