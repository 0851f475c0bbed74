import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayMs, newOffer, noonMs, oldOffer } from '../../../test/support/ledger.ts';
import { getBaseline } from '../../tls/baselines.ts';
import type { Plan, Retirement } from '../../tls/retirement/plan.ts';
import type { ReplayEntry } from './queries.ts';
import { readinessOf } from './readiness.ts';

const enforceMs = noonMs + 30 * dayMs;
const laterMs = 10 * dayMs;

const retirement: Retirement = {
  capability: 'tls1.0',
  phases: { warn: noonMs - dayMs, enforce: enforceMs },
  windows: [],
  shares: [],
  link: undefined,
};

const plan: Plan = {
  name: 'test',
  policy: getBaseline('old'),
  retirements: [retirement],
  waves: [
    {
      name: 'late',
      offsetMs: laterMs,
      clients: ['laptop'],
      networks: [],
      tags: [],
      percent: undefined,
    },
  ],
  exemptions: [
    { client: 'laptop', capability: 'tls1.0', reason: 'waits', untilMs: enforceMs + 90 * dayMs },
  ],
  history: [],
};

function entry(fields: Partial<ReplayEntry>): ReplayEntry {
  return {
    client: 'laptop',
    kind: 'certificate',
    class: 'client',
    address: '192.0.2.1',
    fingerprint: 'f',
    offer: newOffer,
    firstSeenMs: noonMs,
    lastSeenMs: noonMs,
    connections: 1,
    backups: 0,
    lastBackupMs: undefined,
    bestNegotiated: undefined,
    ...fields,
  };
}

test('one hello that will be refused makes a client not ready, exempt or not', () => {
  const old = entry({ offer: oldOffer, fingerprint: 'old' });
  const {
    state,
    obstacles,
    enforceMs: date,
  } = readinessOf([entry({}), old], plan, { nowMs: noonMs });
  assert.equal(state, 'not-ready');
  assert.deepEqual(
    obstacles.map(({ fingerprint, capabilities, alert }) => [fingerprint, capabilities, alert]),
    [['old', ['tls1.0'], 'protocol_version']],
  );
  // The wave that the client is in comes later than the plan's own date.
  assert.equal(date, enforceMs + laterMs);
});

test('a client is ready only if every hello of it is known', () => {
  assert.equal(readinessOf([entry({})], plan, { nowMs: noonMs }).state, 'ready');
  assert.equal(
    readinessOf([entry({}), entry({ offer: undefined })], plan, { nowMs: noonMs }).state,
    'unknown',
  );
  assert.equal(readinessOf([], plan, { nowMs: noonMs }).state, 'unknown');
});
