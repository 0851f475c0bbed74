import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusalOf } from './refusal.ts';

test('a full disk or quota is 507, which restic does not try again', () => {
  for (const code of ['ENOSPC', 'EDQUOT'])
    assert.equal(refusalOf(Object.assign(new Error(code), { code })).status, 507);
});

test('what went wrong inside is not told', () => {
  const refusal = refusalOf(new Error('secret at /var/lib'));
  assert.equal(refusal.status, 500);
  assert.doesNotMatch(refusal.message, /secret/);
});
