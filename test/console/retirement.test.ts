/** The retirement is steered in a browser: a draft is simulated, applied and put back; exemptions end. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { signInAs } from '../../src/vault/api/api-fixture.ts';
import { withoutBrowser } from '../support/browser.ts';
import { signIn, startConsole } from '../support/console.ts';
import { backUp } from '../support/console-clients.ts';

const dayMs = 86_400_000;

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function planText(name: string, enforceMs: number): string {
  return `name: ${name}
policy: intermediate
retirements:
  - capability: tls1.2
    observe: ${day(enforceMs - 90 * dayMs)}
    warn: ${day(enforceMs - 60 * dayMs)}
    enforce: ${day(enforceMs)}
`;
}

/** Puts a text in force by way of draft, check and simulation. */
async function applyText(page: Page, text: string, reason: string): Promise<void> {
  await page.getByRole('button', { name: 'Edit the plan' }).click();
  await page.getByText('Text', { exact: true }).click();
  await page.getByLabel('Plan (YAML)').fill(text);
  await page.getByText('The draft does not contradict itself.').waitFor();
  await page.getByRole('button', { name: 'Simulate' }).click();
  await page.getByRole('region', { name: 'The draft' }).waitFor();
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByLabel('Reason').fill(reason);
  await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
  await page.getByText('The plan is in force').first().waitFor();
}

test('a draft names who would fail, is applied with its reason, and the plan before is put back', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url, vault } = await startConsole(t);
  assert.equal(await backUp(vault, 'alice', 'TLSv1.2'), 200);
  assert.equal(await backUp(vault, 'bob'), 200);
  const page = await open();
  await page.goto(`${url}/retirement`);
  await signIn(page, 'owner');
  await page.getByRole('button', { name: 'Edit the plan' }).click();
  await page.getByText('Text', { exact: true }).click();
  const text = planText('the end of TLS 1.2', Date.now() - dayMs);
  await page.getByLabel('Plan (YAML)').fill(text);
  await page.getByText('The draft does not contradict itself.').waitFor();
  const apply = page.getByRole('button', { name: 'Apply' });
  assert.equal(await apply.isDisabled(), true, 'not before it is simulated');
  await page.getByRole('button', { name: 'Simulate' }).click();
  const draft = page.getByRole('region', { name: 'The draft' });
  await draft.getByText('1 would fail').waitFor();
  await draft.getByRole('link', { name: 'alice' }).waitFor();
  assert.equal(await draft.getByRole('link', { name: 'bob' }).count(), 0);
  const current = page.getByRole('region', { name: 'The plan in force' });
  assert.equal(await current.getByRole('link', { name: 'alice' }).count(), 0);

  await apply.click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('1 client would fail').waitFor();
  await dialog.getByLabel('Reason').fill('a drill');
  await dialog.getByRole('button', { name: 'Apply' }).click();
  const history = page.getByRole('table', { name: 'History' });
  await history.getByRole('row', { name: /the end of TLS 1\.2.*a drill/ }).waitFor();
  await assert.rejects(backUp(vault, 'alice', 'TLSv1.2'), /alert/);

  await history.getByRole('button', { name: 'Put back' }).first().click();
  await dialog.getByLabel('Reason').fill('the drill is over');
  await dialog.getByRole('button', { name: 'Put back' }).click();
  await history.getByRole('row', { name: /the drill is over/ }).waitFor();
  assert.equal(await backUp(vault, 'alice', 'TLSv1.2'), 200);

  await page.goto(`${url}/audit`);
  await page.getByText('a drill', { exact: true }).first().waitFor();
  await page.getByText('the drill is over').first().waitFor();
});

test('a contradiction in a draft is told at its line, and such a draft cannot be applied', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url } = await startConsole(t);
  const page = await open();
  await page.goto(`${url}/retirement`);
  await signIn(page, 'owner');
  await page.getByRole('button', { name: 'Edit the plan' }).click();
  await page.getByText('Text', { exact: true }).click();
  await page.getByLabel('Plan (YAML)').fill('name: x\npolicy: nothing-like-it\n');
  await page
    .getByText(/nothing-like-it/)
    .last()
    .waitFor();
  assert.equal(await page.getByRole('button', { name: 'Apply' }).isDisabled(), true);
});

