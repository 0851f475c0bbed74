/** A vault with console users and a browser in front of it. */

import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { buildConsole } from '../../scripts/build-console.ts';
import { addConsoleUsers, consolePasswordOf } from '../../src/vault/api/api-fixture.ts';
import { startTestVault, type TestVault } from '../../src/vault/vault-fixture.ts';
import { startBrowser, type TestBrowser } from './browser.ts';

export interface TestConsole extends TestBrowser {
  readonly vault: TestVault;
  /** `https://127.0.0.1:PORT/console` */
  readonly url: string;
}

/**
 * Users are called as their roles: viewer, operator, owner.
 * @param options of the vault behind it
 */
export async function startConsole(
  t: Pick<TestContext, 'after'>,
  options: Parameters<typeof startTestVault>[1] = {},
): Promise<TestConsole> {
  await buildConsole();
  const vault = await startTestVault(t, options);
  await addConsoleUsers(vault.database);
  const browser = await startBrowser(t);
  const url = new URL('/console', vault.vault.url).href;
  return { ...browser, vault, url };
}

/** Signs in as a person does, from whatever page of the console is open. */
export async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Password', { exact: true }).fill(consolePasswordOf(name));
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  // The navigation is behind a button where the screen is narrow.
  await page.locator('#main').waitFor();
}
