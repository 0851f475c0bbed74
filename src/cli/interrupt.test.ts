import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { nodeFlags } from '../../test/support/run.ts';

test('the second signal ends a process that is too busy to hear of it', async (t) => {
  const script = `
    const { watchInterrupts } = await import(${JSON.stringify(import.meta.resolve('./interrupt.ts'))});
    watchInterrupts(() => {}).addEventListener('abort', () => {
      console.log('asked');
      for (;;);
    });
    setInterval(() => {}, 1000);
    console.log('ready');`;
  const child = spawn(process.execPath, [...nodeFlags, '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  assert.deepEqual(await exited, [null, 'SIGINT']);
});
