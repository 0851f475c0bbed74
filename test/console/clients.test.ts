/** Clients in a browser: who is refused shows by itself, its fix is at hand, roles and bad names. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { withoutBrowser } from '../support/browser.ts';
import { signIn, startConsole } from '../support/console.ts';
import { backUp, enrolMachine, vaultWithClients } from '../support/console-clients.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { windowsMachine } from '../support/windows-machine.ts';

test('a client that is refused shows at once, and the fix that its doctor names is downloaded', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url, vault } = await startConsole(t);
  const folder = tempFolder(t);
  const facts = windowsMachine('2008 R2 SP1', { net35: true });
  const till = await enrolMachine(vault, { name: 'till-7', folder, facts });
  const page = await open({ acceptDownloads: true });
  await page.goto(`${url}/clients`);
  await signIn(page, 'owner');
  await page.getByRole('link', { name: 'till-7' }).click();
  await page.getByRole('heading', { name: 'till-7', level: 1 }).waitFor();

  // It enrolled with TLS 1.3, so that the ratchet refuses both its requests; nothing is clicked meanwhile.
  assert.equal(await backUp(vault, till, 'TLSv1.2'), 403);
  await page.getByText(/ accepted, 2 refused, /).waitFor();

  const waiting = page.waitForEvent('download');
  await page
    .getByRole('button', { name: /^Download .*\.reg$/ })
    .first()
    .click();
  const file = await (await waiting).path();
  const text = readFileSync(file);
  assert.match(text.toString(text[0] === 0xff ? 'utf16le' : 'utf8'), /Windows Registry Editor/);
});

test('each role sees and may do its own: a viewer changes nothing, an operator no plan', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url, vault } = await startConsole(t);
  await backUp(vault, 'alice');
  for (const [role, exemptions, edits] of [
    ['viewer', 0, 0],
    ['operator', 1, 0],
    ['owner', 1, 1],
  ] as const) {
    const page = await open();
    await page.goto(`${url}/retirement`);
    await signIn(page, role);
    await page.getByRole('heading', { name: 'Exemptions' }).waitFor();
    const add = page.getByRole('button', { name: 'Add an exemption' });
    assert.equal(await add.count(), exemptions, role);
    await page.getByRole('button', { name: 'Edit the plan' }).click();
    await page.getByRole('button', { name: 'Simulate' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Apply' }).count(), edits, role);
    // What the page does not show is refused all the same.
    const status = await page.evaluate(`(async () => {
      const { csrfToken: csrf } = await (await fetch('/api/v1/session')).json();
      const headers = { 'content-type': 'application/json', 'x-sealift-csrf': csrf };
      return (await fetch('/api/v1/policy/apply', { method: 'POST', headers, body: '{}' })).status;
    })()`);
    assert.equal(status, role === 'owner' ? 400 : 403, role);
    await page.context().close();
  }
});

test('the table of clients is sorted, scrolled, selected in and left for a client by keyboard alone', {
  skip: withoutBrowser,
}, async (t) => {
  const dataDir = await vaultWithClients(t, 60);
  const { page: open, url } = await startConsole(t, { dataDir });
  const page = await open({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${url}/clients`);
  await signIn(page, 'owner');
  const table = page.getByRole('table', { name: 'Clients' });
  await table.getByRole('link').first().waitFor();
  const press = (key: string): Promise<void> => page.keyboard.press(key);
  // From the last field above it.
  await page.getByLabel('Show', { exact: true }).focus();
  await press('Tab');
  const top = await page.evaluate('document.activeElement.scrollTop');
  await press('End');
  await page.getByRole('link', { name: 'machine-9', exact: true }).waitFor();
  assert.notEqual(await page.evaluate('document.activeElement.scrollTop'), top);
  await press('Home');
  for (const _ of ['select all', 'client']) await press('Tab');
  const byName = table.getByRole('columnheader', { name: 'Client' });
  assert.equal(await byName.getAttribute('aria-sort'), 'ascending');
  await press('Enter');
  await table.locator('[aria-sort=descending]').waitFor();
  await table.getByRole('link').first().waitFor();
  await table.getByRole('checkbox').nth(1).focus();
  await press('Space');
  await page.getByRole('button', { name: 'Tag 1 selected' }).waitFor();
  await press('Tab');
  const name = await page.evaluate<string>('document.activeElement.textContent');
  await press('Enter');
  await page.getByRole('heading', { name, level: 1, exact: true }).waitFor();
});

test('names, notes, facts and servers that a client chooses are shown as text and run nothing', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url, vault } = await startConsole(t);
  const folder = tempFolder(t);
  const evil = '<img src=x onerror="window.hacked=1">';
  const facts = { ...windowsMachine('2016'), host: evil, name: evil };
  await enrolMachine(vault, { name: 'plain', folder, facts });
  const serverName = '<img src=x onerror="window.hacked=2">.example';
  await backUp(vault, 'alice');
  const headers = { 'user-agent': evil, referer: evil };
  await vault.call('GET', '/alice/config', { user: 'alice', headers, servername: serverName });
  await vault.vault.flush();
  const page = await open();
  const offences: string[] = [];
  page.on('dialog', () => offences.push('dialog'));
  page.on('console', (message) => {
    if (/content security policy|TrustedHTML/i.test(message.text())) offences.push(message.text());
  });
  await page.goto(`${url}/clients`);
  await signIn(page, 'owner');
  await page.getByRole('link', { name: 'alice' }).click();
  await page.getByRole('heading', { name: 'alice', level: 1 }).waitFor();
  await page.getByLabel('New note').fill(evil);
  await page.getByRole('button', { name: 'Add the note' }).click();
  await page.getByText(evil).first().waitFor();
  await page.getByText(serverName).first().waitFor();
  await page.goto(`${url}/clients`);
  await page.getByRole('link', { name: 'plain', exact: true }).click();
  await page.getByRole('heading', { name: 'plain', level: 1, exact: true }).waitFor();
  await page.goto(`${url}/audit`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  assert.equal(await page.evaluate('window.hacked'), undefined);
  assert.equal(await page.locator('img[src="x"]').count(), 0);
  assert.deepEqual(offences, []);
});

test('the policy of the page refuses scripts and markup that are made from text', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url } = await startConsole(t);
  const page = await open();
  await page.goto(url);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  const attempt = page.evaluate(`(() => {
    const link = document.createElement('a');
    link.setAttribute('onclick', 'window.hacked = 1');
  })()`);
  await assert.rejects(attempt, /TrustedScript/);
  const inserted = page.evaluate("document.body.innerHTML = '<img src=x onerror=hacked=1>'");
  await assert.rejects(inserted, /TrustedHTML/);
});
