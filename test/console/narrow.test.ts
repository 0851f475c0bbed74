/** Every page with something on it, and every dialog, on a narrow screen, in both languages and both themes. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { sayIn } from '../../src/console/texts/texts.ts';
import { signInAs } from '../../src/vault/api/api-fixture.ts';
import { seriousViolations } from '../support/axe.ts';
import { withoutBrowser } from '../support/browser.ts';
import { signIn, startConsole, type TestConsole } from '../support/console.ts';
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
  const { page: open, url } = await startFilled(t);
  const paths = [
    ...(['', '/clients', '/clients/certificate:till-7', '/clients/login:alice'] as const),
    ...(['/retirement', '/doctor', '/explain', '/vault', '/audit'] as const),
  ];
  for (const { colorScheme, language } of [
    { colorScheme: 'dark', language: 'en' },
    { colorScheme: 'light', language: 'zh-CN' },
  ] as const) {
    const page = await openAsOwner(open, url, { colorScheme, language });
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

test('at 380 px no dialog is wider than the screen, lacks a text or offends axe, nor does the draft', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url } = await startFilled(t);
  for (const { colorScheme, language } of [
    { colorScheme: 'light', language: 'en' },
    { colorScheme: 'dark', language: 'zh-CN' },
  ] as const) {
    const page = await openAsOwner(open, url, { colorScheme, language });
    const say = sayIn(language);
    const button = (name: string, within: Page | Locator = page): Locator =>
      within.getByRole('button', { name, exact: true }).first();
    const dialog = page.getByRole('dialog');
    const look = async (what: string): Promise<void> => {
      const place = `${what} ${language} ${colorScheme}`;
      await page.locator('.bone').first().waitFor({ state: 'detached' });
      assert.deepEqual(await tooWide(page), [], place);
      assert.doesNotMatch(await page.locator('body').innerText(), unfinished, place);
      assert.deepEqual(await seriousViolations(page), [], place);
    };
    const lookAt = async (opener: Locator): Promise<void> => {
      const name = await opener.innerText();
      await opener.click();
      await dialog.waitFor();
      await look(name);
    };
    const close = async (): Promise<void> => {
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
    };
    const go = async (path: string): Promise<void> => {
      await page.goto(`${url}${path}`);
      await loaded(page);
    };

    await go('/clients');
    await page.getByLabel(say('table.select', { name: 'alice' })).check();
    await lookAt(button(say('clients.tag', { count: 1 })));

    await go('/clients/certificate:till-7');
    for (const name of [say('ratchet.release'), say('certificate.revoke')]) {
      await lookAt(button(name));
      await close();
    }

    await go('/retirement');
    for (const name of [
      say('exemption.add'),
      say('exemption.endOf', { client: 'alice' }),
      say('audit.show'),
    ]) {
      await lookAt(button(name));
      await close();
    }
    await lookAt(button(say('history.putBack')));
    await close();
    await button(say('plan.edit')).click();
    await page.getByText(say('draft.ok')).waitFor();
    await look('the form of the draft');
    await button(say('draft.simulate')).click();
    await page
      .getByRole('region', { name: say('draft.title'), exact: true })
      .last()
      .waitFor();
    await look('the draft, simulated');
    await lookAt(button(say('draft.apply')));
    await close();
    await page.getByText(say('draft.text'), { exact: true }).click();
    await page.getByLabel(say('draft.yaml')).fill('name: x\npolicy: nothing-like-it\n');
    await page
      .getByText(/nothing-like-it/)
      .last()
      .waitFor();
    await look('a draft that cannot be read');

    await go('/vault');
    await lookAt(button(say('storage.setQuotaOf', { name: 'alice' })));
    await close();
    for (const { opener, field, name, removal } of [
      { opener: say('invite.make'), field: say('first.machine'), name: 'till-9' },
      {
        ...{ opener: say('login.add'), field: say('session.name'), name: 'carol' },
        removal: 'login.removeOf',
      },
      {
        ...{ opener: say('user.add'), field: say('session.name'), name: 'erin' },
        removal: 'user.removeOf',
      },
      { opener: say('token.make'), field: say('token.name'), name: 'grafana' },
    ] as const) {
      await lookAt(button(opener));
      await dialog.getByLabel(field, { exact: true }).fill(name);
      await button(opener, dialog).click();
      // What is told once: a password, a token, a QR code.
      await dialog.locator('code').first().waitFor();
      await look(`${opener}: done`);
      await close();
      if (removal === undefined) continue;
      await lookAt(page.getByRole('button', { name: say(removal, { name }) }));
      await button(say('login.remove'), dialog).click();
      await dialog.waitFor({ state: 'detached' });
    }
    await page.context().close();
  }
});

interface Looks {
  readonly colorScheme: 'light' | 'dark';
  readonly language: 'en' | 'zh-CN';
}

async function openAsOwner(
  open: TestConsole['page'],
  url: string,
  { colorScheme, language }: Looks,
): Promise<Page> {
  const viewport = { width: 380, height: 800 };
  const page = await open({ colorScheme, viewport, reducedMotion: 'reduce' });
  await page.goto(url);
  await signIn(page, 'owner');
  await page.evaluate(`localStorage.setItem('sealift.language', '${language}')`);
  return page;
}

/** A vault that has something for every page. */
async function startFilled(t: TestContext): Promise<TestConsole> {
  const running = await startConsole(t);
  const { vault } = running;
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
  // Without a quota it would not be in the table before the storage is measured again.
  await owner.call('PUT', '/storage/quotas/alice', { body: { bytes: 10_000_000 } });
  return running;
}

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
