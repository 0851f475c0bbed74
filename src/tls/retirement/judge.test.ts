import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { baselines, getBaseline } from '../baselines.ts';
import { fallbackScsv } from '../cipher-suites.ts';
import { knownClients } from '../known-clients.ts';
import { negotiate } from '../negotiate.ts';
import type { Offer } from '../offer.ts';
import { bestVersion, makeOffer } from '../offer.ts';
import { admits, capabilities, narrowPolicy } from './capabilities.ts';
import { judge } from './judge.ts';
import type { BrownoutWindow, Capability, Plan, Retirement, Who } from './plan.ts';

const day = 86_400_000;
const warn = Date.UTC(2026, 0, 1);
const brownout = Date.UTC(2026, 2, 2);
const enforce = Date.UTC(2026, 3, 1);

const old = getBaseline('old');

function retire(capability: Capability, fields: Partial<Retirement> = {}): Retirement {
  const phases = { observe: warn - 30 * day, warn, brownout, enforce };
  return { capability, phases, windows: [], shares: [], link: undefined, ...fields };
}

function planOf(retirements: readonly Retirement[], fields: Partial<Plan> = {}): Plan {
  const none = { waves: [], exemptions: [], history: [] };
  return { name: 'test', policy: old, retirements, ...none, ...fields };
}

function whoIs(fields: Partial<Who> = {}): Who {
  return { address: '192.0.2.1', fingerprint: 't10i_a_b', clients: [], tags: [], ...fields };
}

const legacyOffer = makeOffer({ legacyVersion: 0x0301, cipherSuites: [0x002f, 0x0035] });
const cbcOffer = makeOffer({
  cipherSuites: [0xc013],
  groups: [0x0017],
  signatureSchemes: [0x0401, 0x0201],
});
const sha256Offer = makeOffer({ ...cbcOffer, cipherSuites: [0xc013, 0xc02f] });

test('a retirement is accepted, warned of, and then refused with the alert of the version', () => {
  const plan = planOf([retire('tls1.0')]);
  const at = (ms: number): ReturnType<typeof judge> => judge(legacyOffer, whoIs(), plan, ms);
  assert.equal(at(warn - 1).kind, 'accept');
  assert.equal(at(warn).kind, 'warn');
  assert.equal(at(brownout).kind, 'warn');
  const verdict = at(enforce);
  assert.equal(verdict.kind, 'refuse');
  assert.equal(verdict.kind === 'refuse' && verdict.alert, 'protocol_version');
  assert.equal(verdict.kind === 'refuse' && verdict.cause, 'enforce');
  assert.deepEqual(
    verdict.notices.map(({ capability, phase }) => [capability, phase]),
    [['tls1.0', 'enforce']],
  );
});

test('a client without a suite of the policy hears insufficient_security', () => {
  const verdict = judge(cbcOffer, whoIs(), planOf([retire('cbc')]), enforce);
  assert.equal(verdict.kind === 'refuse' && verdict.alert, 'insufficient_security');
});

test('what the policy never spoke is refused by the policy, not by a retirement', () => {
  const rc4 = makeOffer({ legacyVersion: 0x0301, cipherSuites: [0x0004] });
  const verdict = judge(rc4, whoIs(), planOf([retire('tls1.0')]), enforce);
  assert.equal(verdict.kind === 'refuse' && verdict.cause, 'policy');
  assert.deepEqual(verdict.notices, []);
});

test('a client that has something better hears nothing and is moved to it', () => {
  const plan = planOf([retire('cbc')], { policy: { ...old, preference: 'client' } });
  const before = judge(sha256Offer, whoIs(), plan, brownout);
  assert.equal(before.kind, 'accept');
  assert.equal(before.kind === 'accept' && before.agreement.cipherSuite, 0xc013);
  const after = judge(sha256Offer, whoIs(), plan, enforce);
  assert.equal(after.kind === 'accept' && after.agreement.cipherSuite, 0xc02f);
});

