import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { addConsoleUsers, signInAs } from '../../src/vault/api/api-fixture.ts';
import { randomFile, startTestVault } from '../../src/vault/vault-fixture.ts';
import { enrolMachine } from '../support/console-clients.ts';
import { runSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

test('what commands on the machine change is in the audit log: their account, before and after', async (t) => {
  const vault = await startTestVault(t);
  await addConsoleUsers(vault.database);
  await enrolMachine(vault, { name: 'web02', folder: tempFolder(t) });
  await vault.call('POST', '/alice/?create=true', { user: 'alice' });
  const { body, name } = randomFile(1000);
  await vault.call('POST', `/alice/data/${name}`, { user: 'alice', body });
  const policy = join(vault.dataDir, 'draft.yaml');
  await writeFile(policy, 'name: by command\npolicy: intermediate\n');
  const commands = [
    ['vault', 'invite', 'web01'],
    ['vault', 'user', 'add', 'carol'],
    ['vault', 'user', 'add', 'carol', '--replace', '--append-only'],
    ['vault', 'user', 'remove', 'carol'],
    ['vault', 'console-user', 'erin', '--role', 'operator'],
    ['vault', 'console-user', 'erin', '--role', 'owner'],
    ['vault', 'ratchet', 'release', 'alice', '--reason', 'a new card'],
    ['vault', 'revoke', 'web02'],
    ['vault', 'scrub'],
    ['policy', 'apply', policy],
  ];
  for (const command of commands) {
    const run = await runSealift([...command, '--data', vault.dataDir]);
    assert.equal(run.code, 0, run.stderr);
  }
  // One that fails leaves neither a change nor a row.
  assert.notEqual(
    (await runSealift(['vault', 'user', 'remove', 'eve', '--data', vault.dataDir])).code,
    0,
  );
  const owner = await signInAs(vault, 'owner');
  const { rows } = await owner.read('listAudit', '/audit');
  const own = rows.filter(({ via }) => via === 'command').reverse();
  assert.deepEqual(
    own.map(({ action, target, by, before, after }) => [
      ...[action, target, by],
      [before !== null && 'before', after !== null && 'after'].filter(Boolean).join(' '),
    ]),
    [
      ['invite/create', 'web01', 'after'],
      ['login/add', 'carol', 'after'],
      ['login/change', 'carol', 'before after'],
      ['login/delete', 'carol', 'before'],
      ['user/add', 'erin', 'after'],
      ['user/change', 'erin', 'before after'],
      ['client/ratchet-release', 'alice', 'before'],
      ['client/revoke', 'web02', 'before'],
      ['scrub/start', '1', ''],
      ['policy/apply', 'by command', 'after'],
    ].map(([action, target, states]) => [action, target, userInfo().username, states]),
  );
  const find = (action: string, target: string) =>
    own.find((row) => row.action === action && row.target === target);
  assert.deepEqual(find('user/change', 'erin')?.before, { role: 'operator' });
  assert.deepEqual(find('user/change', 'erin')?.after, { role: 'owner', passwordChanged: true });
  const release = find('client/ratchet-release', 'alice');
  assert.equal(release?.reason, 'a new card');
  assert.match(JSON.stringify(release?.before), /"kind":"login","version":"TLS 1.3","provedAt":/);
  const { runs } = await owner.read('listScrubs', '/scrubs');
  assert.deepEqual(
    runs.map(({ state, files, damagedCount }) => [state, files, damagedCount]),
    [['done', 1, 0]],
  );
  const { revisions } = await owner.read('listRevisions', '/policy/history');
  assert.equal(revisions[0]?.name, 'by command');
});

test('a plan that somebody edited enters the history when the vault takes it up', async (t) => {
  const vault = await startTestVault(t);
  await addConsoleUsers(vault.database);
  await writeFile(join(vault.dataDir, 'policy.yaml'), 'name: by hand\npolicy: intermediate\n');
  await vault.vault.reload();
  await vault.vault.reload();
  const owner = await signInAs(vault, 'owner');
  const { revisions } = await owner.read('listRevisions', '/policy/history');
  assert.deepEqual(
    revisions.map(({ name, source, by, isCurrent }) => [name, source, by, isCurrent]),
    [['by hand', 'file', null, true]],
  );
  const { rows } = await owner.read('listAudit', '/audit?action=policy');
  assert.deepEqual(
    rows.map(({ via, action, target }) => [via, action, target]),
    [['file', 'policy/apply', 'by hand']],
  );
});
