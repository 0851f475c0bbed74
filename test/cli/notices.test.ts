/** What a person sees whose machine speaks TLS that is being retired. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { addVaultUser, startVaultProcess } from '../support/vault-process.ts';

const dayMs = 86_400_000;

test('the agent warns once a run, then a brownout stops it with exit 20 and the sentence', async (t) => {
  const { sealift, applyPlan, source } = await setUp(t);
  assert.equal((await sealift(['init'])).code, 0);
  await applyPlan([`    warn: ${at(-dayMs)}`, `    enforce: ${at(30 * dayMs)}`]);

  const warned = await sealift(['backup', source]);
  assert.equal(warned.code, 0, warned.stderr);
  const warnings = warned.stderr.split('\n').filter((line) => /TLS 1\.2/.test(line));
  assert.equal(warnings.length, 1, warned.stderr);
  assert.match(
    warnings[0] ?? '',
    /^warning: .*refused for good from .*https:\/\/example\.org\/tls/,
  );

  const chinese = await sealift(['backup', source, '--lang', 'zh-CN']);
  assert.match(chinese.stderr, /TLS 1\.2.*起将被永久拒绝/);
  const json = await sealift(['snapshots', '--json']);
  assert.equal((JSON.parse(json.stdout) as unknown[]).length, 2, 'nothing else is on the output');

  await applyPlan([
    `    brownout: ${at(-dayMs)}`,
    `    enforce: ${at(30 * dayMs)}`,
    `    shares: [{from: ${at(-dayMs)}, percent: 100, answer: http}]`,
  ]);
  const refused = await sealift(['backup', source]);
  assert.equal(refused.code, 20, refused.stderr);
  assert.match(refused.stderr, /refused on purpose.*TLS 1\.2/);
  assert.doesNotMatch(refused.stderr, /"error"/);

  await applyPlan([`    enforce: ${at(-dayMs)}`]);
  const ended = await sealift(['backup', source]);
  assert.equal(ended.code, 20, ended.stderr);
  assert.match(ended.stderr, /protocol[_ ]version/);
});

test('a machine that has proved TLS 1.3 is refused with less until it is released', async (t) => {
  const { sealift, vaultCommand } = await setUp(t);
  assert.equal((await sealift(['init'], { oldTls: false })).code, 0);
  const refused = await sealift(['snapshots']);
  assert.equal(refused.code, 20, refused.stderr);
  assert.match(refused.stderr, /has proved TLS 1\.3 before/);

  const list = await vaultCommand(['ratchet', 'list']);
  assert.match(list.stdout, /alice +login +TLS 1\.3/);
  assert.equal((await vaultCommand(['ratchet', 'release', 'alice'])).code, 1, 'without a reason');
  const reason = ['--reason', 'set back'];
  assert.equal((await vaultCommand(['ratchet', 'release', 'alice', ...reason])).code, 0);
  assert.equal((await vaultCommand(['ratchet', 'release', 'bob', ...reason])).code, 1);
  assert.equal((await sealift(['snapshots'])).code, 0);
  assert.match((await vaultCommand(['ratchet', 'list'])).stdout, /set back/);
});

async function setUp(t: TestContext) {
  const folder = tempFolder(t);
  const vault = await startVaultProcess(join(folder, 'vault'));
  t.after(() => vault.stop());
  const password = encodeURIComponent(await addVaultUser(vault.dataFolder, 'alice'));
  const source = join(folder, 'source.txt');
  writeFileSync(source, 'something to keep');
  const env = {
    SEALIFT_REPOSITORY: `rest:https://alice:${password}@127.0.0.1:${vault.port}/alice/`,
    SEALIFT_CACERT: vault.caFile,
    SEALIFT_PASSWORD: 'x',
    LANG: 'en_US.UTF-8',
  };
  return {
    source,
    /** Sealift on a machine without TLS 1.3, unless `oldTls` is false. */
    sealift: (args: readonly string[], { oldTls = true }: { oldTls?: boolean } = {}) =>
      runSealift(args, { env: { ...env, ...(oldTls ? { NODE_OPTIONS: '--tls-max-v1.2' } : {}) } }),
    vaultCommand: ([command = '', ...args]: readonly string[]) =>
      runSealift(['vault', command, ...args, '--data', vault.dataFolder]),
    /** Retires TLS 1.2 as the lines say; settles when the vault goes by it. */
    async applyPlan(lines: readonly string[]): Promise<void> {
      const loaded = (): number => vault.output().split('plan loaded').length;
      const before = loaded();
      const text = ['policy: intermediate', 'retirements:', '  - capability: tls1.2', ...lines];
      const link = '    link: https://example.org/tls';
      writeFileSync(join(vault.dataFolder, 'policy.yaml'), [...text, link].join('\n'));
      vault.child.kill('SIGHUP');
      for (let round = 0; loaded() === before; round += 1) {
        assert.ok(round < 500, vault.output());
        await sleep(20);
      }
    },
  };
}

function at(fromNowMs: number): string {
  return new Date(Date.now() + fromNowMs).toISOString();
}
