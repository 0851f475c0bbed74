import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeAuthority } from '../support/certificate.ts';
import { runSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { closedPort, listen } from '../support/tls-listeners.ts';
import { machineReg } from '../support/windows-machine.ts';

const isRead = process.platform === 'linux' || process.platform === 'darwin';
const live = { skip: !isRead && 'this system is read by its own tools' };

/** A server whose clock is behind that of this machine. */
async function serve(context: TestContext, options: https.ServerOptions & { behindMs?: number }) {
  const authority = await makeAuthority();
  const identity = await authority.issue({ commonName: 'localhost', use: 'server' });
  const { behindMs = 0, ...more } = options;
  const server = https.createServer({ ...identity, ...more }, (_request, response) => {
    response.setHeader('Date', new Date(Date.now() - behindMs).toUTCString());
    response.end();
  });
  return (await listen(context, server)).port;
}

test('--server HOST:PORT compares the clock of this machine and judges it', live, async (t) => {
  const server = `127.0.0.1:${await serve(t, { behindMs: 3_600_000 * 30 })}`;
  const json = await runSealift(['doctor', '--server', server, '--format', 'json']);
  const document = JSON.parse(json.stdout);
  assert.match(JSON.stringify(document), /"clock\/ahead"/);
  const { stdout } = await runSealift(['doctor', '--server', server], { env: { LANG: 'C' } });
  assert.match(stdout, /error: The clock of this machine is 1 d 6 h ahead of that of 127\.0\.0\.1/);
  assert.match(stdout, /found: 127\.0\.0\.1:\d+ = \+1 d 6 h \(HTTP Date\)/);
  assert.match(stdout, /remedy: Set the clock:/);
  const chinese = await runSealift(['doctor', '--server', server, '--lang', 'zh-CN']);
  assert.match(chinese.stdout, /这台计算机的时钟比 127\.0\.0\.1:\d+ 快 1 d 6 h/);
});

test('a clock that agrees is no finding', live, async (t) => {
  const server = `127.0.0.1:${await serve(t, {})}`;
  const { stdout } = await runSealift(['doctor', '--server', server, '--format', 'json']);
  assert.doesNotMatch(stdout, /"clock\//);
});

test('machines are judged against the versions that a server answers in', async (t) => {
  const file = join(tempFolder(t), 'old.reg');
  writeFileSync(file, machineReg('2008 R2 SP1'));
  const modern = `127.0.0.1:${await serve(t, { minVersion: 'TLSv1.2' })}`;
  const old = `127.0.0.1:${await serve(t, {
    ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: 'DEFAULT:@SECLEVEL=0' },
  })}`;
  const refused = await runSealift(['doctor', file, '--server', modern]);
  assert.equal(refused.code, 1);
  assert.match(refused.stdout, new RegExp(`against the server "${modern}"`));
  assert.match(refused.stdout, /refused: protocol_version/);
  const taken = await runSealift(['doctor', file, '--server', old]);
  assert.match(taken.stdout, /READY {2}Schannel.*\n.*agrees on TLS 1\.0, TLS_[A-Z0-9_]+CBC_SHA/);
  // The clock of this machine says nothing about that of the export.
  assert.doesNotMatch(taken.stdout, /clock/);
});

test('a server that does not answer is told, and the machine judged by the usual ones', async (t) => {
  const file = join(tempFolder(t), 'new.reg');
  writeFileSync(file, machineReg('2022'));
  const server = `127.0.0.1:${await closedPort()}`;
  const { code, stderr, stdout } = await runSealift(['doctor', file, '--server', server], {
    env: { LANG: 'C' },
  });
  assert.equal(code, 0);
  assert.match(stderr, /answered in no version of TLS: the usual servers are assumed/);
  assert.match(stdout, /against the server "azure"/);
});
