/** The vault as restic, OpenSSL, GnuTLS and curl see it, over real TLS. */

import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { describeTree, makeFileTree } from '../support/file-tree.ts';
import { findPeer, skipWithout } from '../support/peers.ts';
import { mustRun, mustRunSealift, run, runSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { addVaultUser, startVaultProcess, type VaultProcess } from '../support/vault-process.ts';

const restic = findPeer('restic') ?? 'restic';

function suite(mode: string, args: readonly string[]) {
  describe(`restic with a vault, ${mode}`, { skip: skipWithout('restic', 'getfattr') }, () => {
    const folder = tempFolder({ after });
    let vault: VaultProcess;
    let env: Record<string, string>;
    let source: string;

    before(async () => {
      vault = await startVaultProcess(join(folder, 'vault'));
      const password = await addVaultUser(vault.dataFolder, 'alice', args);
      source = join(folder, 'source');
      makeFileTree(source);
      env = {
        RESTIC_PASSWORD: 'correct horse',
        RESTIC_REPOSITORY: `rest:https://alice:${encodeURIComponent(password)}@127.0.0.1:${vault.port}/alice/`,
        RESTIC_CACHE_DIR: join(folder, 'cache'),
      };
    });
    after(() => vault.stop());

    const call = (...words: string[]) => run(restic, ['--cacert', vault.caFile, ...words], { env });

    test('backs up, checks and restores', async () => {
      const wanted = describeTree(source);
      const tls = ['--cacert', vault.caFile];
      await mustRun(restic, [...tls, 'init'], { env });
      await mustRun(restic, [...tls, 'backup', source], { env });
      await mustRun(restic, [...tls, 'check', '--read-data'], { env });
      const target = join(folder, 'restored');
      await mustRun(restic, [...tls, 'restore', 'latest', '--target', target], { env });
      assert.deepEqual(describeTree(join(target, source)), wanted);
    });

    test('shares the repository with Sealift, which tells over which TLS it travelled', async () => {
      writeFileSync(join(source, 'new'), 'new');
      const text = await mustRunSealift(['backup', '--json', '--cacert', vault.caFile, source], {
        env,
      });
      const summary = JSON.parse(text.trim().split('\n').at(-1) ?? '{}') as {
        files_new: number;
        tls: { version: string; cipher: string };
      };
      assert.equal(summary.files_new, 1);
      assert.equal(summary.tls.version, 'TLSv1.3');
      assert.match(summary.tls.cipher, /^TLS_(AES|CHACHA20)_/);
      await mustRun(restic, ['--cacert', vault.caFile, 'check', '--read-data'], { env });
    });

    if (args.includes('--append-only')) {
      test('removes no snapshot, and the answer says why', {
        skip: skipWithout('curl'),
      }, async () => {
        const { stdout } = await call('snapshots', '--json');
        const [first] = JSON.parse(stdout) as { id: string }[];
        const url = `${env['RESTIC_REPOSITORY']?.slice('rest:'.length)}snapshots/${first?.id}`;
        const answer = await run('curl', [
          '-s',
          '-i',
          '-X',
          'DELETE',
          '--cacert',
          vault.caFile,
          url,
        ]);
        assert.match(answer.stdout, /^HTTP\/1\.1 403/);
        assert.match(answer.stdout, /append-only/);
        assert.deepEqual(
          JSON.parse((await call('snapshots', '--json')).stdout),
          JSON.parse(stdout),
        );
      });

      test('is refused to Sealift by prune in a sentence, before anything is written', async () => {
        const repository = join(vault.dataFolder, 'repositories', 'alice');
        const files = (): string[] =>
          readdirSync(repository, { recursive: true }).map(String).sort();
        // A pack that no index names is what there is to remove.
        const stray = 'ab'.repeat(32);
        writeFileSync(join(repository, 'data', 'ab', stray), 'left by an interrupted backup');
        const before = files();
        const tls = ['--cacert', vault.caFile];
        const { code, stderr } = await runSealift(['prune', ...tls], { env });
        assert.equal(code, 1);
        assert.match(stderr, /refuses to remove anything/);
        assert.deepEqual(files(), before);
        rmSync(join(repository, 'data', 'ab', stray));
      });
    } else {
      test('forgets and prunes', async () => {
        const outcome = await call('forget', '--prune', '--keep-last', '1');
        assert.equal(outcome.code, 0, outcome.stderr);
        const { stdout } = await call('snapshots', '--json');
        assert.equal((JSON.parse(stdout) as unknown[]).length, 1);
        assert.equal((await call('check', '--read-data')).code, 0);
      });

      test('is pruned by Sealift, too', async () => {
        writeFileSync(join(source, 'new'), 'newer');
        const tls = ['--cacert', vault.caFile];
        await mustRunSealift(['backup', ...tls, source], { env });
        const forget = ['forget', '--prune', '--keep-last', '1', '--max-unused', '0'];
        assert.match(await mustRunSealift([...forget, ...tls], { env }), /packs were removed/);
        assert.equal((await call('check', '--read-data')).code, 0);
      });
    }

    test('finds no lock left behind and no file that is not of the format', () => {
      const names = readdirSync(join(vault.dataFolder, 'repositories', 'alice'), {
        recursive: true,
        withFileTypes: true,
      })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name);
      assert.deepEqual(
        names.filter((name) => !/^(config|[0-9a-f]{64})$/.test(name)),
        [],
      );
      assert.deepEqual(readdirSync(join(vault.dataFolder, 'repositories', 'alice', 'locks')), []);
    });
  });
}

