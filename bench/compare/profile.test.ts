import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selfTimes } from './profile.ts';

test('times of threads are added up, without those in which they wait', () => {
  const names = ['(idle)', 'waitForRoom', 'work', 'rest'];
  const nodes = names.map((functionName, id) => ({
    id,
    callFrame: { functionName, url: '', lineNumber: 0 },
  }));
  const profiles = [
    { nodes, samples: [0, 1, 2, 3], timeDeltas: [5000, 5000, 3000, 4000] },
    { nodes, samples: [2, 1], timeDeltas: [2000, 9000] },
  ];
  assert.deepEqual(selfTimes(profiles), [
    { where: 'work', ms: 5 },
    { where: 'rest', ms: 4 },
  ]);
});