test('an exemption keeps its client until it ends, by name, network or fingerprint', () => {
  const untilMs = enforce + 10 * day;
  const exempt = (client: string): Plan =>
    planOf([retire('tls1.0')], {
      exemptions: [{ client, capability: 'tls1.0', reason: 'ward 3', untilMs }],
    });
  const who = whoIs({ clients: ['other', 'ward-3'] });
  for (const client of ['ward-3', '192.0.2.0/24', 't10i_a_b']) {
    const verdict = judge(legacyOffer, who, exempt(client), enforce);
    assert.equal(verdict.kind, 'warn', client);
    assert.equal(verdict.notices[0]?.exemptUntilMs, untilMs);
    assert.equal(verdict.notices[0]?.enforceMs, untilMs);
    assert.equal(judge(legacyOffer, who, exempt(client), untilMs).kind, 'refuse', client);
  }
  assert.equal(judge(legacyOffer, whoIs(), exempt('ward-3'), enforce).kind, 'refuse');
});

test('an exemption lifts no client below what the policy speaks', () => {
  const ssl3 = makeOffer({ legacyVersion: 0x0300, cipherSuites: [0x002f] });
  const plan = planOf([retire('tls1.0')], {
    exemptions: [{ client: '192.0.2.1', capability: 'tls1.0', reason: 'x', untilMs: enforce * 2 }],
  });
  const verdict = judge(ssl3, whoIs(), plan, enforce);
  assert.equal(verdict.kind === 'refuse' && verdict.cause, 'policy');
  assert.equal(verdict.kind === 'refuse' && verdict.alert, 'handshake_failure');
});

test('an exemption from TLS 1.0 holds against the end of TLS 1.1 too', () => {
  const plan = planOf([retire('tls1.0'), retire('tls1.1')], {
    exemptions: [{ client: '192.0.2.1', capability: 'tls1.0', reason: 'x', untilMs: enforce * 2 }],
  });
  assert.equal(judge(legacyOffer, whoIs(), plan, enforce).kind, 'warn');
});

const nineToTen: BrownoutWindow = {
  ...{ cron: '0 9 * * 1', timeZone: 'Europe/Berlin', durationMs: day / 24, answer: 'http' },
  ...{ fromMs: undefined, untilMs: undefined },
};
// Monday 9:00 in Berlin, in winter time.
const monday9 = Date.UTC(2026, 2, 2, 8);

test('a brownout refuses inside its windows only: first in a sentence, later by the alert', () => {
  const lastWeek = { ...nineToTen, answer: 'alert' as const, fromMs: brownout + 7 * day };
  const firstWeeks = { ...nineToTen, untilMs: brownout + 7 * day };
  const plan = planOf([retire('tls1.0', { windows: [firstWeeks, lastWeek] })]);
  const at = (ms: number): ReturnType<typeof judge> => judge(legacyOffer, whoIs(), plan, ms);
  assert.equal(at(monday9 - 1).kind, 'warn');
  assert.equal(at(monday9).kind, 'soft-refuse');
  assert.equal(at(monday9).notices[0]?.brownout, 'http');
  assert.equal(at(monday9 + day / 24 - 1).kind, 'soft-refuse');
  assert.equal(at(monday9 + day / 24).kind, 'warn');
  const second = at(monday9 + 7 * day);
  assert.equal(second.kind === 'refuse' && second.cause, 'brownout');
  assert.equal(second.kind === 'refuse' && second.alert, 'protocol_version');
});

test('a brownout window follows the wall clock of its zone through the change to summer time', () => {
  const phases = { brownout: brownout, enforce: enforce + 60 * day };
  const plan = planOf([retire('tls1.0', { phases, windows: [nineToTen] })]);
  const summer = Date.UTC(2026, 3, 6, 7);
  assert.equal(judge(legacyOffer, whoIs(), plan, summer - 1).kind, 'warn');
  assert.equal(judge(legacyOffer, whoIs(), plan, summer).kind, 'soft-refuse');
});

test('a client that a retirement does not touch passes through its brownout', () => {
  const plan = planOf([retire('tls1.0', { windows: [nineToTen] })]);
  assert.equal(judge(sha256Offer, whoIs(), plan, monday9).kind, 'accept');
});