test('a plan is made with the form alone: a retirement with its dates, a window and a wave', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url, vault } = await startConsole(t);
  const page = await open();
  await page.goto(`${url}/retirement`);
  await signIn(page, 'owner');
  await page.getByRole('button', { name: 'Edit the plan' }).click();
  await page.getByRole('button', { name: 'Add a retirement' }).click();
  await page.getByLabel('Capability').selectOption('tls1.2');
  await page.getByLabel('brownout from').fill(day(Date.now() + 30 * dayMs));
  await page.getByLabel('enforce from').fill(day(Date.now() + 90 * dayMs));
  await page.getByRole('button', { name: 'Add a brownout window' }).click();
  await page.getByLabel('Opens (cron)').fill('0 4 * * 2');
  await page.getByRole('button', { name: 'Add a wave' }).click();
  await page.getByLabel('Tags', { exact: true }).last().fill('tills');
  // A warning, and no contradiction.
  await page.getByText('nobody whom the vault knows is in the wave').waitFor();
  await page.getByRole('button', { name: 'Simulate' }).click();
  await page.getByRole('button', { name: 'Apply', disabled: false }).click();
  await page.getByLabel('Reason').fill('by the form');
  await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
  await page.getByText('The plan is in force').first().waitFor();
  const { plan } = await (await signInAs(vault, 'owner')).read('getPolicy', '/policy');
  const [retirement] = plan.retirements ?? [];
  assert.equal(retirement?.capability, 'tls1.2');
  assert.equal(retirement?.enforce, day(Date.now() + 90 * dayMs));
  assert.deepEqual(
    retirement?.windows?.map(({ cron }) => cron),
    ['0 4 * * 2'],
  );
  assert.deepEqual(
    plan.waves?.map(({ tags }) => tags),
    [['tills']],
  );
});

test('the brownout windows of a draft stand in the calendar beside those of the plan in force', {
  skip: withoutBrowser,
}, async (t) => {
  const { page: open, url, vault } = await startConsole(t);
  const withWindow = (hour: number): string => `name: brownouts
policy: intermediate
retirements:
  - capability: tls1.2
    brownout: ${day(Date.now() - 40 * dayMs)}
    enforce: ${day(Date.now() + 400 * dayMs)}
    windows:
      - {cron: '15 ${hour} * * *', duration: 10m, answer: http}
`;
  const owner = await signInAs(vault, 'owner');
  const { revision } = await owner.read('getPolicy', '/policy');
  const body = { draft: { yaml: withWindow(3) }, reason: 'a start', base: revision };
  assert.equal((await owner.call('POST', '/policy/apply', { body })).status, 200);
  const page = await open({ timezoneId: 'UTC' });
  await page.goto(`${url}/retirement`);
  await signIn(page, 'viewer');
  const calendar = page.locator('.calendar');
  const windows = (only?: 'plan' | 'draft'): Promise<number> =>
    calendar.locator(only === undefined ? 'li' : `li[data-only=${only}]`).count();
  await calendar.getByText('03:15').first().waitFor();
  const days = await windows();
  assert.ok(days >= 28, `${days} windows`);
  await page.getByRole('button', { name: 'Edit the plan' }).click();
  await page.getByText('Text', { exact: true }).click();
  await page.getByLabel('Plan (YAML)').fill(withWindow(4));
  await calendar.getByText('In the draft only').first().waitFor();
  assert.equal(await windows('plan'), days);
  assert.equal(await windows('draft'), days);
  assert.match(
    (await calendar.locator('li[data-only=draft]').first().textContent()) ?? '',
    /04:15/,
  );
  await page.getByRole('button', { name: 'Discard' }).click();
  await calendar.getByText('In the draft only').first().waitFor({ state: 'detached' });
  assert.equal(await windows(), days);
});

test('an exemption lets a client through until it ends by itself', {
  skip: withoutBrowser,
}, async (t) => {
  let nowMs = Date.now();
  const { page: open, url, vault } = await startConsole(t, { clock: { now: () => nowMs } });
  assert.equal(await backUp(vault, 'alice', 'TLSv1.2'), 200);
  const page = await open();
  await page.goto(`${url}/retirement`);
  await signIn(page, 'owner');
  await applyText(page, planText('no TLS 1.2', nowMs - dayMs), 'it is time');
  await assert.rejects(backUp(vault, 'alice', 'TLSv1.2'), /alert/);

  await page.getByRole('button', { name: 'Add an exemption' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Client, network or fingerprint').fill('alice');
  await dialog.getByLabel('Ends on (0:00 UTC)').fill(day(nowMs + 3 * dayMs));
  await dialog.getByLabel('Reason').fill('waits for an update');
  await dialog.getByRole('button', { name: /exemption/i }).click();
  await page.getByText(/left$/).first().waitFor();
  assert.equal(await backUp(vault, 'alice', 'TLSv1.2'), 200);

  nowMs += 4 * dayMs;
  await assert.rejects(backUp(vault, 'alice', 'TLSv1.2'), /alert/);
  // The session has ended with its time, as the clock went on.
  await page.reload();
  await signIn(page, 'owner');
  await page.getByText('ended', { exact: true }).first().waitFor();
});
