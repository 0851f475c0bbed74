/** What an operator does on the pages, one task a test. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startVault } from '../../src/vault/vault.ts';
import { withoutBrowser } from '../support/browser.ts';
import { signIn, startConsole } from '../support/console.ts';
import { backUp } from '../support/console-clients.ts';
import { makeHive } from '../support/make-hive.ts';
import { machineReg, windowsMachine } from '../support/windows-machine.ts';

const old = machineReg('2008 R2 SP1', {
  net35: true,
  keys: {
    'HKLM\\SYSTEM\\Select': { Current: 1 },
    'HKLM\\SYSTEM\\ControlSet001\\Control\\ComputerName\\ComputerName': { ComputerName: 'TILL-3' },
  },
});
const hiveText = old.replaceAll('[HKLM\\', '[HKEY_LOCAL_MACHINE\\');
const hive = (name: string): Buffer =>
  Buffer.from(makeHive(hiveText, `HKEY_LOCAL_MACHINE\\${name}`, 1000));
const log = Buffer.from(
  '0D98 2158 06/30 09:12:33.112 71 Cloud WARNING Failed to send the request: 0x80072EFE\r\n',
);

test('facts, an export, hives and a log that are given to the doctor are judged, and not kept', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url, vault } = await startConsole(t);
  const page = await open();
  await page.goto(`${url}/doctor`);
  await signIn(page, 'viewer');
  const facts = JSON.stringify({ ...windowsMachine('2022'), host: 'new-server' });
  const mimeType = 'application/octet-stream';
  for (const { files, answer } of [
    {
      files: [{ name: 'new-server.json', mimeType, buffer: Buffer.from(facts) }],
      answer: 'Its backup clients will still connect',
    },
    {
      files: [{ name: 'old.reg', mimeType, buffer: Buffer.from(old) }],
      answer: 'Its backup clients will be refused',
    },
    {
      files: ['SYSTEM', 'SOFTWARE'].map((name) => ({ name, mimeType, buffer: hive(name) })),
      answer: 'Its backup clients will be refused',
    },
    {
      files: [{ name: 'CBEngineCurr.errlog', mimeType, buffer: log }],
      answer: 'How to tell',
    },
    {
      files: [{ name: 'broken', mimeType, buffer: Buffer.from('regf'.padEnd(5000, '?')) }],
      answer: /^broken: /,
    },
  ]) {
    await page.locator('input[type=file]').setInputFiles(files);
    const [{ name = '' } = {}] = files;
    await page
      .locator('main section, main [role=alert]', { hasText: name })
      .getByText(answer)
      .first()
      .waitFor();
  }
  assert.deepEqual(await vault.database.selectFrom('client_facts').selectAll().execute(), []);
  assert.deepEqual(
    vault.files().filter((file) => !file.includes('/locks/')),
    [],
  );
});

test('a file dropped on the page is judged too, and its fix is shown with its undo', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url } = await startConsole(t);
  const page = await open();
  await page.goto(`${url}/doctor`);
  await signIn(page, 'viewer');
  await page.getByText('Drop files here').waitFor();
  const transfer = await page.evaluateHandle(`(() => {
    const data = new DataTransfer();
    data.items.add(new File([${JSON.stringify(old)}], 'old.reg'));
    return data;
  })()`);
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer: transfer });
  await page.getByRole('heading', { name: 'The fix, ready to use' }).waitFor();
  const first = await page.locator('.copy-block code').last().textContent();
  await page.getByText('reg, undo').click();
  assert.notEqual(await page.locator('.copy-block code').last().textContent(), first);
});

test('an error that is pasted gets its causes, and one that nobody knows says so', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url } = await startConsole(t);
  const page = await open();
  await page.goto(`${url}/explain`);
  await signIn(page, 'viewer');
  await page.getByLabel('The error').fill('remote error: tls: protocol version not supported');
  await page.getByRole('button', { name: 'Explain', exact: true }).click();
  await page.getByRole('heading', { name: 'How to tell' }).first().waitFor();
  await page.getByLabel('The error').fill('the cat sat on the mat');
  await page.getByRole('button', { name: 'Explain', exact: true }).click();
  await page.getByText('Nothing is known of this').waitFor();
});

test('an invitation is a QR code and commands, shown once, and can be taken back', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url, vault } = await startConsole(t);
  const page = await open();
  await page.goto(`${url}/vault`);
  await signIn(page, 'operator');
  await page.getByRole('button', { name: 'Invite a machine' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name of the machine').fill('till-8');
  await dialog.getByRole('button', { name: 'Invite a machine' }).click();
  await dialog.getByRole('img', { name: 'The first command as a QR code' }).waitFor();
  const [command = ''] = await dialog.locator('code').allTextContents();
  const [, token = ''] = /--token (\S{20,})/.exec(command) ?? [];
  assert.notEqual(token, '', command);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.ok(!(await page.content()).includes(token));
  await page.getByRole('button', { name: 'Take back the invitation of till-8' }).click();
  await page.getByText('No invitations.').waitFor();
  const audit = await vault.database.selectFrom('audit').select(['action', 'by']).execute();
  assert.deepEqual(
    audit
      .filter(({ action }) => action.startsWith('invite/'))
      .map(({ action, by }) => [action, by]),
    [
      ['invite/create', 'operator'],
      ['invite/delete', 'operator'],
    ],
  );
  assert.ok(
    !JSON.stringify(await vault.database.selectFrom('audit').selectAll().execute()).includes(token),
  );
});

test('clients that are selected get a tag, the table is narrowed by it, and the file says the same', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url, vault } = await startConsole(t);
  await backUp(vault, 'alice', 'TLSv1.2');
  await backUp(vault, 'bob');
  const page = await open({ acceptDownloads: true });
  await page.goto(`${url}/clients`);
  await signIn(page, 'operator');
  await page.getByLabel('Select alice').check();
  await page.getByRole('button', { name: 'Tag 1 selected' }).click();
  await page.getByRole('dialog').getByLabel('Tags to add').fill('tills');
  await page.getByRole('dialog').getByRole('button', { name: 'Change the tags' }).click();
  await page.getByText('1 client has new tags').waitFor();
  await page.getByLabel('Tag', { exact: true }).selectOption('tills');
  await page.getByText('1 of 2').waitFor();
  assert.equal(await page.getByRole('link', { name: 'bob' }).count(), 0);
  const waiting = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export CSV' }).click();
  const text = readFileSync(await (await waiting).path(), 'utf8');
  const [head, ...lines] = text.trimEnd().split('\r\n');
  assert.match(head ?? '', /^\ufeffid,kind,name,/);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /^login:alice,login,alice,/);
});

test('a vault that goes away is told, and when it is back the page goes on by itself', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url, vault } = await startConsole(t);
  await backUp(vault, 'alice');
  const page = await open();
  await page.goto(url);
  await signIn(page, 'viewer');
  const state = page.getByRole('status');
  await state.getByText('Live', { exact: true }).waitFor();
  await page.getByText('Is every client backed up?').waitFor();
  await vault.vault.close();
  await page.getByRole('alert').getByText('Connection lost').waitFor();
  await page.getByText('Is every client backed up?').waitFor();

  const { port } = vault.vault;
  const again = await startVault({ dataDir: vault.dataDir, listen: { host: '127.0.0.1', port } });
  t.after(() => again.close());
  await state.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('alert').waitFor({ state: 'detached' });
  await backUp({ ...vault, vault: again }, 'bob');
  await page.getByText('2 backups in the last day').waitFor();
});
