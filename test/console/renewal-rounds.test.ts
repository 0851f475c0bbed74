/** How often a page reads again what a busy vault tells it of. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { RenewalRounds } from '../../src/console/hooks/renewal-rounds.ts';

/** Time that passes when the test says so; each round lasts until it is ended. */
function makePlace(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  const rounds: { readonly old: readonly string[]; end(): void }[] = [];
  const renewals = new RenewalRounds<string>(
    (old) => new Promise((resolve) => void rounds.push({ old, end: resolve })),
    () => nowMs,
  );
  const pass = (ms: number): void => {
    nowMs += ms;
    t.mock.timers.tick(ms);
  };
  const end = async (): Promise<void> => {
    rounds.at(-1)?.end();
    await new Promise(setImmediate);
  };
  return { renewals, rounds, pass, end };
}

test('events that come at once are one round, and it is read once more later', async (t) => {
  const { renewals, rounds, pass, end } = makePlace(t);
  renewals.add(['clients']);
  renewals.add(['clients', 'overview']);
  pass(700);
  assert.deepEqual(
    rounds.map(({ old }) => old),
    [['clients', 'overview']],
  );
  await end();
  pass(3000);
  pass(700);
  assert.deepEqual(
    rounds.map(({ old }) => old),
    [
      ['clients', 'overview'],
      ['clients', 'overview'],
    ],
  );
  await end();
  pass(60_000);
  assert.equal(rounds.length, 2, 'once more is enough');
});

test('no round begins while another is under way, and after a long one comes a long rest', async (t) => {
  const { renewals, rounds, pass, end } = makePlace(t);
  renewals.add(['clients']);
  pass(700);
  renewals.add(['clients']);
  pass(5000);
  assert.equal(rounds.length, 1);
  await end();
  pass(19_999);
  assert.equal(rounds.length, 1);
  pass(1);
  assert.equal(rounds.length, 2);
});

test('a page that is left reads nothing more', async (t) => {
  const { renewals, rounds, pass, end } = makePlace(t);
  renewals.add(['clients']);
  pass(700);
  await end();
  renewals.add(['overview']);
  renewals.stop();
  pass(60_000);
  assert.equal(rounds.length, 1);
});
