import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { get } from 'node:https';
import { describe, test } from 'node:test';
import { randomFile, startTestVault } from '../vault-fixture.ts';
import { addConsoleUsers, signInAs } from './api-fixture.ts';
import type { Examination } from './schemas/doctor.ts';

async function start(t: Parameters<typeof startTestVault>[0]) {
  const vault = await startTestVault(t);
  await addConsoleUsers(vault.database);
  const owner = await signInAs(vault, 'owner');
  await vault.call('POST', '/alice/?create=true', { user: 'alice' });
  const upload = (type: string, body: Buffer) =>
    vault.call('POST', `/alice/${type}/${createHash('sha256').update(body).digest('hex')}`, {
      ...{ user: 'alice', body },
    });
  return { vault, owner, upload };
}

describe('backups', () => {
  test('a snapshot that arrives tells what was uploaded with it and since when', async (t) => {
    const { owner, upload } = await start(t);
    await upload('locks', randomFile(100).body);
    await upload('data', randomFile(20_000).body);
    await upload('data', randomFile(10_000).body);
    const snapshot = randomFile(300).body;
    await upload('snapshots', snapshot);
    const { rows } = await owner.read('listBackups', '/clients/login:alice/backups');
    const [backup] = rows;
    assert.equal(backup?.addedBytes, 30_300);
    assert.equal(backup?.addedFiles, 3);
    assert.equal(backup?.snapshot, createHash('sha256').update(snapshot).digest('hex'));
    assert.equal(backup?.version, '1.3');
    assert.notEqual(backup?.startedAt, null);
  });

  test('a quota that is used up refuses more, and not locks', async (t) => {
    const { owner, upload } = await start(t);
    const set = await owner.call('PUT', '/storage/quotas/alice', { body: { bytes: 15_000 } });
    assert.equal(set.status, 204);
    assert.equal((await upload('data', randomFile(10_000).body)).status, 200);
    assert.equal((await upload('data', randomFile(10_000).body)).status, 507);
    assert.equal((await upload('locks', randomFile(200).body)).status, 200);
  });

  test('a body in chunks is counted while it comes, and leaves nothing when it is too much', async (t) => {
    const { vault, owner } = await start(t);
    await owner.call('PUT', '/storage/quotas/alice', { body: { bytes: 15_000 } });
    const send = (size: number) => {
      const { body, name } = randomFile(size);
      return vault.call('POST', `/alice/data/${name}`, { user: 'alice', body, chunked: true });
    };
    const kept = vault.files();
    assert.equal((await send(20_000)).status, 507);
    assert.deepEqual(vault.files(), kept);
    assert.equal((await send(10_000)).status, 200);
    assert.equal((await send(10_000)).status, 507);
    assert.equal(vault.files().length, kept.length + 1);
  });
});

test('a scrub finds a file that rotted, and its result stays', async (t) => {
  const { vault, owner, upload } = await start(t);
  await upload('data', randomFile(1000).body);
  const [file = ''] = vault.files().filter((path) => path.includes('/data/'));
  const { writeFile } = await import('node:fs/promises');
  await writeFile(file, 'rotten');
  const started = await owner.call('POST', '/scrubs', { body: {} });
  assert.equal(started.status, 202);
  let run = (await owner.read('listScrubs', '/scrubs')).runs[0];
  while (run?.state === 'running') run = (await owner.read('listScrubs', '/scrubs')).runs[0];
  assert.deepEqual([run?.state, run?.damagedCount], ['done', 1]);
});

test('health and certificates', async (t) => {
  const { owner } = await start(t);
  const state = await owner.read('getVault', '/vault');
  assert.equal(state.status, 'ok');
  const { server, authority } = await owner.read('listCertificates', '/certificates');
  assert.ok((server[0]?.names.length ?? 0) > 0);
  assert.equal(authority?.fingerprint, state.caFingerprint);
});

describe('the doctor', () => {
  const form = (
    files: Record<string, string>,
  ): { body: Buffer; headers: Record<string, string> } => {
    const parts = Object.entries(files).map(
      ([name, text]) =>
        `--x\r\ncontent-disposition: form-data; name="files"; filename="${name}"\r\n\r\n${text}\r\n`,
    );
    const body = Buffer.from(`${parts.join('')}--x--\r\n`);
    return { body, headers: { 'content-type': 'multipart/form-data; boundary=x' } };
  };

  test('an export gets a verdict with its fix, a log gets causes, rubbish a reason', async (t) => {
    const { owner } = await start(t);
    const reg = [
      'Windows Registry Editor Version 5.00',
      '[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion]',
      '"CurrentBuild"="7601"',
      '"CurrentVersion"="6.1"',
      '[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.2\\Client]',
      '"Enabled"=dword:00000000',
      '',
    ].join('\r\n');
    const answer = await owner.call(
      'POST',
      '/doctor',
      form({ 'old.reg': reg, 'CBEngine.errlog': 'WSAGetLastError 10054', 'x.json': '{"a":1}' }),
    );
    assert.equal(answer.status, 200, answer.body.toString());
    const { machines, logs, failures } = answer.json() as Examination;
    assert.equal(machines[0]?.diagnosis.status, 'not-ready');
    const fix = machines[0]?.fixes.find(({ name }) => name === 'fix-old.reg');
    assert.match(Buffer.from(fix?.content ?? '', 'base64').toString('utf16le'), /TLS 1\.2/);
    assert.equal(logs[0]?.explanation.known, true);
    assert.equal(failures[0]?.code, 'facts/invalid');
  });

  test('an error is explained in the language asked for', async (t) => {
    const { owner } = await start(t);
    const answer = await owner.call('POST', '/explain', { body: { text: '10054', lang: 'zh-CN' } });
    const { failures } = answer.json() as { failures: { causes: { title: string }[] }[] };
    assert.match(failures[0]?.causes[0]?.title ?? '', /[\u4e00-\u9fff]/);
  });
});

test('events arrive as they happen, and go on where a connection broke', async (t) => {
  const { vault, owner, upload } = await start(t);
  const watch = (lastId: string | undefined, until: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let text = '';
      const request = get(
        {
          ...{ host: '127.0.0.1', port: vault.vault.port, ca: vault.ca, path: '/api/v1/events' },
          agent: false,
          headers: {
            cookie: owner.cookie,
            ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
          },
        },
        (response) => {
          response.setEncoding('utf8');
          response.on('data', (part: string) => {
            text += part;
            if (!text.includes(until)) return;
            request.destroy();
            resolve(text);
          });
        },
      );
      request.on('error', reject);
    });
  const first = await watch(undefined, 'event: hello');
  const lastId = /^id: (.*)$/m.exec(first)?.[1];
  await upload('data', randomFile(1000).body);
  await upload('snapshots', randomFile(300).body);
  const missed = await watch(lastId, 'event: backup-arrived');
  assert.match(missed, /"resumed":true/);
  assert.match(missed, /"id":"login:alice"/);
  const strange = await watch('00000000-1', 'event: reset');
  assert.match(strange, /event: reset/);
});
