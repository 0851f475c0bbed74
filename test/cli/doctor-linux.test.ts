import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { mustRun, runSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** The disk of a Linux whose OpenSSL ends at TLS 1.1. */
function makeDisk(context: Parameters<typeof tempFolder>[0]): string {
  const root = join(tempFolder(context), 'disk');
  const files: Readonly<Record<string, string>> = {
    'etc/os-release': 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 11"\n',
    'etc/hostname': 'files-1\n',
    'usr/lib/libcrypto.so.1.1':
      '\x7fELF\0OpenSSL 1.1.1w  11 Sep 2023\0OPENSSLDIR: "/usr/lib/ssl"\0',
    'usr/lib/ssl/openssl.cnf':
      'openssl_conf=a\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\nMaxProtocol = TLSv1.1\n',
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

describe('sealift doctor on a disk of Linux', () => {
  test('names the line that keeps it from modern servers', async (context) => {
    const { code, stdout } = await runSealift(['doctor', makeDisk(context)]);
    assert.equal(code, 1);
    assert.match(stdout, /NOT READY {2}files-1: Debian GNU\/Linux 11/);
    assert.match(stdout, /offers TLS 1\.0, TLS 1\.1: refused: protocol_version/);
    assert.match(stdout, /\/usr\/lib\/ssl\/openssl\.cnf/);
    assert.match(stdout, /Set MaxProtocol = TLSv1\.3/);
  });

  test('fix writes scripts for sh that make it ready and take it back', {
    skip: process.platform === 'win32' && 'needs sh',
  }, async (context) => {
    const disk = makeDisk(context);
    const output = tempFolder(context);
    const { code, stdout } = await runSealift(['fix', disk, '--emit', 'sh', '--output', output]);
    assert.equal(code, 0);
    assert.match(stdout, /Restart the programs and services that use it/);
    assert.deepEqual(readdirSync(output).sort(), ['fix-files-1.sh', 'undo-files-1.sh']);
    const env = { SEALIFT_ROOT: disk };
    await mustRun('sh', [join(output, 'fix-files-1.sh')], { env });
    assert.equal((await runSealift(['doctor', disk])).code, 0);
    await mustRun('sh', [join(output, 'undo-files-1.sh')], { env });
    assert.equal((await runSealift(['doctor', disk])).code, 1);
  });
});

test('sealift doctor without a path reads this machine', {
  skip: process.platform !== 'linux' && 'this system is read by its own tools',
}, async () => {
  const { stdout } = await runSealift(['doctor', '--format', 'json']);
  const document: unknown = JSON.parse(stdout);
  assert.match(JSON.stringify(document), /"family":"linux"/);
});
