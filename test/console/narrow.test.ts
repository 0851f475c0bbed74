/** Every page with something on it, on a narrow screen, in both languages and both themes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { signInAs } from '../../src/vault/api/api-fixture.ts';
import { seriousViolations } from '../support/axe.ts';
import { withoutBrowser } from '../support/browser.ts';
import { signIn, startConsole } from '../support/console.ts';
import { backUp, enrolMachine } from '../support/console-clients.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { windowsMachine } from '../support/windows-machine.ts';

const plan = `name: the end of TLS 1.2
policy: intermediate
retirements:
  - capability: tls1.2
    observe: 2026-01-01
    warn: 2026-02-01
    brownout: 2098-01-01
    enforce: 2099-01-01
    windows:
      - {cron: '0 3 * * 1', duration: 1h, answer: http}
exemptions:
  - {client: alice, capability: tls1.2, until: 2099-06-01, reason: waits for an update}
`;
/** What text says when a value or a sentence is missing. */
const unfinished = /\{\w+\}|\bundefined\b|\bNaN\b|\[object |Invalid Date/;

test('at 380 px no page is wider than the screen, lacks a text or offends axe', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url, vault } = await startConsole(t);
  const facts = windowsMachine('2008 R2 SP1', { net35: true });
  const till = await enrolMachine(vault, { name: 'till-7', folder: tempFolder(t), facts });
  await backUp(vault, till);
  await backUp(vault, 'alice', 'TLSv1.2');
  const owner = await signInAs(vault, 'owner');
  const { revision } = await owner.read('getPolicy', '/policy');
  const applied = await owner.call('POST', '/policy/apply', {
    body: { draft: { yaml: plan }, reason: 'for the pictures', base: revision },
  });
  assert.equal(applied.status, 200, applied.body.toString());
  const paths = [
    ...(['', '/clients', '/clients/certificate:till-7', '/clients/login:alice'] as const),
    ...(['/retirement', '/doctor', '/explain', '/vault', '/audit'] as const),
  ];
  for (const { colorScheme, language } of [
    { colorScheme: 'dark', language: 'en' },
    { colorScheme: 'light', language: 'zh-CN' },
  ] as const) {
    const viewport = { width: 380, height: 800 };
    const page = await open({ colorScheme, viewport, reducedMotion: 'reduce' });
    await page.goto(url);
    await signIn(page, 'owner');
    await page.evaluate(`localStorage.setItem('sealift.language', '${language}')`);
    for (const path of paths) {
      await page.goto(`${url}${path}`);
      await loaded(page);
      const what = `${path} ${language} ${colorScheme}`;
      assert.equal(await page.locator('html').getAttribute('data-theme'), colorScheme, what);
      assert.deepEqual(await tooWide(page), [], what);
      const text = await page.locator('main').innerText();
      assert.doesNotMatch(text, unfinished, what);
      if (language === 'zh-CN') assert.match(text, /[\u4e00-\u9fff]/, what);
      assert.deepEqual(await seriousViolations(page), [], what);
    }
    await page.context().close();
  }
});

/** Until what the page asked for has come. */
async function loaded(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.waitForLoadState('load');
  await page.locator('.bone').first().waitFor({ state: 'detached' });
}

/** What stands out to the right of the screen without being scrolled in a part of its own. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.querySelectorAll('main *')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .map((element) => element.outerHTML.slice(0, 120));
  })()`);
}
