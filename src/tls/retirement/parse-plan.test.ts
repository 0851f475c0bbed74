import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSealiftError } from '../../base/errors.ts';
import { baselines, findBaseline, getBaseline } from '../baselines.ts';
import { capabilities } from './capabilities.ts';
import { encodePlan, parsePlan } from './parse-plan.ts';
import { phases } from './phase.ts';
import type { Plan } from './plan.ts';
import { formatOffset, parseOffset, parsePlanTime } from './plan-times.ts';

function parse(yaml: string): Plan {
  return parsePlan(yaml, { file: 'plan.yaml', findBaseline });
}

function failure(yaml: string): string {
  try {
    parse(yaml);
  } catch (error) {
    if (isSealiftError(error, 'tls/policy-file')) return error.message;
    throw error;
  }
  throw new assert.AssertionError({ message: 'the plan was accepted' });
}

test('the plan in the guide says what the guide explains', () => {
  const guide = readFileSync(new URL('../../../docs/guide/retirement.md', import.meta.url), 'utf8');
  const [, yaml = ''] = /```yaml\n(# policy\.yaml\n[^`]*)```/.exec(guide) ?? [];
  const plan = parse(yaml);
  assert.equal(plan.policy, getBaseline('old'));
  assert.deepEqual(
    plan.retirements.map(({ capability }) => capability),
    ['tls1.0', 'tls1.1'],
  );
  assert.equal(plan.retirements[0]?.phases.enforce, Date.UTC(2027, 8, 1));
  assert.deepEqual(
    plan.retirements[0]?.windows.map(({ answer }) => answer),
    ['http', 'alert'],
  );
  assert.equal(plan.waves[0]?.offsetMs, -28 * 86_400_000);
  assert.equal(plan.exemptions.length, 1);
});

test('a plain policy file is a plan that retires nothing', () => {
  const plan = parse('name: strict\nextends: intermediate\nversions: [1.3]\n');
  assert.equal(plan.name, 'strict');
  assert.deepEqual(plan.policy.versions, [0x0304]);
  assert.deepEqual(plan.retirements, []);
});

test('a policy can stand inside the plan', () => {
  const plan = parse('policy:\n  extends: old\n  versions: [1.1, 1.2, 1.3]\nretirements: []\n');
  assert.deepEqual(plan.policy.versions, [0x0302, 0x0303, 0x0304]);
});

test('a mistake is reported with file, line and field', () => {
  assert.equal(
    failure('retirements:\n  - capability: tls1.0\n    warn: 2026-02-30\n'),
    'plan.yaml, line 3: retirements[1].warn: "2026-02-30" is not a date such as 2026-09-01 or 2026-09-01T09:00+02:00',
  );
  assert.equal(
    failure('policy: old\nretirement: []\n'),
    'plan.yaml, line 2: retirement: is not a field of a plan',
  );
  assert.equal(
    failure('policy: odl\nretirements: []\n'),
    'plan.yaml, line 1: policy: "odl" is not a baseline',
  );
  assert.match(
    failure('policy:\n  versions: [1.4]\n'),
    /^plan\.yaml, line 2: policy\.versions\[1\]: "1\.4" is not one of/,
  );
  assert.match(
    failure('policy:\n  extends: old\n  groups: [x25519, x25519]\n'),
    /^plan\.yaml, line 3: policy\.groups: a group is listed twice/,
  );
  const twice = 'retirements:\n  - capability: cbc\n  - capability: cbc\n';
  assert.equal(
    failure(twice),
    'plan.yaml, line 3: retirements[2].capability: "cbc" is there twice',
  );
});

test('what a window, a wave or an exemption cannot mean is refused', () => {
  const window = (fields: string): string =>
    failure(`retirements:\n- capability: cbc\n  windows:\n  - {${fields}}\n`);
  assert.match(window('cron: 0 9 * *, duration: 1h, answer: http'), /line 4: .*cron: "0 9 \* \*"/);
  assert.match(window('cron: 0 9 * * 1, duration: 0, answer: http'), /windows\[1\]\.duration/);
  assert.match(
    window('cron: 0 9 * * 1, duration: 1h, answer: http, timeZone: Europe/Berln'),
    /"Europe\/Berln" is not a time zone/,
  );
  assert.match(window('cron: 0 9 * * 1, duration: 1h'), /windows\[1\]\.answer/);
  assert.match(
    failure('waves:\n- name: a\n  networks: [10.0.0.0/40]\n'),
    /line 3: .*networks\[1\]/,
  );
  assert.match(failure('exemptions:\n- client: a\n  capability: cbc\n  reason: x\n'), /until/);
});

test('times are dates in UTC or moments with their zone', () => {
  assert.equal(parsePlanTime('2026-09-01'), Date.UTC(2026, 8, 1));
  assert.equal(parsePlanTime('2026-09-01T09:00+02:00'), Date.UTC(2026, 8, 1, 7));
  for (const text of ['2026-09-31', '2026-9-1', '2026-09-01T25:00Z', '2026-09-01T09:00', 'soon']) {
    assert.equal(parsePlanTime(text), undefined, text);
  }
});

const ms = fc.integer({ min: 0, max: Date.UTC(2100, 0) });
const word = fc.stringMatching(/^[a-z0-9][a-z0-9 :#"'-]{0,20}[a-z0-9]$/);
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const answer = fc.constantFrom('http' as const, 'alert' as const);
const percent = fc.integer({ min: 0, max: 100 });
const capability = fc.constantFrom(...capabilities);
const anyPlan: fc.Arbitrary<Plan> = fc.record({
  name: word,
  policy: fc.constantFrom(...baselines),
  retirements: fc.uniqueArray(
    fc.record({
      capability,
      phases: fc.dictionary(fc.constantFrom(...phases), ms).map((dates) => ({ ...dates })),
      windows: fc.array(
        fc.record({
          ...{ cron: fc.constantFrom('0 9 * * 1', '*/30 8-17 1,15 * *') },
          ...{ timeZone: fc.constantFrom('UTC', 'Asia/Shanghai'), answer },
          durationMs: fc.integer({ min: 1, max: 1e9 }),
          ...{ fromMs: optional(ms), untilMs: optional(ms) },
        }),
        { maxLength: 3 },
      ),
      shares: fc.array(fc.record({ fromMs: ms, percent, answer }), { maxLength: 3 }),
      link: optional(fc.webUrl()),
    }),
    { selector: (entry) => entry.capability, maxLength: 4 },
  ),
  waves: fc.uniqueArray(
    fc.record({
      name: word,
      offsetMs: fc.integer({ min: -1e10, max: 1e10 }),
      clients: fc.array(word, { maxLength: 3 }),
      networks: fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 3 }),
      tags: fc.array(word, { maxLength: 3 }),
      percent: optional(percent),
    }),
    { selector: (entry) => entry.name, maxLength: 3 },
  ),
  exemptions: fc.array(fc.record({ client: word, capability, reason: word, untilMs: ms }), {
    maxLength: 3,
  }),
  history: fc.array(
    fc.record({
      ...{ atMs: ms, capability, phase: fc.constantFrom(...phases) },
      ...{ fromMs: optional(ms), toMs: optional(ms), reason: word },
    }),
    { maxLength: 3 },
  ),
});

test('a plan survives its way through a file', () => {
  fc.assert(
    fc.property(anyPlan, (random) => {
      // Objects of fast-check may be without a prototype, which deepEqual sees.
      const plan = structuredClone(random);
      assert.deepEqual(parse(encodePlan(plan, { findBaseline })), plan);
    }),
    { numRuns: 150 },
  );
});

test('a policy that is no baseline survives it too', () => {
  const policy = {
    ...getBaseline('old'),
    name: 'ours',
    source: 'plan.yaml',
    preference: 'client' as const,
  };
  const none = { retirements: [], waves: [], exemptions: [], history: [] };
  const plan: Plan = { name: 'ours', policy, ...none };
  assert.deepEqual(parse(encodePlan(plan, { findBaseline })), plan);
});

test('an offset is read back as it was written', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), (value) => {
      assert.equal(parseOffset(formatOffset(value)), value);
    }),
  );
});

test('no text makes the reader throw anything but its own error', () => {
  const sample = encodePlan(
    {
      ...{ name: 'a', policy: getBaseline('old'), history: [] },
      retirements: [
        { capability: 'cbc', phases: { warn: 0 }, windows: [], shares: [], link: 'https://a/' },
      ],
      waves: [{ name: 'w', offsetMs: 1, clients: ['c'], networks: [], tags: [], percent: 5 }],
      exemptions: [{ client: 'c', capability: 'cbc', reason: 'r', untilMs: 0 }],
    },
    { findBaseline },
  );
  const pieces = fc.constantFrom(
    '[',
    '{',
    ': ',
    '- ',
    '\n',
    '&a ',
    '*a',
    '? ',
    '!!x ',
    '~',
    '"',
    '0',
  );
  const damaged = fc
    .tuple(fc.nat(sample.length), fc.nat(12), fc.array(pieces, { maxLength: 4 }))
    .map(([at, cut, added]) => sample.slice(0, at) + added.join('') + sample.slice(at + cut));
  fc.assert(
    fc.property(fc.oneof(damaged, fc.string({ maxLength: 60 })), (text) => {
      try {
        parse(text);
      } catch (error) {
        assert.ok(isSealiftError(error, 'tls/policy-file'), String(error));
      }
    }),
    { numRuns: 600 },
  );
});
