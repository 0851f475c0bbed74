/**
 * How fast the console is, by the browser's own performance API. The bounds are requirements of the
 * console. What other programs of this machine take of its processors must not decide, so frames are
 * measured in processor time of the page's main thread, and of several runs the best one counts.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CDPSession, Page } from 'playwright-core';
import { withoutBrowser } from '../support/browser.ts';
import { signIn, startConsole, type TestConsole } from '../support/console.ts';
import { vaultWithClients } from '../support/console-clients.ts';

const clients = 10_000;
const frames = 40;
const scrollRuns = 3;
const longestFrameMs = 100;
const firstPaintMs = 1500;
const coldStarts = 8;

test('ten thousand clients scroll by a page a frame, and no frame takes over 100 ms', {
  skip: withoutBrowser,
}, async (t) => {
  const dataDir = await vaultWithClients(t, clients);
  const { page: open, url } = await startConsole(t, { dataDir });
  const page = await open({ viewport: { width: 1680, height: 1000 } });
  page.setDefaultTimeout(120_000);
  await page.goto(`${url}/clients`);
  await signIn(page, 'owner');
  await page.getByText(/^10,00\d of 10,00\d$/).waitFor();
  await page.getByRole('link', { name: 'machine-0', exact: true }).waitFor();
  const session = await page.context().newCDPSession(page);
  // Processor time of the thread, not what the clock says.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const longest = await best(scrollRuns, longestFrameMs, () => scrollThrough(page, session));
  t.diagnostic(`the longest frame of each run: ${milliseconds(longest)}`);
  assert.ok(Math.min(...longest) < longestFrameMs, milliseconds(longest));
});

test('the first page has its first content within 1.5 s, cold', {
  skip: withoutBrowser,
}, async (t) => {
  const running = await startConsole(t);
  const paints = await best(coldStarts, firstPaintMs, () => firstPaint(running));
  t.diagnostic(`first contentful paint of each start: ${milliseconds(paints)}`);
  assert.ok(Math.min(...paints) < firstPaintMs, milliseconds(paints));
});

/** Measures until a result is below the bound, or so many times. */
async function best(
  most: number,
  bound: number,
  measure: () => Promise<number>,
): Promise<number[]> {
  const results: number[] = [];
  while (results.length < most && !results.some((ms) => ms < bound)) results.push(await measure());
  return results;
}

function milliseconds(all: readonly number[]): string {
  return `${all.map((ms) => ms.toFixed(0)).join(', ')} ms`;
}

/** @returns the longest frame of a scroll by one page a frame, in milliseconds of processor time */
async function scrollThrough(page: Page, session: CDPSession): Promise<number> {
  let longestMs = 0;
  for (let frame = 0; frame < frames; frame++) {
    const beforeMs = await threadMs(session);
    const { rows, top } = await scrollByPage(page);
    longestMs = Math.max(longestMs, (await threadMs(session)) - beforeMs);
    assert.ok(rows > 10, `${rows} rows are in sight at ${top} px`);
  }
  return longestMs;
}

/** Processor time that the page's main thread has spent on tasks. */
async function threadMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  const found = metrics.find(({ name }) => name === 'TaskDuration');
  assert.ok(found);
  return found.value * 1000;
}

/** Scrolls, waits for the frame that shows it, and counts the rows that lie in sight. */
async function scrollByPage(page: Page): Promise<{ rows: number; top: number }> {
  return page.evaluate(`(async () => {
    const scroller = document.querySelector('.data-table');
    scroller.scrollTop += scroller.clientHeight;
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const { top, bottom } = scroller.getBoundingClientRect();
    const inSight = [...scroller.querySelectorAll('[role=cell] a')].filter((link) => {
      const place = link.getBoundingClientRect();
      return place.top >= top && place.bottom <= bottom;
    });
    return { rows: inSight.length, top: scroller.scrollTop };
  })()`);
}

/** Of a session of its own, which has nothing in its cache. */
async function firstPaint({ page: open, url }: TestConsole): Promise<number> {
  const page = await open();
  await page.goto(url);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  // The entry comes after the frame, which may be later than the heading.
  const ms = await page.evaluate<number>(`new Promise((done) => {
    new PerformanceObserver((list) => {
      const [entry] = list.getEntriesByName('first-contentful-paint');
      if (entry !== undefined) done(entry.startTime);
    }).observe({ type: 'paint', buffered: true });
  })`);
  await page.context().close();
  return ms;
}
