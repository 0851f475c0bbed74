import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemCodeOf } from './errors.ts';
import { runProgram } from './run-program.ts';

/** A program in JavaScript, run by the Node of this test. */
function run(program: string, options: Parameters<typeof runProgram>[2] = {}) {
  return runProgram(process.execPath, ['-e', program], options);
}

describe('a program that is run', () => {
  test('gives its exit code and all that it printed', async () => {
    const { code, output } = await run(
      'process.stdout.write("x".repeat(300_000), () => process.exit(3))',
    );
    assert.equal(code, 3);
    assert.equal(output.toString(), 'x'.repeat(300_000));
  });

  test('has no code when it was stopped after its time', async () => {
    const { code } = await run('setInterval(() => {}, 1000)', { timeoutMs: 100 });
    assert.equal(code, undefined);
  });

  test('is stopped when it prints too much', async () => {
    const endless = 'const more = () => process.stdout.write("x".repeat(1000), more); more();';
    const { code, output } = await run(endless, { maxOutputBytes: 100_000 });
    assert.equal(code, undefined);
    assert.ok(output.length <= 100_000);
  });

  test('rejects when it cannot be started, also where Node throws at once', async () => {
    const missing = await runProgram('/missing/program', []).catch((error: unknown) => error);
    assert.equal(systemCodeOf(missing), 'ENOENT');
    const insideFile = `${process.execPath}/program`;
    const thrown = await runProgram(insideFile, []).catch((error: unknown) => error);
    assert.equal(systemCodeOf(thrown), 'ENOTDIR');
  });
});
