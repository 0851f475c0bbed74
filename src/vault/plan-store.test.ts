import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempFolder } from '../../test/support/temp-folder.ts';
import { findBaseline, getBaseline } from '../tls/baselines.ts';
import { parsePlan } from '../tls/retirement/parse-plan.ts';
import type { Plan } from '../tls/retirement/plan.ts';
import { type AppliedPlan, applyPlan, planPath, readPlan } from './plan-store.ts';

const nowMs = Date.UTC(2026, 0, 15);

function yamlOf(enforce: string, more = ''): string {
  return `# ours\npolicy: old\nretirements:\n  - capability: tls1.0 # old scanners\n    warn: 2026-03-01\n    enforce: ${enforce}\n${more}`;
}

function parse(text: string): Plan {
  return parsePlan(text, { file: 'plan.yaml', findBaseline });
}

function apply(dataDir: string, text: string, reason?: string): Promise<AppliedPlan> {
  return applyPlan(dataDir, parse(text), { nowMs, reason, text });
}

test('a vault without a plan speaks TLS 1.2 with authenticated encryption, or 1.3 alone', async (t) => {
  const folder = tempFolder(t);
  assert.equal((await readPlan(folder)).policy, getBaseline('intermediate'));
  writeFileSync(join(folder, 'vault.yaml'), 'tls: {minVersion: "1.3"}\n');
  assert.deepEqual((await readPlan(folder)).policy.versions, [0x0304]);
});

test('a plan that was applied is the plan, and keeps the comments of its author', async (t) => {
  const folder = tempFolder(t);
  const text = yamlOf('2026-09-01');
  const { changes } = await apply(folder, text);
  assert.deepEqual(changes, []);
  assert.equal(readFileSync(planPath(folder), 'utf8'), text);
  assert.deepEqual((await readPlan(folder)).retirements, parse(text).retirements);
  assert.deepEqual(readdirSync(folder), ['policy.yaml']);
});

test('a date moves only with a reason, and the history keeps every move', async (t) => {
  const folder = tempFolder(t);
  await apply(folder, yamlOf('2026-09-01'));
  await assert.rejects(apply(folder, yamlOf('2026-10-01')), { code: 'tls/plan' });
  await assert.rejects(apply(folder, yamlOf('2026-10-01'), '  '), { code: 'tls/plan' });
  assert.equal(readFileSync(planPath(folder), 'utf8'), yamlOf('2026-09-01'));
  await apply(folder, yamlOf('2026-10-01'), 'the update is late');
  // The author's file knows nothing of the history; it stays all the same.
  await apply(folder, yamlOf('2026-11-01'), 'later still');
  const plan = await readPlan(folder);
  assert.deepEqual(
    plan.history.map(({ fromMs, toMs, reason }) => [fromMs, toMs, reason]),
    [
      [Date.UTC(2026, 8, 1), Date.UTC(2026, 9, 1), 'the update is late'],
      [Date.UTC(2026, 9, 1), Date.UTC(2026, 10, 1), 'later still'],
    ],
  );
  const stored = readFileSync(planPath(folder), 'utf8');
  assert.match(stored, /^# ours\n/);
  assert.match(stored, /tls1\.0 # old scanners/);
  const again = await apply(folder, stored);
  assert.equal(again.plan.history.length, 2);
});

test('dropping a retirement is a move too; a new one or a first date is none', async (t) => {
  const folder = tempFolder(t);
  await apply(folder, yamlOf('2026-09-01'));
  const more = '  - capability: cbc\n    warn: 2026-03-01\n';
  assert.deepEqual((await apply(folder, yamlOf('2026-09-01', more))).changes, []);
  const first = `${more}    enforce: 2026-12-01\n`;
  assert.deepEqual((await apply(folder, yamlOf('2026-09-01', first))).changes, []);
  await assert.rejects(apply(folder, 'policy: old\nretirements: []\n'), { code: 'tls/plan' });
  const { changes } = await apply(folder, 'extends: old\n', 'we give up');
  assert.equal(changes.length, 4);
  // A plain policy file cannot carry a history: it becomes a plan.
  assert.equal((await readPlan(folder)).history.length, 4);
});

test('a plan that contradicts itself changes nothing', async (t) => {
  const folder = tempFolder(t);
  await assert.rejects(apply(folder, yamlOf('2026-02-01')), (error: unknown) => {
    assert.match(String(error), /retirements\[1\]\.enforce \(sunset-before-deprecation\)/);
    return true;
  });
  assert.deepEqual(readdirSync(folder), []);
});

test('a file that somebody broke by hand is set aside, and can be replaced', async (t) => {
  const folder = tempFolder(t);
  writeFileSync(planPath(folder), 'retirements: [\n');
  await assert.rejects(readPlan(folder), { code: 'tls/policy-file' });
  const { setAside = '' } = await apply(folder, yamlOf('2026-09-01'));
  assert.equal(readFileSync(setAside, 'utf8'), 'retirements: [\n');
  assert.equal(readFileSync(planPath(folder), 'utf8'), yamlOf('2026-09-01'));
});
