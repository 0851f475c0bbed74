import assert from 'node:assert/strict';
import { test } from 'node:test';
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
