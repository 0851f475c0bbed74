import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mustRunSealift, runSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { startVaultProcess } from '../support/vault-process.ts';

const skip = process.platform === 'linux' ? false : 'reads a Linux machine';

test('a backup to an enrolled vault brings the facts that `agent facts` shows, unless it is told not to', {
  skip,
}, async (t) => {
  const folder = tempFolder(t);
  const data = join(folder, 'vault');
  const vault = await startVaultProcess(data);
  t.after(() => vault.stop());
  const env = {
    SEALIFT_CONFIG_DIR: join(folder, 'config'),
    SEALIFT_PASSWORD: 'secret',
    SEALIFT_REPOSITORY: 'sealift:home',
  };
  const url = `https://127.0.0.1:${vault.port}/`;
  const invitation = await mustRunSealift([
    ...['vault', 'invite', 'laptop', '--data', data, '--url', url, '--json'],
  ]);
  const { token } = JSON.parse(invitation) as { token: string };
  await mustRunSealift(['enroll', url, '--token', token, '--name', 'home'], { env });
  await mustRunSealift(['init'], { env });
  const source = join(folder, 'file.txt');
  writeFileSync(source, 'content');

  const readDoctor = async (): Promise<{ status: string } | null> => {
    const shown = await mustRunSealift(['clients', 'show', 'laptop', '--data', data, '--json']);
    const [client] = JSON.parse(shown) as { doctor: { status: string } | null }[];
    return client?.doctor ?? null;
  };
  await mustRunSealift(['backup', source], { env: { ...env, SEALIFT_NO_FACTS: '1' } });
  assert.equal(await readDoctor(), null);
  const said = await mustRunSealift(['backup', source], { env });
  assert.doesNotMatch(said, /facts/);
  assert.match((await readDoctor())?.status ?? '', /^(?:ready|not-ready|unknown)$/);
  const text = await mustRunSealift(['clients', 'show', 'laptop', '--data', data]);
  assert.match(text, /Doctor, by the facts of \d{4}-\d\d-\d\d: /);
  const report = await mustRunSealift(['report', '--data', data, '--json']);
  assert.match(report, /"doctor":\{"day":/);
  // Sealift itself speaks nothing as old, so that its own machine is the one that would fail.
  const policy = join(folder, 'old.yaml');
  writeFileSync(policy, 'extends: old\nversions: ["1.0"]\n');
  const simulate = ['policy', 'simulate', '--data', data, '--policy', policy, '--json'];
  const { stdout } = await runSealift(simulate);
  const { failures } = JSON.parse(stdout) as { failures: { client: string; doctor: unknown }[] };
  const laptop = failures.find(({ client }) => client === 'laptop');
  assert.match(JSON.stringify(laptop?.doctor), /"day":.*"status":.*"findings":/);

  const facts = await runSealift(['agent', 'facts'], { env });
  assert.equal((JSON.parse(facts.stdout) as { schema: string }).schema, 'sealift-facts');
  assert.match(facts.stderr, /Sent with each backup/);
  const off = await runSealift(['agent', 'facts'], { env: { ...env, SEALIFT_NO_FACTS: '1' } });
  assert.match(off.stderr, /Not sent: SEALIFT_NO_FACTS=1/);
});
