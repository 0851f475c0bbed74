import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  connection,
  dayMs,
  newOffer,
  noonMs,
  oldOffer,
  openLedger,
  tls12Handshake,
  tls13Handshake,
  withDatabase,
} from '../../../test/support/ledger.ts';
import { getBaseline } from '../../tls/baselines.ts';
import { planOfPolicy } from '../../tls/retirement/parse-plan.ts';
import type { Plan } from '../../tls/retirement/plan.ts';
import { type FleetReport, makeFleetReport } from '../../vault/ledger/fleet-report.ts';
import type { Language } from '../language.ts';
import { sayIn } from '../texts/texts.ts';
import { renderPage } from './page.ts';
import { pageStyle } from './page-style.ts';
import { chartColours } from './week-chart.ts';

const hostile = '</title></style></svg><script>alert(1)</script><img src=x onerror=alert(1)>"\'&';

const plan: Plan = {
  ...planOfPolicy(getBaseline('old')),
  retirements: [
    {
      capability: 'tls1.0',
      phases: { warn: noonMs, enforce: noonMs + 30 * dayMs },
      windows: [],
      shares: [],
      link: undefined,
    },
  ],
};

async function fleet(context: Parameters<typeof openLedger>[0]): Promise<FleetReport> {
  const { ledger, file } = await openLedger(context);
  const old = { ...tls12Handshake, version: 0x0301, cipherSuite: 0xc013 };
  ledger.onEnd(
    connection({
      client: { kind: 'login', name: hostile },
      offer: { ...newOffer, serverName: hostile, alpn: [hostile] },
      fingerprint: hostile,
      address: hostile,
      reason: hostile,
      negotiated: { ...tls13Handshake, alpn: hostile },
    }),
  );
  ledger.onEnd(
    connection({
      client: { kind: 'certificate', name: 'laptop' },
      offer: oldOffer,
      negotiated: old,
    }),
  );
  await ledger.close();
  return withDatabase(file, (database) =>
    makeFleetReport(database, { sinceMs: noonMs - dayMs, nowMs: noonMs, plan }),
  );
}

function render(report: FleetReport, language: Language = 'en'): string {
  return renderPage({ say: sayIn(language), language }, report);
}

test('what clients send cannot become markup', async (context) => {
  const page = render(await fleet(context));
  assert.ok(page.includes('&lt;script&gt;alert(1)&lt;/script&gt;'), 'the name is shown');
  assert.doesNotMatch(page, /<script|<img|onerror=alert\(1\)>/i);
  const titles = page.match(/<\/title>/g);
  assert.equal(titles?.length, 1);
});

test('the page asks nothing of the network and runs nothing', async (context) => {
  const page = render(await fleet(context));
  assert.doesNotMatch(page, /<[^>]*\s(?:src|href|srcset|action|on\w+)\s*=|url\(|@import/i);
  // Names of XML vocabularies are no addresses that a browser fetches.
  const addresses = [...page.matchAll(/https?:\/\/[^"\s<]+/g)].map(([address]) => address);
  assert.deepEqual([...new Set(addresses)].sort(), [
    'http://www.w3.org/1999/xlink',
    'http://www.w3.org/2000/svg',
  ]);
  assert.match(page, /Content-Security-Policy" content="default-src 'none'/);
});

test('headings, captions and header cells tell a screen reader what it reads', async (context) => {
  const page = render(await fleet(context));
  const count = (pattern: RegExp): number => page.match(pattern)?.length ?? 0;
  assert.equal(count(/<h1>/g), 1);
  assert.equal(count(/<h2 /g), 6);
  assert.equal(count(/<table>/g), 5);
  assert.equal(count(/<table>\n<caption>[^<]+<\/caption>/g), count(/<table>/g));
  assert.equal(count(/<th>/g), 0);
  assert.match(page, /<html lang="en">/);
});

test('the page exists in Chinese, with its language said', async (context) => {
  const page = render(await fleet(context), 'zh-CN');
  assert.match(page, /<html lang="zh-CN">/);
  assert.match(page, /<h1>客户端传输安全报告<\/h1>/);
});

test('a client of TLS 1.0 stands among those that are not ready, with the date', async (context) => {
  const page = render(await fleet(context));
  const [, part = ''] = /id="not-ready">([\s\S]*?)<\/section>/.exec(page) ?? [];
  assert.match(part, /^Not ready \(1\)/);
  assert.match(part, /<th scope="row">laptop<\/th><td>TLS 1\.0<\/td>/);
  assert.match(part, /<td>2026-12-24<\/td>/);
});

/** WCAG 2.2, relative luminance and contrast ratio. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

test('text and chart stand out in light, in dark and on paper', () => {
  const themes = [...pageStyle.text.matchAll(/:root \{([^}]*)\}/g)].map(([, body = '']) =>
    Object.fromEntries(
      [...body.matchAll(/--(\w+): (#\w{6})/g)].map(([, name, hex]) => [name, hex]),
    ),
  );
  assert.equal(themes.length, 3);
  for (const { back = '', text = '', soft = '', stripe = '' } of themes) {
    for (const ground of [back, stripe]) {
      assert.ok(contrast(text, ground) >= 7, `${text} on ${ground}`);
      assert.ok(contrast(soft, ground) >= 4.5, `${soft} on ${ground}`);
    }
    for (const colour of chartColours) {
      assert.ok(contrast(colour, back) >= 3, `${colour} on ${back}: ${contrast(colour, back)}`);
    }
  }
});

test('an empty ledger makes a page too', async (context) => {
  const { ledger, file } = await openLedger(context);
  await ledger.close();
  const report = await withDatabase(file, (database) =>
    makeFleetReport(database, { sinceMs: noonMs, nowMs: noonMs, plan: undefined }),
  );
  const page = render(report);
  assert.match(page, /Nothing was seen in this period/);
  assert.doesNotMatch(page, /<svg/);
});
