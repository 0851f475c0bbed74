/** Where the system does not let the door look at a hello, it reads it: all that holds, holds then too. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const files = [
  'src/door/door.test.ts',
  'src/door/peek-hello.test.ts',
  'src/door/refuse.test.ts',
  'src/door/splice.test.ts',
  'test/transport/half-open.test.ts',
  'test/transport/refusals.test.ts',
];

test('the tests of the door pass when every hello is read and put back', {
  timeout: 300_000,
}, () => {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout } = spawnSync(process.execPath, ['scripts/test.ts', ...files], {
    cwd: new URL('../..', import.meta.url),
    env: { ...env, SEALIFT_TEST_HELLO_READING: 'script' },
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
  assert.match(stdout, /^\S+ pass [1-9]/m);
});
