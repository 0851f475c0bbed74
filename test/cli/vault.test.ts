/** The vault and its clients from the command line: serve, logins, enrolment, `up` and its demonstration. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  cleanEnvironment,
  mainFile,
  mustRunSealift,
  nodeFlags,
  runSealift,
} from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';
import {
  addVaultUser,
  freePort,
  startVaultProcess,
  type VaultProcess,
} from '../support/vault-process.ts';

async function startVault(context: TestContext): Promise<VaultProcess> {
  const vault = await startVaultProcess(join(tempFolder(context), 'vault'));
  context.after(() => vault.stop('SIGKILL'));
  return vault;
}

function makeSource(context: TestContext): string {
  const source = join(tempFolder(context), 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'file'), 'kept in the vault');
  return source;
}

test('a login backs up over TLS, and the summary tells the session', async (t) => {
  const vault = await startVault(t);
  const password = await addVaultUser(vault.dataFolder, 'anna');
  const login = `anna:${encodeURIComponent(password)}`;
  const env = {
    SEALIFT_REPOSITORY: `rest:https://${login}@127.0.0.1:${vault.port}/anna/`,
    SEALIFT_PASSWORD: 'words',
    SEALIFT_CACERT: vault.caFile,
  };
  const source = makeSource(t);
  const created = await mustRunSealift(['init'], { env });
  assert.ok(!created.includes(login), 'the password is not shown');
  assert.match(await mustRunSealift(['backup', source], { env }), /^TLS: TLSv1\.3, TLS_AES_/m);
  const lines = (await mustRunSealift(['backup', '--json', source], { env })).trim().split('\n');
  const { tls } = JSON.parse(lines.at(-1) ?? '{}');
  assert.equal(tls.version, 'TLSv1.3');
  assert.match(tls.cipher, /^TLS_/);
  assert.deepEqual(Object.keys(tls).sort(), ['cipher', 'group', 'postQuantum', 'version']);

  const untrusted = await runSealift(['snapshots'], { env: { ...env, SEALIFT_CACERT: '' } });
  assert.equal(untrusted.code, 20, untrusted.stderr);
  assert.match(untrusted.stderr, /^error: .*\ncause: .*\nhint: .*--cacert/m);

  const insecure = await runSealift(['snapshots', '--insecure-tls'], {
    env: { ...env, SEALIFT_CACERT: '' },
  });
  assert.equal(insecure.code, 0, insecure.stderr);
  assert.match(insecure.stderr, /^warning: .*--insecure-tls/m);
  assert.equal(await vault.stop(), 0);
});

test('an invited machine enrols once, and backs up with its certificate', async (t) => {
  const vault = await startVault(t);
  const config = tempFolder(t);
  const env = { SEALIFT_CONFIG_DIR: config, SEALIFT_PASSWORD: 'words' };
  const url = `https://127.0.0.1:${vault.port}`;
  const invitation = await mustRunSealift([
    ...['vault', 'invite', 'laptop', '--data', vault.dataFolder, '--url', url, '--json'],
  ]);
  const { token } = JSON.parse(invitation);
  const enrolled = await mustRunSealift(['enroll', url, '--token', token, '--name', 'home'], {
    env,
  });
  assert.match(enrolled, /sealift:home/);
  await mustRunSealift(['-r', 'sealift:home', 'init'], { env });
  await mustRunSealift(['-r', 'sealift:home', 'backup', makeSource(t)], { env });
  const again = await runSealift(['enroll', url, '--token', token, '--name', 'other'], { env });
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^error: .*used/m);
  const insecure = await runSealift(['-r', 'sealift:home', 'snapshots', '--insecure-tls'], { env });
  assert.equal(insecure.code, 1);
  assert.match(insecure.stderr, /refused for sealift: repositories/);

  const clients = JSON.parse(
    await mustRunSealift(['vault', 'clients', '--data', vault.dataFolder, '--json']),
  );
  assert.equal(clients[0].name, 'laptop');
  await mustRunSealift(['vault', 'revoke', 'laptop', '--data', vault.dataFolder]);
  assert.notEqual((await runSealift(['-r', 'sealift:home', 'snapshots'], { env })).code, 0);
});

test('logins are listed and removed, and scrub names what is damaged', async (t) => {
  const vault = await startVault(t);
  const data = ['--data', vault.dataFolder];
  const made = JSON.parse(await mustRunSealift(['vault', 'user', 'add', 'ben', ...data, '--json']));
  assert.match(made.password, /^[\w-]{24}$/);
  assert.equal(await mustRunSealift(['vault', 'user', 'list', ...data]), 'ben\n');
  const env = {
    SEALIFT_REPOSITORY: `rest:https://ben:${made.password}@127.0.0.1:${vault.port}/ben/`,
    SEALIFT_PASSWORD: 'words',
    SEALIFT_CACERT: vault.caFile,
  };
  await mustRunSealift(['init'], { env });
  assert.match(await mustRunSealift(['vault', 'scrub', ...data]), /, 0 damaged$/m);
  const keys = join(vault.dataFolder, 'repositories', 'ben', 'keys');
  const [key = ''] = readdirSync(keys);
  writeFileSync(join(keys, key), 'rotten');
  const scrub = await runSealift(['vault', 'scrub', ...data]);
  assert.equal(scrub.code, 1);
  assert.ok(scrub.stdout.includes(`ben/keys/${key}`));
  await mustRunSealift(['vault', 'user', 'remove', 'ben', ...data]);
  const gone = await runSealift(['snapshots'], { env });
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /^error: /m);
});

test('a folder that is no vault is not made one by the way', async (t) => {
  const folder = join(tempFolder(t), 'typo');
  const outcome = await runSealift(['vault', 'user', 'add', 'anna', '--data', folder]);
  assert.equal(outcome.code, 1);
  assert.match(outcome.stderr, /is not the data folder of a vault/);
  assert.equal(existsSync(folder), false);
});

test('a port that is taken is a clear error of vault serve', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const listen = `127.0.0.1:${address.port}`;
  const data = join(tempFolder(t), 'vault');
  const outcome = await runSealift(['vault', 'serve', '--data', data, '--listen', listen]);
  assert.equal(outcome.code, 1);
  assert.match(outcome.stderr, /^error: cannot listen on 127\.0\.0\.1/m);
});

test('up makes a vault whose printed commands work, and keeps its login', async (t) => {
  const data = join(tempFolder(t), 'vault');
  const port = await freePort();
  const first = await runUp(t, ['--data', data, '--port', String(port)], /RESTORED\n.*RESTORED\n/s);
  assert.match(first.text, /Created a new vault/);
  const exports = [...first.text.matchAll(/export (SEALIFT_\w+)='([^']+)'/g)];
  const env = Object.fromEntries(exports.map(([, name = '', value = '']) => [name, value]));
  assert.deepEqual(Object.keys(env).sort(), ['SEALIFT_CACERT', 'SEALIFT_REPOSITORY']);
  await mustRunSealift(['init'], { env: { ...env, SEALIFT_PASSWORD: 'words' } });
  const passwordFile = join(data, 'first-login.txt');
  assert.equal(statSync(passwordFile).mode & 0o777, 0o600);
  assert.ok(first.text.includes(readFileSync(passwordFile, 'utf8').trim()));
  assert.equal(await first.stop(), 0);

  const second = await runUp(
    t,
    ['--data', data, '--port', String(port)],
    /RESTORED\n.*RESTORED\n/s,
  );
  assert.doesNotMatch(second.text, /Created a new vault/);
  assert.equal(env['SEALIFT_REPOSITORY'], /SEALIFT_REPOSITORY='([^']+)'/.exec(second.text)?.[1]);
  await second.stop();
});

test('the demonstration ends with exit 0, having shown what it promises', async () => {
  const { code, stdout, stderr } = await runSealift(['up', '--demo']);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^TLS: TLSv1\.3, TLS_\w+/m);
  assert.match(stdout, /every byte, mode, time and link is the same\.$/m);
  assert.match(stdout, /15030100020246, alert fatal: protocol_version \(70\)/);
  const folder = /^Starting a vault in (.+)$/m.exec(stdout)?.[1] ?? '';
  assert.notEqual(folder, '');
  assert.equal(existsSync(folder), false);
});

/** Starts `sealift up` and waits until it has said what it is expected to say. */
async function runUp(
  context: TestContext,
  args: readonly string[],
  until: RegExp,
): Promise<{ text: string; stop: () => Promise<number | null> }> {
  const child = spawn(process.execPath, [...nodeFlags, mainFile, 'up', ...args], {
    env: cleanEnvironment({ LANG: 'C' }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  context.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  for await (const part of child.stdout.setEncoding('utf8')) {
    text += String(part);
    if (until.test(text)) break;
  }
  assert.match(text, until);
  return {
    text,
    async stop() {
      child.kill('SIGTERM');
      const [code] = await exited;
      return code;
    },
  };
}
