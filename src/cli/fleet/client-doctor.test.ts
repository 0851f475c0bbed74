import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tls12Client, windowsMachine } from '../../../test/support/windows-machine.ts';
import { findBaseline } from '../../tls/baselines.ts';
import { parsePlan } from '../../tls/retirement/parse-plan.ts';
import { openDatabaseFile } from '../../vault/database/database.ts';
import { policyOf, readDoctors } from '../../vault/facts/client-doctors.ts';
import { saveFacts } from '../../vault/facts/facts-store.ts';
import { sayIn } from '../texts/texts.ts';
import { doctorDocument, doctorLines, doctorTable } from './client-doctor.ts';
import { renderPage } from './page.ts';

const plan = parsePlan(
  `name: ending
policy: old
retirements:
  - capability: tls1.0
    enforce: 2027-03-01
  - capability: tls1.1
    enforce: 2027-06-01
`,
  { file: 'plan.yaml', findBaseline },
);
const nowMs = Date.UTC(2026, 10, 24);
const keys = { [tls12Client]: { Enabled: 0 } };

async function fleet(t: { after(job: () => Promise<void>): void }) {
  const database = await openDatabaseFile(':memory:');
  t.after(() => database.destroy());
  const save = (client: string, json: string) => saveFacts(database, { client, json, nowMs });
  await save('old', JSON.stringify(windowsMachine('2016', { keys })));
  await save('new', JSON.stringify(windowsMachine('2022')));
  await save('future', '{"schema":"sealift-facts","version":999}');
  return database;
}

test('what a plan enforces by a date is gone from the policy that the doctor asks', () => {
  const versions = (atMs: number) => policyOf(plan, atMs).versions;
  assert.ok(versions(nowMs).includes(0x0301));
  assert.ok(!versions(Date.UTC(2027, 3, 1)).includes(0x0301));
  assert.ok(versions(Date.UTC(2027, 3, 1)).includes(0x0302));
  assert.ok(!versions(Number.POSITIVE_INFINITY).includes(0x0302));
});

test('a client that sent facts is judged by them, with finding and remedy, in both languages', async (t) => {
  const database = await fleet(t);
  const names = ['old', 'new', 'future', 'never'];
  const doctors = await readDoctors(database, names, policyOf(plan, Number.POSITIVE_INFINITY));
  assert.deepEqual([...doctors.keys()], ['old', 'new']);
  const old = doctors.get('old') ?? assert.fail();
  for (const [language, finding, remedy] of [
    ['en', /error: TLS 1\.2 is disabled for clients/, /remedy: Switch TLS 1\.2 on/],
    ['zh-CN', /客户端的 TLS 1\.2 已禁用/, /补救：/],
  ] as const) {
    const text = doctorLines(old, { say: sayIn(language), language }).join('\n');
    assert.match(text, /2026-11-24/);
    assert.match(text, finding);
    assert.match(text, remedy);
  }
  const document = JSON.stringify(doctorDocument(old, 'en'));
  assert.match(document, /"status":"not-ready"/);
  assert.match(document, /"id":"schannel-tls12"/);
  const { rows } = doctorTable(doctors, { say: sayIn('en'), language: 'en' });
  assert.deepEqual(
    rows.map(([client]) => client),
    ['old'],
  );
});

test('the page of the fleet names who would fail by its facts, and escapes what they say', async (t) => {
  const database = await fleet(t);
  const facts = windowsMachine('2016', { keys });
  const os = { ...facts.os, product: '<script>alert(1)</script>' };
  const json = JSON.stringify({ ...facts, os });
  await saveFacts(database, { client: 'evil"<b>', json, nowMs });
  const doctors = await readDoctors(database, ['old', 'evil"<b>'], undefined);
  const page = renderPage(
    { say: sayIn('en'), language: 'en' },
    {
      ...{ madeMs: nowMs, sinceMs: nowMs, plan: undefined },
      ...{ clients: [], weeks: [], inventory: [] },
    },
    doctors,
  );
  assert.match(page, /What the doctor says \(2\)/);
  assert.match(page, /evil&quot;&lt;b&gt;/);
  assert.doesNotMatch(page, /<script|<b>/);
});