suite('not append-only', []);
suite('append-only', ['--append-only']);

describe('a vault whose minimum is TLS 1.2', () => {
  let vault: VaultProcess;
  const folder = tempFolder({ after });
  before(async () => {
    vault = await startVaultProcess(join(folder, 'vault'));
  });
  after(() => vault.stop());

  for (const version of ['-tls1', '-tls1_1']) {
    test(`answers OpenSSL's ${version} with the protocol_version alert`, {
      skip: skipWithout('openssl'),
    }, async () => {
      const { stdout, stderr } = await run('openssl', [
        's_client',
        version,
        '-cipher',
        'ALL:@SECLEVEL=0',
        '-connect',
        `127.0.0.1:${vault.port}`,
      ]);
      assert.match(stdout + stderr, /alert protocol version/);
    });
  }

  for (const [flag, version] of [
    ['-tls1_2', 'TLSv1.2'],
    ['-tls1_3', 'TLSv1.3'],
  ] as const) {
    test(`speaks ${version} with OpenSSL`, { skip: skipWithout('openssl') }, async () => {
      const { stdout } = await run('openssl', [
        's_client',
        flag,
        '-brief',
        '-CAfile',
        vault.caFile,
        '-verify_return_error',
        '-connect',
        `127.0.0.1:${vault.port}`,
      ]);
      const { stderr } = await run('openssl', [
        's_client',
        flag,
        '-brief',
        '-CAfile',
        vault.caFile,
        '-verify_return_error',
        '-connect',
        `127.0.0.1:${vault.port}`,
      ]);
      assert.match(stdout + stderr, new RegExp(`Protocol version: ${version}`));
    });
  }

  test('answers GnuTLS that offers TLS 1.1 with the same alert', {
    skip: skipWithout('gnutls-cli'),
  }, async () => {
    const { stdout, stderr } = await run('gnutls-cli', [
      '--priority',
      'NORMAL:-VERS-ALL:+VERS-TLS1.1:%NO_EXTENSIONS',
      '--insecure',
      '-p',
      String(vault.port),
      '127.0.0.1',
    ]);
    assert.match(stdout + stderr, /protocol version|fatal alert/i);
  });

  test('refuses a repository to those without a login with 401, and says how to get one', {
    skip: skipWithout('curl'),
  }, async () => {
    const { stdout } = await run('curl', [
      '-s',
      '-i',
      '--cacert',
      vault.caFile,
      `https://127.0.0.1:${vault.port}/alice/config`,
    ]);
    assert.match(stdout, /^HTTP\/1\.1 401/);
    assert.match(stdout, /www-authenticate: basic/i);
  });

  test('is told apart from an untrusted server: exit 20 and what to do', async () => {
    const outcome = await runSealift(
      ['snapshots', '-r', `rest:https://127.0.0.1:${vault.port}/alice/`],
      {
        env: { SEALIFT_PASSWORD: 'x' },
      },
    );
    assert.equal(outcome.code, 20, outcome.stderr);
    assert.match(outcome.stderr, /--cacert/);
  });

  test('stops within the time it promises while a connection hangs, and exits 0', async (t) => {
    const other = await startVaultProcess(join(tempFolder(t), 'vault'));
    const { connect } = await import('node:net');
    const hung = connect(other.port, '127.0.0.1');
    hung.on('error', () => undefined);
    await new Promise((resolve) => hung.once('connect', resolve));
    assert.equal(await other.stop('SIGTERM'), 0);
    hung.destroy();
  });
});

describe('enrolment', () => {
  test('a token makes a machine a client that backs up with a certificate of its own', async (t) => {
    const folder = tempFolder(t);
    const vault = await startVaultProcess(join(folder, 'vault'));
    t.after(() => vault.stop());
    const invitation = JSON.parse(
      await mustRunSealift(['vault', 'invite', 'laptop', '--json', '--data', vault.dataFolder]),
    ) as { token: string };
    const env = {
      SEALIFT_PASSWORD: 'correct horse',
      SEALIFT_CONFIG_DIR: join(folder, 'config'),
      XDG_CONFIG_HOME: join(folder, 'config'),
    };
    const url = `https://127.0.0.1:${vault.port}`;
    const enrolled = JSON.parse(
      await mustRunSealift(['enroll', url, '--token', invitation.token, '--json'], { env }),
    ) as { repository: string };
    const repository = enrolled.repository;
    await mustRunSealift(['init', '-r', repository], { env });
    writeFileSync(join(folder, 'file'), 'content');
    await mustRunSealift(['backup', '-r', repository, join(folder, 'file')], { env });
    await mustRunSealift(['check', '--read-data', '-r', repository], { env });

    const again = await runSealift(['enroll', url, '--token', invitation.token], {
      env: {
        ...env,
        SEALIFT_CONFIG_DIR: join(folder, 'thief'),
        XDG_CONFIG_HOME: join(folder, 'thief'),
      },
    });
    assert.equal(again.code, 1, 'a token works once');
    const insecure = await runSealift(['snapshots', '-r', repository, '--insecure-tls'], { env });
    assert.notEqual(insecure.code, 0, 'verification cannot be turned off for an enrolled vault');
  });
});
