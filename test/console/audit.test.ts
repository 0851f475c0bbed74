/** Every operation of the API that changes something leaves its line in the audit log, and so does enrolment. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addConsoleUsers, consolePasswordOf, signInAs } from '../../src/vault/api/api-fixture.ts';
import { contract, type RouteId } from '../../src/vault/api/contract.ts';
import { openApiDocument } from '../../src/vault/api/openapi.ts';
import type { AuditEntry } from '../../src/vault/api/schemas/audit.ts';
import { startTestVault } from '../../src/vault/vault-fixture.ts';
import { backUp, enrolMachine } from '../support/console-clients.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** These send a document and get one back. */
const questions: readonly RouteId[] = [
  ...(['makeReport', 'negotiateClient', 'checkPolicy', 'simulatePolicy'] as const),
  ...(['getDraftCalendar', 'examine', 'explain'] as const),
];

interface Change {
  readonly action: string;
  readonly by?: string;
  /** Which of the two states the line has. */
  readonly states: '' | 'before' | 'after' | 'before after';
  readonly make: () => Promise<unknown>;
}

const day = (days: number): string =>
  new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

test('each operation that changes something leaves one line: who, how, what, before and after', async (t) => {
  const vault = await startTestVault(t);
  await addConsoleUsers(vault.database);
  await backUp(vault, 'alice');
  await enrolMachine(vault, { name: 'web01', folder: tempFolder(t) });
  const owner = await signInAs(vault, 'owner');
  const [operator, viewer] = [await signInAs(vault, 'operator'), await signInAs(vault, 'viewer')];
  const send = async (method: string, path: string, body?: unknown): Promise<void> => {
    const answer = await owner.call(method, path, body === undefined ? {} : { body });
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.body.toString()}`);
  };
  const base = async (): Promise<string> => (await owner.read('getPolicy', '/policy')).revision;
  const exemption = { client: 'alice', capability: 'tls1.2', until: day(30), reason: 'waits' };
  const changes: Partial<Record<RouteId, Change>> = {
    signIn: {
      ...{ action: 'session/sign-in', states: 'after', by: 'viewer' },
      make: () => signInAs(vault, 'viewer'),
    },
    signOut: {
      ...{ action: 'session/sign-out', states: '', by: 'viewer' },
      make: () => viewer.call('DELETE', '/session'),
    },
    changePassword: {
      ...{ action: 'user/password', states: 'after', by: 'operator' },
      make: () =>
        operator.call('PUT', '/session/password', {
          body: { current: consolePasswordOf('operator'), next: 'another long password' },
        }),
    },
    createToken: {
      ...{ action: 'token/create', states: 'after' },
      make: () => send('POST', '/tokens', { name: 'grafana', role: 'viewer' }),
    },
    deleteToken: {
      ...{ action: 'token/delete', states: 'before' },
      async make() {
        const { tokens } = await owner.read('listTokens', '/tokens');
        await send('DELETE', `/tokens/${tokens[0]?.id}`);
      },
    },
    changeTags: {
      ...{ action: 'client/tags', states: 'before after' },
      make: () => send('POST', '/clients/tags', { clients: ['alice'], add: ['tills'] }),
    },
    addNote: {
      ...{ action: 'client/note-add', states: 'after' },
      make: () => send('POST', '/clients/login:alice/notes', { text: 'by the door' }),
    },
    deleteNote: {
      ...{ action: 'client/note-delete', states: 'before' },
      async make() {
        const { notes } = await owner.read('getClient', '/clients/login:alice');
        await send('DELETE', `/clients/login:alice/notes/${notes[0]?.id}`);
      },
    },
    releaseRatchet: {
      ...{ action: 'client/ratchet-release', states: 'before' },
      make: () => send('POST', '/clients/login:alice/ratchet/release', { reason: 'a new card' }),
    },
    revokeClient: {
      ...{ action: 'client/revoke', states: 'before' },
      make: () => send('DELETE', '/clients/certificate:web01'),
    },
    applyPolicy: {
      ...{ action: 'policy/apply', states: 'before after' },
      async make() {
        const yaml = `name: next\npolicy: intermediate\nretirements:\n  - {capability: tls1.2, enforce: ${day(400)}}\n`;
        await send('POST', '/policy/apply', {
          ...{ draft: { yaml }, reason: 'it is time', base: await base() },
        });
      },
    },
    restoreRevision: {
      ...{ action: 'policy/restore', states: 'before after' },
      async make() {
        const { revisions } = await owner.read('listRevisions', '/policy/history');
        const body = { reason: 'not yet', base: await base() };
        await send('POST', `/policy/history/${revisions[1]?.id}/restore`, body);
      },
    },
    addExemption: {
      ...{ action: 'exemption/add', states: 'after' },
      make: () => send('POST', '/policy/exemptions', exemption),
    },
    endExemption: {
      ...{ action: 'exemption/end', states: 'before' },
      async make() {
        const { exemptions } = await owner.read('listExemptions', '/policy/exemptions');
        await send('POST', `/policy/exemptions/${exemptions[0]?.id}/end`, { reason: 'mended' });
      },
    },
    setQuota: {
      ...{ action: 'quota/set', states: 'after' },
      make: () => send('PUT', '/storage/quotas/alice', { bytes: 1_000_000 }),
    },
    startScrub: {
      ...{ action: 'scrub/start', states: '' },
      make: () => send('POST', '/scrubs', {}),
    },
    addUser: {
      ...{ action: 'user/add', states: 'after' },
      make: () => send('POST', '/users', { name: 'erin', role: 'viewer' }),
    },
    changeUser: {
      ...{ action: 'user/change', states: 'before after' },
      make: () => send('PATCH', '/users/erin', { role: 'operator' }),
    },
    deleteUser: {
      ...{ action: 'user/delete', states: 'before' },
      make: () => send('DELETE', '/users/erin'),
    },
    addLogin: {
      ...{ action: 'login/add', states: 'after' },
      make: () => send('POST', '/logins', { name: 'carol' }),
    },
    changeLogin: {
      ...{ action: 'login/change', states: 'before after' },
      make: () => send('PATCH', '/logins/carol', { appendOnly: true }),
    },
    deleteLogin: {
      ...{ action: 'login/delete', states: 'before' },
      make: () => send('DELETE', '/logins/carol'),
    },
    createInvite: {
      ...{ action: 'invite/create', states: 'after' },
      make: () => send('POST', '/invites', { name: 'till-8' }),
    },
    deleteInvite: {
      ...{ action: 'invite/delete', states: 'before' },
      async make() {
        const { invites } = await owner.read('listInvites', '/invites');
        const open = invites.find(({ state }) => state === 'open');
        await send('DELETE', `/invites/${open?.id}`);
      },
    },
  };
  assert.deepEqual([...Object.keys(changes), ...questions].sort(), notOnlyRead().sort());

  // The order of the contract: what is made is there before it is changed and taken away.
  for (const id of Object.keys(contract) as RouteId[]) {
    const change = changes[id];
    if (change === undefined) continue;
    const last = await latest();
    await change.make();
    const rows = (await entries()).filter((entry) => Number(entry.id) > last);
    assert.deepEqual(
      rows.map(({ action, by, via, before, after }) => [
        ...[action, by, via],
        [before !== null && 'before', after !== null && 'after'].filter(Boolean).join(' '),
      ]),
      [[change.action, change.by ?? 'owner', 'session', change.states]],
      id,
    );
    const [{ at = '', address = null } = {}] = rows;
    assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000, id);
    assert.equal(address, '127.0.0.1', id);
  }
  assert.doesNotMatch(JSON.stringify(await entries()), /another long password|scrypt/);

  async function entries(): Promise<readonly AuditEntry[]> {
    return (await owner.read('listAudit', '/audit?limit=500')).rows;
  }

  async function latest(): Promise<number> {
    return Math.max(0, ...(await entries()).map(({ id }) => Number(id)));
  }
});

test('a machine that enrols, and one that takes its place, are in the audit log', async (t) => {
  const vault = await startTestVault(t);
  await addConsoleUsers(vault.database);
  await enrolMachine(vault, { name: 'web01', folder: tempFolder(t) });
  await enrolMachine(vault, { name: 'web01', folder: tempFolder(t) });
  const owner = await signInAs(vault, 'owner');
  const { rows } = await owner.read('listAudit', '/audit?action=client/enrol');
  assert.deepEqual(
    rows.map(({ by, via, target }) => [by, via, target]),
    [1, 2].map(() => ['web01', 'invite', 'certificate:web01']),
  );
  // The latest first: what it replaced is what the one before it got.
  const serials = rows.map(({ before, after }) => ({
    replaced: (before as { serial: string }[] | null)?.map(({ serial }) => serial),
    given: (after as { serial: string }).serial,
  }));
  assert.deepEqual(
    serials.map(({ replaced }) => replaced),
    [[serials[1]?.given], undefined],
  );
});

/** Operations of the OpenAPI document that are not a GET. */
function notOnlyRead(): string[] {
  const { paths } = openApiDocument('0.0.0') as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  return Object.values(paths).flatMap((path) =>
    Object.entries(path)
      .filter(([method]) => method !== 'get')
      .map(([, { operationId }]) => operationId),
  );
}
