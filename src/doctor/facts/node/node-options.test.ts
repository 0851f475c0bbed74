import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mustRun } from '../../../../test/support/run.ts';
import { parseNodeOptions, splitNodeOptions } from './node-options.ts';

test('NODE_OPTIONS is split as Node splits it', async () => {
  const text = '--title="a \\"b\\" c" --tls-min-v1.1  --tls-cipher-list="HIGH:!aNULL @STRENGTH"';
  assert.deepEqual(splitNodeOptions(text), [
    '--title=a "b" c',
    '--tls-min-v1.1',
    '--tls-cipher-list=HIGH:!aNULL @STRENGTH',
  ]);
  const script = 'console.log(JSON.stringify([process.title, tls.DEFAULT_CIPHERS]))';
  const seen = await mustRun(process.execPath, ['-e', script], { env: { NODE_OPTIONS: text } });
  assert.deepEqual(JSON.parse(seen), ['a "b" c', 'HIGH:!aNULL @STRENGTH']);
});

test('the lowest minimum and the last cipher list win, whatever the order', () => {
  const options = parseNodeOptions([
    ...['--tls-min-v1.2', '--tls_min_v1.0', '--tls-cipher-list', 'A', '--tls-cipher-list=B'],
    '--openssl-shared-config',
  ]);
  assert.equal(options.minVersion, '1.0');
  assert.equal(options.maxVersion, undefined);
  assert.equal(options.cipherList, 'B');
  assert.equal(options.sharedConfig, true);
});
