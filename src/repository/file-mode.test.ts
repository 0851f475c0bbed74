import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { goModeFromStat, statModeFromGo } from './file-mode.ts';

test('modes are the numbers that restic stores', () => {
  // Numbers from a repository that restic 0.14.0 wrote; the devices from Go's os/types.go.
  assert.equal(goModeFromStat(0o100644), 420);
  assert.equal(goModeFromStat(0o104755), 8389101);
  assert.equal(goModeFromStat(0o040755), 2147484141);
  assert.equal(goModeFromStat(0o041777), 2148532735);
  assert.equal(goModeFromStat(0o120777), 134218239);
  assert.equal(goModeFromStat(0o010644), 33554852);
  assert.equal(goModeFromStat(0o020666), 2 ** 26 + 2 ** 21 + 0o666);
  assert.equal(goModeFromStat(0o060660), 2 ** 26 + 0o660);
  assert.equal(goModeFromStat(0o140755), 2 ** 24 + 0o755);
  assert.equal(goModeFromStat(0o150000), 2 ** 19);
});

test('permissions, setuid, setgid and sticky come back, of any type', () => {
  const types = fc.constantFrom(
    0o100000,
    0o040000,
    0o120000,
    0o060000,
    0o020000,
    0o010000,
    0o140000,
  );
  fc.assert(
    fc.property(types, fc.integer({ min: 0, max: 0o7777 }), (type, bits) => {
      assert.equal(statModeFromGo(goModeFromStat(type | bits)), bits);
    }),
  );
});
