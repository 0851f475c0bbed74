import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findBaseline, getBaseline } from '../baselines.ts';
import { findKnownClient, knownClients } from '../known-clients.ts';
import type { Offer } from '../offer.ts';
import { makeOffer } from '../offer.ts';
import { capabilities } from './capabilities.ts';
import { judge } from './judge.ts';
import { needText } from './need-text.ts';
import { likelyStacks } from './needs.ts';
import { parsePlan, planOfPolicy } from './parse-plan.ts';
import type { Plan } from './plan.ts';
import type { SimulationEntry } from './simulate.ts';
import { simulate, wouldAnyoneFail } from './simulate.ts';

const plan = parsePlan(
  `policy: old
retirements:
- capability: tls1.0
  warn: 2026-03-01
  brownout: 2026-06-01
  enforce: 2026-09-01
  windows: [{cron: 0 9 * * *, duration: 1h, answer: http}]
exemptions: [{client: ward-3, capability: tls1.0, reason: x, until: 2026-12-01}]
`,
  { file: 'plan.yaml', findBaseline },
);
const enforceMs = Date.UTC(2026, 8, 1);

function offerOf(id: string): Offer {
  const known = findKnownClient(id);
  if (known === undefined) throw new RangeError(`${id} is no known client`);
  return known.offer;
}

function entry(fields: Partial<SimulationEntry> = {}): SimulationEntry {
  return {
    ...{ client: undefined, class: 'client', address: '192.0.2.1', fingerprint: 'x' },
    ...{ offer: offerOf('windows-7'), lastSeenMs: 0, backups: 0, ...fields },
  };
}

test('those who would fail are named with the cause, the reason and what they need', () => {
  const entries = [
    entry({ client: 'pc-1', backups: 2 }),
    entry({ client: 'pc-2', backups: 30 }),
    entry({ client: 'ward-3', backups: 50 }),
    entry({ client: 'new', offer: offerOf('node-26') }),
  ];
  const { failures, passing } = simulate(entries, plan, { atMs: enforceMs });
  assert.deepEqual(
    failures.map(({ entry: { client } }) => client),
    ['pc-2', 'pc-1'],
  );
  assert.equal(passing, 2);
  const [first] = failures;
  assert.equal(first?.cause, 'enforce');
  assert.equal(first?.alert, 'protocol_version');
  assert.deepEqual(first?.capabilities, ['tls1.0']);
  assert.equal(first?.reason?.rule, 'version/none-in-common');
  assert.deepEqual(first?.need, { kind: 'version', version: 0x0303 });
});

test('an exemption that has ended does not help', () => {
  const entries = [entry({ client: 'ward-3' })];
  assert.equal(simulate(entries, plan, { atMs: Date.UTC(2026, 11, 1) - 1 }).failures.length, 0);
  assert.equal(simulate(entries, plan, { atMs: Date.UTC(2026, 11, 1) }).failures.length, 1);
});

test('a brownout by a sentence is a failure without an alert, while it lasts', () => {
  const inWindow = simulate([entry()], plan, { atMs: Date.UTC(2026, 6, 1, 9, 30) });
  assert.equal(inWindow.failures[0]?.cause, 'brownout');
  assert.equal(inWindow.failures[0]?.alert, undefined);
  assert.deepEqual(inWindow.failures[0]?.need, { kind: 'version', version: 0x0303 });
  const after = simulate([entry()], plan, { atMs: Date.UTC(2026, 6, 1, 10) });
  assert.equal(after.failures.length, 0);
});

test('visitors and scanners are listed apart, and scanners stop nobody', () => {
  const visitor = entry({ class: 'visitor' });
  const scanner = entry({ class: 'scanner' });
  const nobody = simulate([scanner], plan, { atMs: enforceMs });
  assert.equal(nobody.failures.length, 0);
  assert.equal(nobody.oneOff.length, 1);
  assert.equal(wouldAnyoneFail(nobody), false);
  assert.ok(wouldAnyoneFail(simulate([visitor], plan, { atMs: enforceMs })));
  const today = { plan: planOfPolicy(getBaseline('modern')), nowMs: 0 };
  const known = simulate([visitor], plan, { atMs: enforceMs, today });
  assert.equal(known.oneOff[0]?.refusedToday, true);
  assert.equal(wouldAnyoneFail(known), false);
});

