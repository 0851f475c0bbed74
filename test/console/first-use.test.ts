import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withoutBrowser } from '../support/browser.ts';
import { signIn, startConsole } from '../support/console.ts';
import { mustRunSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

test('an empty vault shows three commands that make the first backup, and the page goes on when it arrives', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url } = await startConsole(t);
  const folder = tempFolder(t);
  const page = await open();
  await page.goto(url);
  await signIn(page, 'owner');
  await page.getByRole('heading', { name: 'Make the first backup' }).waitFor();
  await page.getByLabel('Name of the machine').fill('laptop');
  await page.getByRole('button', { name: 'Make the commands' }).click();
  await page.getByText(/--token [^…]/).waitFor();
  const commands = await page.locator('ol.first-commands code').allTextContents();
  assert.equal(commands.length, 3);

  const source = join(folder, 'documents');
  writeFileSync(source, 'content');
  const env = { SEALIFT_CONFIG_DIR: join(folder, 'config'), SEALIFT_PASSWORD: 'secret' };
  for (const command of commands) {
    const [, ...args] = command.split(' ');
    const here = args.map((arg) => (arg.startsWith('~') || arg === 'FOLDER' ? source : arg));
    await mustRunSealift(here, { env });
  }
  // Nothing was clicked: the vault's event has the page read again.
  await page.getByRole('heading', { name: 'Is every client backed up?' }).waitFor();
  await page.getByText('1 backup in the last day added').waitFor();
  assert.equal(await page.getByRole('heading', { name: 'Make the first backup' }).count(), 0);
  await page.getByRole('link', { name: 'Clients', exact: true }).click();
  await page.getByRole('link', { name: 'laptop' }).click();
  await page.getByRole('heading', { name: 'laptop', level: 1 }).waitFor();
  await page.getByText('1 snapshot arrived').waitFor();
});
