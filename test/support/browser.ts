/**
 * Debian's Chromium, driven by playwright-core. `SEALIFT_CHROMIUM` names another one; where none is found
 * a test is skipped with the reason, which `.ci/run` counts as a failure.
 */

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

export const chromiumPath = process.env['SEALIFT_CHROMIUM'] ?? '/usr/bin/chromium';

/** The reason to skip a test, or false. */
export const withoutBrowser: string | false =
  process.env['SEALIFT_NO_PEERS'] === '1' || !existsSync(chromiumPath)
    ? `Chromium is not at ${chromiumPath}`
    : false;

/** Nothing that talks to the world outside of this machine. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface TestBrowser {
  readonly browser: Browser;
  /** A page of its own session: no cookie, no stored choice of another page. */
  page(options?: BrowserContextOptions): Promise<Page>;
}

/** One browser for a test file; it ends with the test. */
export async function startBrowser(t: Pick<TestContext, 'after'>): Promise<TestBrowser> {
  const home = await mkdtemp(join(tmpdir(), 'sealift-browser-'));
  t.after(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    args: flags,
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home },
  });
  t.after(() => browser.close());
  return {
    browser,
    async page(options = {}) {
      // The vault's certificate comes from its own authority, which no browser knows.
      const context = await browser.newContext({
        ignoreHTTPSErrors: true,
        locale: 'en',
        ...options,
      });
      return context.newPage();
    },
  };
}
