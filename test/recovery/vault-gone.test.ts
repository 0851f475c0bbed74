/** The vault goes away in the middle of a backup and comes back: the backup goes on. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cleanEnvironment, mainFile, mustRunSealift, nodeFlags } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { addVaultUser, startVaultProcess } from '../support/vault-process.ts';

test('a vault killed in the middle and started again loses nothing', async (t) => {
  const folder = tempFolder(t);
  const source = join(folder, 'source');
  const dataFolder = join(folder, 'vault');
  mkdirSync(source);
  for (let i = 0; i < 16; i += 1) {
    writeFileSync(join(source, `file-${i}`), randomBytes(4 * 1024 * 1024));
  }
  let vault = await startVaultProcess(dataFolder);
  t.after(() => vault.stop('SIGKILL'));
  const password = await addVaultUser(dataFolder, 'alice');
  const env = {
    SEALIFT_PASSWORD: 'correct horse',
    SEALIFT_REPOSITORY: `rest:https://alice:${encodeURIComponent(password)}@127.0.0.1:${vault.port}/alice/`,
  };
  const tls = ['--cacert', vault.caFile];
  await mustRunSealift(['init', ...tls], { env });

  const child = spawn(
    process.execPath,
    [
      ...nodeFlags,
      mainFile,
      'backup',
      '--json',
      '--limit-upload',
      '20000',
      '--pack-size',
      '4',
      ...tls,
      source,
    ],
    { env: cleanEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const exited = once(child, 'close');
  const packs = (): number =>
    readdirSync(dataFolder, { recursive: true }).filter((name) =>
      /data.[0-9a-f]{2}.[0-9a-f]{64}$/.test(String(name)),
    ).length;
  while (packs() < 3) {
    assert.equal(child.exitCode, null, output);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await vault.stop('SIGKILL');
  vault = await startVaultProcess(dataFolder, { port: vault.port });
  const [code] = await exited;
  assert.equal(code, 0, output);
  await mustRunSealift(['check', '--read-data', ...tls], { env });
  const leftovers = readdirSync(join(dataFolder, 'repositories'), {
    recursive: true,
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile() && !/^([0-9a-f]{64}|config)$/.test(entry.name))
    .map((entry) => entry.name);
  assert.ok(leftovers.length <= 5, `only uploads cut by the kill remain: ${leftovers.join(' ')}`);
});
