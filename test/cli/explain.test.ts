/** `sealift explain` as scripts and people meet it. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeAuthority } from '../support/certificate.ts';
import { runSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { closedPort, listenHttps } from '../support/tls-listeners.ts';
import { machineReg } from '../support/windows-machine.ts';

test('a known number is explained and exits 0, something unknown exits 2', async () => {
  const known = await runSealift(['explain', '10054'], { env: { LANG: 'C' } });
  assert.equal(known.code, 0, known.stderr);
  assert.match(known.stdout, /^1\. This client offers only TLS versions .* \(likely\)\n/);
  assert.match(known.stdout, /Fix \(Windows\): Install KB3140245/);
  const unknown = await runSealift(['explain', 'nothing', 'that', 'anybody', 'knows']);
  assert.equal(unknown.code, 2);
});

test('two signs in one message that read alike are said once', async () => {
  const text =
    'Event 36871: A fatal error occurred while creating a TLS client credential. The internal error state is 10013.';
  const { stdout } = await runSealift(['explain', text], { env: { LANG: 'C' } });
  const [first = ''] = stdout.split('\n2. ');
  const because = first.split('\n').filter((line) => line.startsWith('   Because'));
  assert.ok(because.length > 1);
  assert.equal(new Set(because).size, because.length);
  assert.match(first, /^1\. The settings of this machine leave no TLS version/);
});

test('a negative number is a text, not an option', async () => {
  const { code, stdout } = await runSealift(['explain', '-2146893007'], { env: { LANG: 'C' } });
  assert.equal(code, 0);
  assert.match(stdout, /The settings of this machine leave no TLS version/);
});

test('standard input is read when it is piped', async () => {
  const { code, stdout } = await runSealift(['explain'], {
    input: 'first\nremote error: tls: protocol version not supported\n',
    env: { LANG: 'C' },
  });
  assert.equal(code, 0);
  assert.match(stdout, /line 2, "remote error: tls: protocol version not supported"/);
});

test('a whole log of Windows is read, and its most frequent failure comes first', async (context) => {
  const file = join(tempFolder(context), 'CBEngineCurr.errlog');
  const entry = (index: number): string =>
    `1A2C\t0E14\t11/24\t06:00:${index}.123\t18\tfsutils.cpp(123)\t\tWARNING\tFailed: Hr: = [0x80072746]\r\n`;
  const log = Array.from({ length: 40 }, (_, index) => entry(10 + index)).join('');
  writeFileSync(
    file,
    Buffer.from(`\ufeff${log}${'reading\r\n'.repeat(30)}No such host is known\r\n`, 'utf16le'),
  );
  const { code, stdout } = await runSealift(['explain', '--from', file, '--json']);
  assert.equal(code, 0);
  const { known, failures } = JSON.parse(stdout);
  assert.equal(known, true);
  assert.equal(failures[0].causes[0].id, 'client-too-old');
  assert.equal(failures[0].count, 40);
  assert.match(failures[0].causes[0].evidence[0].source, /^Winsock error codes, https:/);
});

test('everything is said in Chinese when that is asked for', async () => {
  const { stdout } = await runSealift(['explain', '--lang', 'zh-CN', '10054']);
  assert.match(stdout, /^1\. 此客户端只提供服务器已不再使用的 TLS 版本/);
  assert.match(stdout, /修复（Windows）: 安装 KB3140245/);
});

test('a log that is not there is a clear failure', async () => {
  const { code, stderr } = await runSealift(['explain', '--from', '/nowhere/at/all.log'], {
    env: { LANG: 'C' },
  });
  assert.equal(code, 1);
  assert.match(stderr, /^error: --from \/nowhere\/at\/all\.log: ENOENT/);
});

test('--server makes the check, and what it finds changes the ranking', async (context) => {
  const authority = await makeAuthority();
  const identity = await authority.issue({ commonName: 'localhost', use: 'server' });
  const file = join(tempFolder(context), 'ca.pem');
  writeFileSync(file, authority.cert);
  const { port } = await listenHttps(context, { ...identity, minVersion: 'TLSv1.3' });
  const server = ['--server', `127.0.0.1:${port}`, '--cacert', file];
  const text = await runSealift(['explain', '10054', ...server], { env: { LANG: 'C' } });
  assert.equal(text.code, 0, text.stderr);
  assert.match(text.stdout, /^ {3}TLS 1\.0 {2}refused: protocol_version \(70\)$/m);
  assert.match(text.stdout, /^ {3}TLS 1\.3 {2}answered, TLS_AES_/m);
  assert.match(text.stdout, /Observed: the server speaks TLS 1\.3 and refuses TLS 1\.0, TLS 1\.1/);
  const json = await runSealift(['explain', '10054', ...server, '--json']);
  const document = JSON.parse(json.stdout);
  assert.equal(document.server.versions[0].alert, 'protocol_version');
  assert.equal(document.failures[0].causes[0].id, 'client-too-old');
  const healthy = await runSealift(['explain', ...server], { env: { LANG: 'C' } });
  assert.equal(healthy.code, 2);
  assert.match(healthy.stdout, /Nothing is wrong with this server from here/);
});

test('--server at a closed port says so without any text', async () => {
  const { code, stdout } = await runSealift(
    ['explain', '--server', `127.0.0.1:${await closedPort()}`],
    {
      env: { LANG: 'C' },
    },
  );
  assert.equal(code, 0);
  assert.match(stdout, /^1\. Nothing listens on that port \(almost certain\)$/m);
});

test('--server that is no server is a usage error', async () => {
  const { code, stderr } = await runSealift(['explain', '--server', 'a:b:c'], {
    env: { LANG: 'C' },
  });
  assert.equal(code, 1);
  assert.match(stderr, /--server takes HOST:PORT, not 'a:b:c'/);
});

test('--facts weighs the causes by the verdict of the doctor', async (context) => {
  const file = join(tempFolder(context), 'machine.reg');
  writeFileSync(file, machineReg('7 SP1'));
  const { code, stdout } = await runSealift(['explain', '10054', '--facts', file], {
    env: { LANG: 'C' },
  });
  assert.equal(code, 0);
  assert.match(stdout, /Observed: by its facts the machine offers at most TLS 1\.0 here: schannel/);
});

test('--facts are judged for the server that --server asks', async (context) => {
  const authority = await makeAuthority();
  const identity = await authority.issue({ commonName: 'localhost', use: 'server' });
  const { port } = await listenHttps(context, {
    ...identity,
    ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: 'DEFAULT:@SECLEVEL=0' },
  });
  const file = join(tempFolder(context), 'machine.reg');
  writeFileSync(file, machineReg('7 SP1'));
  const server = `localhost:${port}`;
  const args = ['explain', '10054', '--facts', file, '--server', server];
  const { stdout } = await runSealift(args, { env: { LANG: 'C' } });
  // What Azure would refuse, this server takes.
  assert.doesNotMatch(stdout, /the machine offers at most/);
});

test('the columns of a log are quoted as they read', async (context) => {
  const file = join(tempFolder(context), 'CBEngineCurr.errlog');
  writeFileSync(file, '1A2C\t0E14\t11/24\t06:00\t18\tx.cpp(1)\t\tFATAL\tHr: = [0x80072746]\n');
  const { stdout } = await runSealift(['explain', '--from', file], { env: { LANG: 'C' } });
  assert.match(stdout, /"1A2C 0E14 11\/24 06:00 18 x\.cpp\(1\) FATAL Hr: = \[0x80072746\]"/);
});

test('a command that TLS stops prints its best cause by itself', async (context) => {
  const authority = await makeAuthority();
  const day = 86_400_000;
  const identity = await authority.issue({
    commonName: 'localhost',
    use: 'server',
    notBefore: new Date(Date.now() - 9 * day),
    notAfter: new Date(Date.now() - 3 * day),
  });
  const file = join(tempFolder(context), 'ca.pem');
  writeFileSync(file, authority.cert);
  const { port } = await listenHttps(context, identity);
  const args = ['-r', `rest:https://localhost:${port}/`, '--cacert', file, 'snapshots'];
  const env = { LANG: 'C', SEALIFT_PASSWORD: 'x' };
  const { code, stderr } = await runSealift(args, { env });
  assert.equal(code, 20, stderr);
  assert.match(stderr, /^cause: The certificate of the server has expired\nhint: /m);
  const chinese = await runSealift([...args, '--lang', 'zh-CN'], { env });
  assert.match(chinese.stderr, /^原因: 服务器的证书已过期\n/m);
});

test('standard input can be explained while a server is checked', async () => {
  const { stdout } = await runSealift(
    ['explain', '--from', '-', '--server', `127.0.0.1:${await closedPort()}`, '--json'],
    { input: 'error 10054\n' },
  );
  const { failures, server } = JSON.parse(stdout);
  assert.equal(server.reach.kind, 'refused');
  assert.equal(failures[0].causes[0].id, 'port-closed');
  assert.equal(failures[0].first_line, 1);
});
