import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findBaseline } from '../baselines.ts';
import { checkPlan } from './check-plan.ts';
import { parsePlan } from './parse-plan.ts';
import type { Who } from './plan.ts';

const nowMs = Date.UTC(2026, 5, 1);
const known: Who[] = [
  { address: '10.1.0.5', fingerprint: 't12i_a_b', clients: ['ward-3'], tags: ['clinic'] },
  { address: '192.0.2.9', fingerprint: 't13d_c_d', clients: [], tags: [] },
];

function found(yaml: string, who?: readonly Who[]): string[] {
  const plan = parsePlan(yaml, { file: 'plan.yaml', findBaseline });
  return checkPlan(plan, { nowMs, known: who }).map(({ code, where }) => `${code} ${where}`);
}

const dates = 'warn: 2026-03-01, brownout: 2026-07-01, enforce: 2026-09-01';

function retire(more: string, capability = 'tls1.0'): string {
  return `policy: old\nretirements: [{capability: ${capability}, ${more}}]\n`;
}

const window = 'cron: 0 9 * * 1, duration: 1h, answer: http';

test('a plan that means something is not criticised', () => {
  const waves = 'waves: [{name: a, offset: 14d, networks: [10.1.0.0/16]}]\n';
  const exemptions =
    'exemptions: [{client: ward-3, capability: tls1.0, reason: x, until: 2026-12-01}]\n';
  assert.deepEqual(
    found(`${retire(`${dates}, windows: [{${window}}]`)}${waves}${exemptions}`, known),
    [],
  );
});

test('a phase before the one that it follows is found, and an end before its announcement', () => {
  assert.deepEqual(found(retire('observe: 2026-04-01, warn: 2026-03-01')), [
    'phase-order retirements[1].warn',
  ]);
  assert.deepEqual(found(retire('warn: 2026-03-01, enforce: 2026-02-01')), [
    'sunset-before-deprecation retirements[1].enforce',
  ]);
});

test('a retirement of what the policy has not, or of all that it has, is found', () => {
  assert.deepEqual(found('policy: modern\nretirements: [{capability: tls1.0}]\n'), [
    'not-in-policy retirements[1].capability',
  ]);
  assert.deepEqual(
    found('policy: nist\nretirements: [{capability: no-pq, enforce: 2026-09-01}]\n'),
    ['nothing-left retirements'],
  );
});

test('a brownout that never happens is found', () => {
  assert.deepEqual(found(retire(dates)), ['brownout-empty retirements[1].brownout']);
  const never = ['until: 2026-07-01', 'from: 2026-09-01', 'from: 2026-07-07, until: 2026-07-10'];
  for (const limits of never) {
    assert.deepEqual(
      found(retire(`${dates}, windows: [{${window}, ${limits}}]`)),
      ['window-never-opens retirements[1].windows[1]'],
      limits,
    );
  }
  const february30 = 'cron: 0 9 30 2 *, duration: 1h, answer: http';
  assert.deepEqual(found(retire(`${dates}, windows: [{${february30}}]`)), [
    'window-never-opens retirements[1].windows[1]',
  ]);
  assert.deepEqual(found(retire(`warn: 2026-03-01, windows: [{${window}}]`)), [
    'window-never-opens retirements[1].windows[1]',
  ]);
});

test('a share that shrinks or comes too late is found', () => {
  const share = (from: string, percent: number): string =>
    `{from: ${from}, percent: ${percent}, answer: alert}`;
  const shares = [share('2026-07-10', 50), share('2026-07-20', 20), share('2026-09-02', 100)];
  assert.deepEqual(found(retire(`${dates}, shares: [${shares.join(', ')}]`)), [
    'share-shrinks retirements[1].shares[2]',
    'share-never-counts retirements[1].shares[3]',
  ]);
});

test('a wave that nobody is in is found, and so are names that nobody has', () => {
  assert.deepEqual(found('waves: [{name: a}]\n'), ['wave-names-nobody waves[1]']);
  const waves = 'waves:\n- {name: a, tags: [clinic]}\n- {name: b, clients: [ward-3, ward-4]}\n';
  assert.deepEqual(found(waves), []);
  assert.deepEqual(found(waves, known), [
    'wave-empty waves[2]',
    'unknown-client waves[2].clients[2]',
  ]);
});

test('an exemption that has ended, is from nothing, or is undone elsewhere is found', () => {
  const exempt = (capability: string, until: string, client = 'ward-3'): string =>
    `exemptions: [{client: ${client}, capability: ${capability}, reason: x, until: ${until}}]\n`;
  const plan = retire('enforce: 2026-09-01');
  assert.deepEqual(found(plan + exempt('tls1.0', '2026-06-01')), [
    'exemption-ended exemptions[1].until',
  ]);
  assert.deepEqual(found(plan + exempt('cbc', '2026-12-01')), [
    'exemption-without-retirement exemptions[1].capability',
  ]);
  assert.deepEqual(found(plan + exempt('tls1.0', '2026-12-01', 'ward-9'), known), [
    'unknown-client exemptions[1].client',
  ]);
  const two = `policy: old\nretirements:\n- {capability: tls1.0, enforce: 2026-09-01}\n- {capability: sha1, enforce: 2026-10-01}\n`;
  assert.deepEqual(found(two + exempt('tls1.0', '2026-12-01')), [
    'exemption-undone exemptions[1].capability',
  ]);
  assert.deepEqual(found(two + exempt('tls1.0', '2026-09-15')), []);
});