test('an entry without its offer is unknown, not a pass', () => {
  const result = simulate([entry({ offer: undefined })], plan, { atMs: enforceMs });
  assert.equal(result.unknown.length, 1);
  assert.equal(result.passing, 0);
});

test('a baseline is a plan too, and the need is what its policy has', () => {
  const modern = planOfPolicy(getBaseline('modern'));
  const old = [entry(), entry({ offer: offerOf('openssl-1.0.2') })];
  for (const { need, cause } of simulate(old, modern, { atMs: 0 }).failures) {
    assert.deepEqual(need, { kind: 'version', version: 0x0304 });
    assert.equal(cause, 'policy');
  }
  const pq = planOfPolicy(getBaseline('pq'));
  const [classic] = simulate([entry({ offer: offerOf('node-20') })], pq, { atMs: 0 }).failures;
  assert.equal(classic?.need.kind, 'groups');
  assert.match(
    classic === undefined ? '' : needText(classic.need, { family: classic.stacks[0]?.family }),
    /X25519MLKEM768.*: Node: 24\.5 or newer$/,
  );
});

test('the remedy is that of the program that the offer looks like, or all of them', () => {
  const [stack] = likelyStacks(offerOf('windows-7'));
  assert.equal(stack?.family, 'windows');
  const need = { kind: 'version', version: 0x0303 } as const;
  assert.match(needText(need, { family: stack?.family }), /^TLS 1\.2 or newer: Windows: switch/);
  const anybody = needText(need);
  for (const word of ['KB3140245', 'Java: 8', 'OpenSSL: 1.0.1', '.NET']) {
    assert.ok(anybody.includes(word), word);
  }
  assert.match(needText(need, { language: 'zh-CN' }), /^TLS 1\.2 或更高版本：/);
  const suites = simulate(
    [
      entry({
        offer: makeOffer({ cipherSuites: [0xc013], groups: [23], signatureSchemes: [0x0401] }),
      }),
    ],
    planOfPolicy(getBaseline('intermediate')),
    { atMs: 0 },
  ).failures[0]?.need;
  assert.equal(suites?.kind, 'suites');
  assert.match(suites ? needText(suites) : '', /such as ECDHE-ECDSA-AES128-GCM-SHA256, /);
});

test('every named client has its family, so that its remedy is known', () => {
  for (const { id, offer } of knownClients) {
    const stacks = likelyStacks(offer);
    assert.ok(
      stacks.some((stack) => stack.id === id),
      id,
    );
    assert.ok(
      stacks.every(({ family }) => family !== undefined),
      id,
    );
  }
});

test('the simulation fails exactly those whom the door would refuse then', () => {
  const anyPlan = fc
    .record({ capability: fc.constantFrom(...capabilities), percent: fc.constantFrom(0, 50, 100) })
    .map(({ capability, percent }): Plan => {
      const phases = { warn: 0, brownout: 10, enforce: 20 };
      const shares = [{ fromMs: 10, percent, answer: 'http' as const }];
      const retirement = { capability, phases, windows: [], shares, link: undefined };
      return { ...planOfPolicy(getBaseline('old')), retirements: [retirement] };
    });
  fc.assert(
    fc.property(anyPlan, fc.constantFrom(5, 15, 25), (random, atMs) => {
      const entries = knownClients.map(({ id, offer }) => entry({ client: id, offer }));
      const { failures } = simulate(entries, random, { atMs });
      const refused = entries.filter(({ client, address, fingerprint, offer }) => {
        const who = { address, fingerprint, clients: [client ?? ''], tags: [] };
        const verdict = offer && judge(offer, who, random, atMs);
        return verdict?.kind === 'refuse' || verdict?.kind === 'soft-refuse';
      });
      assert.deepEqual(new Set(failures.map((failure) => failure.entry)), new Set(refused));
    }),
    { numRuns: 60 },
  );
});