test('a growing share refuses a client for good once it is in, and spares the exempt', () => {
  const shares = [10, 40, 100].map((percent, week) => ({
    ...{ fromMs: brownout + week * 7 * day, percent, answer: 'alert' as const },
  }));
  const plan = planOf([retire('tls1.0', { shares })], {
    exemptions: [{ client: 'c-7', capability: 'tls1.0', reason: 'x', untilMs: enforce }],
  });
  const refusedAt = (ms: number): string[] =>
    Array.from({ length: 200 }, (_, index) => `c-${index}`).filter(
      (name) => judge(legacyOffer, whoIs({ clients: [name] }), plan, ms).kind === 'refuse',
    );
  const [first, second, third] = shares.map(({ fromMs }) => refusedAt(fromMs));
  assert.deepEqual(refusedAt(brownout + day), first);
  assert.ok(first !== undefined && first.length > 8 && first.length < 35, `${first?.length}`);
  assert.ok(first.every((name) => second?.includes(name)));
  assert.equal(third?.length, 199);
});

test('a wave is ahead or behind by its offset, in dates and in windows', () => {
  const plan = planOf([retire('tls1.0', { windows: [nineToTen] })], {
    waves: [
      { ...noWave, name: 'pilot', offsetMs: -28 * day, clients: ['lab'] },
      { ...noWave, name: 'late', offsetMs: 28 * day, tags: ['branch'] },
    ],
  });
  const lab = whoIs({ clients: ['lab'], tags: ['branch'] });
  const branch = whoIs({ tags: ['branch'] });
  assert.equal(judge(legacyOffer, lab, plan, enforce - 28 * day).kind, 'refuse');
  assert.equal(judge(legacyOffer, lab, plan, monday9 - 28 * day).kind, 'soft-refuse');
  assert.equal(judge(legacyOffer, branch, plan, enforce).kind, 'warn');
  assert.equal(judge(legacyOffer, branch, plan, enforce + 28 * day).kind, 'refuse');
});

const noWave = { clients: [], networks: [], tags: [], percent: undefined };

test('retirements that only together leave nothing are announced before the second one', () => {
  const offer = makeOffer({ ...cbcOffer, cipherSuites: [0xc013, 0x009c] });
  const later = { ...retire('cbc').phases, enforce: enforce + 30 * day };
  const plan = planOf([retire('cbc', { phases: later }), retire('static-rsa')]);
  const noticed = (ms: number): Capability[] =>
    judge(offer, whoIs(), plan, ms).notices.map(({ capability }) => capability);
  assert.deepEqual(noticed(warn), ['cbc']);
  assert.deepEqual(noticed(enforce), ['cbc']);
  const verdict = judge(offer, whoIs(), plan, enforce + 30 * day);
  assert.equal(verdict.kind === 'refuse' && verdict.cause, 'enforce');
});

test('a modern client that was talked down to TLS 1.1 is refused, on whatever path', () => {
  const lowered = makeOffer({ ...legacyOffer, cipherSuites: [0x002f, fallbackScsv] });
  const verdict = judge(lowered, whoIs(), planOf([]), warn);
  assert.equal(verdict.kind === 'refuse' && verdict.alert, 'inappropriate_fallback');
  const noModern = { ...old, versions: [0x0301, 0x0302] as const };
  const modern = makeOffer({ ...cbcOffer, cipherSuites: [0xc013, 0x002f] });
  assert.equal(judge(modern, whoIs(), planOf([], { policy: noModern }), warn).kind, 'refuse');
});

const codes = (pool: readonly number[]): fc.Arbitrary<number[]> => fc.shuffledSubarray([...pool]);
const randomOffer: fc.Arbitrary<Offer> = fc
  .record({
    legacyVersion: fc.constantFrom(0x0300, 0x0301, 0x0302, 0x0303),
    versions: fc.option(codes([0x0301, 0x0302, 0x0303, 0x0304, 0x7f17]), { nil: undefined }),
    cipherSuites: codes([
      ...[0x1301, 0x1302, 0xc02f, 0xc030, 0xc013, 0xc014, 0xc009, 0xc02b, 0x002f, 0x0035],
      ...[0x009c, 0x009e, 0x000a, 0x0005, fallbackScsv],
    ]),
    groups: fc.option(codes([0x11ec, 0x001d, 0x0017, 0x0018]), { nil: undefined }),
    signatureSchemes: fc.option(codes([0x0403, 0x0804, 0x0401, 0x0201, 0x0203]), {
      nil: undefined,
    }),
  })
  .map((fields) => makeOffer({ ...fields, keyShares: fields.groups?.slice(0, 1) }));
