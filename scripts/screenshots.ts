/**
 * The pictures of the README (`npm run screenshots`): the console over the vault of `npm run demo:fleet`,
 * which is played first where its folder is not there.
 *
 *     npm run screenshots -- [--data FOLDER]
 */

import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/base/time.ts';
import {
  addConsoleUser,
  changeConsoleUser,
  findConsoleUser,
  makePassword,
} from '../src/vault/accounts/console-users.ts';
import { withVaultDatabase } from '../src/vault/database/database.ts';
import { startVault } from '../src/vault/vault.ts';
import { startBrowser } from '../test/support/browser.ts';
import { buildConsole } from './build-console.ts';
import { playYear } from './demo-fleet/play-year.ts';

const { values } = parseArgs({
  options: { data: { type: 'string', default: join(tmpdir(), 'sealift-demo-fleet') } },
});
const dataDir = resolve(values.data);
const pictures = resolve(import.meta.dirname, '../docs/images');
const user = 'photographer';

const cleanUps: (() => unknown)[] = [];
const after: TestContext['after'] = (cleanUp) => {
  if (cleanUp !== undefined) cleanUps.push(cleanUp as () => unknown);
};
try {
  await main();
} finally {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
}

async function main(): Promise<void> {
  if (!existsSync(join(dataDir, 'vault.db'))) {
    console.log(`Playing a year into ${dataDir}; this takes some minutes`);
    await playYear({ dataDir, clients: 400, days: 365, seed: 1, endMs: Date.now() });
  }
  await buildConsole();
  const password = makePassword();
  await withVaultDatabase(dataDir, async (database) => {
    const change = { role: 'owner', password, mustChange: false } as const;
    if (await findConsoleUser(database, user)) await changeConsoleUser(database, user, change);
    else await addConsoleUser(database, { name: user, ...change }, systemClock);
  });
  const vault = await startVault({ dataDir, listen: { host: '127.0.0.1', port: 0 } });
  cleanUps.push(() => vault.close());
  const { page: open } = await startBrowser({ after });
  const page = await open({
    viewport: { width: 1280, height: 900 },
    colorScheme: 'light',
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
  });
  await mkdir(pictures, { recursive: true });
  const url = new URL('/console', vault.url).href;
  await page.goto(url);
  await page.getByLabel('Name', { exact: true }).fill(user);
  await page.getByLabel('Password', { exact: true }).fill(password.reveal());
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  for (const [path, heading, name] of [
    ['', 'Is every client backed up?', 'overview'],
    ['/retirement', 'The plan in force', 'retirement'],
  ] as const) {
    await page.goto(`${url}${path}`);
    await page.getByRole('heading', { name: heading }).waitFor();
    // What is drawn after the data have come: the chart, the calendar.
    await page.waitForLoadState('load');
    await page.locator('.bone').first().waitFor({ state: 'detached' });
    await page.waitForTimeout(1000);
    const file = join(pictures, `console-${name}.png`);
    await page.screenshot({ path: file });
    console.log(file);
  }
}