const anyOffer = fc.oneof(randomOffer, fc.constantFrom(...knownClients.map(({ offer }) => offer)));
const anyRetirement: fc.Arbitrary<Retirement> = fc
  .record({
    capability: fc.constantFrom(...capabilities),
    shift: fc.integer({ min: -60, max: 60 }),
    answer: fc.constantFrom('http' as const, 'alert' as const),
    percent: fc.constantFrom(0, 50, 100),
  })
  .map(({ capability, shift, answer, percent }) =>
    retire(capability, {
      phases: {
        ...{ warn: warn + shift * day, brownout: brownout + shift * day },
        enforce: enforce + shift * day,
      },
      shares: [{ fromMs: brownout + shift * day, percent, answer }],
    }),
  );
const anyPlan: fc.Arbitrary<Plan> = fc
  .record({
    retirements: fc.array(anyRetirement, { maxLength: 4 }),
    policy: fc.constantFrom(...baselines),
    exemptions: fc.array(
      fc.record({
        client: fc.constantFrom('192.0.2.1', 'c'),
        capability: fc.constantFrom(...capabilities),
        reason: fc.constant('x'),
        untilMs: fc.integer({ min: warn, max: enforce + 90 * day }),
      }),
      { maxLength: 2 },
    ),
  })
  .map(({ retirements, policy, exemptions }) => planOf(retirements, { policy, exemptions }));
const anyMoment = fc.integer({ min: warn - 90 * day, max: enforce + 90 * day });

test('no agreement uses what was enforced, unless the client is exempt', () => {
  fc.assert(
    fc.property(anyOffer, anyPlan, anyMoment, (offer, plan, ms) => {
      const noExemptions = { ...plan, exemptions: [] };
      const verdict = judge(offer, whoIs(), noExemptions, ms);
      if (verdict.kind === 'refuse') return;
      for (const { capability, phases } of plan.retirements) {
        if ((phases.enforce ?? Infinity) > ms) continue;
        assert.ok(admits(narrowPolicy(plan.policy, capability), verdict.agreement), capability);
      }
    }),
    { numRuns: 2000 },
  );
});

test("the agreement is what negotiate says of the verdict's policy", () => {
  fc.assert(
    fc.property(anyOffer, anyPlan, anyMoment, (offer, plan, ms) => {
      const verdict = judge(offer, whoIs(), plan, ms);
      if (verdict.kind === 'refuse') return;
      assert.deepEqual(negotiate(offer, verdict.policy), verdict.agreement);
    }),
    { numRuns: 2000 },
  );
});

test('an offer of TLS 1.2 or better never takes the legacy path, nor a version of it', () => {
  fc.assert(
    fc.property(anyOffer, anyPlan, anyMoment, (offer, plan, ms) => {
      const verdict = judge(offer, whoIs(), plan, ms);
      if (verdict.kind === 'refuse') return;
      const isModern = (bestVersion(offer) ?? 0) >= 0x0303;
      assert.equal(verdict.path, isModern ? 'strict' : 'legacy');
      for (const version of verdict.policy.versions) assert.equal(version >= 0x0303, isModern);
    }),
    { numRuns: 2000 },
  );
});

test('a client that agrees on something without the capability is never refused by its end', () => {
  fc.assert(
    fc.property(anyOffer, anyRetirement, anyMoment, (offer, retirement, ms) => {
      const rest = narrowPolicy(old, retirement.capability);
      const plan = planOf([retirement]);
      const verdict = judge(offer, whoIs(), plan, ms);
      const without = judge(offer, whoIs(), planOf([], { policy: rest }), ms);
      if (without.kind === 'refuse') return;
      assert.equal(verdict.kind, 'accept');
    }),
    { numRuns: 2000 },
  );
});

test('whoever is refused once enforced was warned all the time before', () => {
  fc.assert(
    fc.property(anyOffer, anyRetirement, (offer, retirement) => {
      const plan = planOf([retirement]);
      const { phases } = retirement;
      const end = judge(offer, whoIs(), plan, phases.enforce ?? 0);
      const before = judge(offer, whoIs(), plan, (phases.brownout ?? 0) - 1);
      if (end.kind !== 'refuse') assert.equal(before.kind, 'accept');
      else assert.equal(before.kind, end.cause === 'policy' ? 'refuse' : 'warn');
    }),
    { numRuns: 2000 },
  );
});
