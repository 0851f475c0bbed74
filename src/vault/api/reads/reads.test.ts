import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { randomFile, startTestVault, type TestVault } from '../../vault-fixture.ts';
import { type ApiUser, addConsoleUsers, signInAs } from '../api-fixture.ts';
import { csvCell } from './client-rows.ts';

const plan = `name: test plan
policy: intermediate
retirements:
  - capability: tls1.2
    warn: 2026-01-01
    brownout: 2027-01-01
    enforce: 2027-06-01
    windows:
      - {cron: '0 3 * * 1', duration: 1h, answer: http}
`;

describe('the reading routes', { concurrency: false }, () => {
  let vault: TestVault;
  let owner: ApiUser;
  const closers: (() => unknown)[] = [];

  before(async () => {
    vault = await startTestVault({ after: (job: () => unknown) => closers.push(job) } as never);
    await addConsoleUsers(vault.database);
    owner = await signInAs(vault, 'owner');
    await vault.call('POST', '/alice/?create=true', { user: 'alice', maxVersion: 'TLSv1.2' });
    for (const [type, body] of [
      ['data', randomFile(30_000).body],
      ['snapshots', randomFile(300).body],
    ] as const) {
      const name = createHash('sha256').update(body).digest('hex');
      await vault.call('POST', `/alice/${type}/${name}`, {
        ...{ user: 'alice', body, maxVersion: 'TLSv1.2' },
      });
    }
    await vault.vault.flush();
  });
  test.after(async () => {
    for (const close of closers.reverse()) await close();
  });

  test('a client that backed up is a row, and one that never came is another', async () => {
    const { rows, total } = await owner.read('listClients', '/clients');
    assert.equal(total, 2);
    const [alice, bob] = rows;
    assert.deepEqual([alice?.id, alice?.backups, alice?.lastVersion], ['login:alice', 1, '1.2']);
    assert.deepEqual([bob?.id, bob?.lastSeenAt], ['login:bob', null]);
  });

  test('who signed in to the console is no client', async () => {
    const { rows } = await owner.read('listClients', '/clients?class=all');
    assert.deepEqual(
      rows.map(({ kind }) => kind),
      ['login', 'login'],
    );
  });

  test('filters, order and pages', async () => {
    const names = async (query: string) =>
      (await owner.read('listClients', `/clients?${query}`)).rows.map(({ name }) => name);
    assert.deepEqual(await names('sort=name&order=desc'), ['bob', 'alice']);
    assert.deepEqual(await names('sort=name&offset=1&limit=1'), ['bob']);
    assert.deepEqual(await names('version=1.2'), ['alice']);
    assert.deepEqual(await names('backupDays=1'), ['bob']);
    assert.deepEqual(await names('search=ALI'), ['alice']);
  });

  test('a plan is applied, simulated beside a draft, and put back', async () => {
    const before = await owner.read('getPolicy', '/policy');
    const stale = await owner.call('POST', '/policy/apply', {
      body: { draft: { yaml: plan }, reason: 'a first plan', base: 'something else' },
    });
    assert.equal(stale.status, 409);
    const applied = await owner.call('POST', '/policy/apply', {
      body: { draft: { yaml: plan }, reason: 'a first plan', base: before.revision },
    });
    assert.equal(applied.status, 200, applied.body.toString());
    const now = await owner.read('getPolicy', '/policy');
    assert.equal(now.name, 'test plan');
    assert.equal(now.appliedBy, 'owner');
    const { rows } = await owner.read('listClients', '/clients?readiness=not-ready');
    assert.deepEqual(
      rows.map(({ name, lacking }) => [name, lacking]),
      [['alice', ['tls1.2']]],
    );
    const simulated = await owner.call('POST', '/policy/simulate', {
      body: { draft: { plan: { policy: 'intermediate' } }, at: '2027-07-01' },
    });
    const { current, draft, onlyCurrent } = simulated.json() as {
      current: { failures: { id: string }[] };
      draft: { failures: unknown[] };
      onlyCurrent: { id: string }[];
    };
    assert.deepEqual(
      current.failures.map(({ id }) => id),
      ['login:alice'],
    );
    assert.deepEqual(draft.failures, []);
    assert.deepEqual(
      onlyCurrent.map(({ id }) => id),
      ['login:alice'],
    );
    const overview = await owner.read('getOverview', '/overview');
    assert.equal(overview.next?.phase, 'brownout');
    assert.equal(overview.next?.failing, 1);
    const calendar = await owner.read(
      'getCalendar',
      '/policy/calendar?from=2027-01-01&until=2027-02-01',
    );
    assert.deepEqual(
      calendar.windows.map(({ from }) => from.slice(0, 16)),
      ['2027-01-04T03:00', '2027-01-11T03:00', '2027-01-18T03:00', '2027-01-25T03:00'],
    );
  });

  test('an exemption is added by an operator, shown, and ended', async () => {
    const operator = await signInAs(vault, 'operator');
    const made = await operator.call('POST', '/policy/exemptions', {
      body: { client: 'alice', capability: 'tls1.2', until: '2099-01-01', reason: 'old tape' },
    });
    assert.equal(made.status, 201, made.body.toString());
    const { id } = made.json() as { id: string };
    const { exemptions } = await owner.read('listExemptions', '/policy/exemptions');
    assert.deepEqual(
      exemptions.map(({ clientId }) => clientId),
      ['login:alice'],
    );
    const ended = await operator.call('POST', `/policy/exemptions/${id}/end`, {
      body: { reason: 'replaced' },
    });
    assert.equal(ended.status, 204, ended.body.toString());
    assert.deepEqual((await owner.read('listExemptions', '/policy/exemptions')).exemptions, []);
    const { revisions } = await owner.read('listRevisions', '/policy/history');
    const first = revisions.find(({ name }) => name === 'test plan');
    // What was in force before the first change can be put back too.
    assert.equal(revisions.at(-1)?.source, 'file');
    const state = await owner.read('getPolicy', '/policy');
    const back = await owner.call('POST', `/policy/history/${first?.id}/restore`, {
      body: { reason: 'try again', base: state.revision },
    });
    assert.equal(back.status, 200, back.body.toString());
  });

  test('tags given in the console count for rows at once', async () => {
    const answer = await owner.call('POST', '/clients/tags', {
      body: { clients: ['alice', 'bob'], add: ['branch'] },
    });
    assert.deepEqual(answer.json(), { changed: 2, fixed: [] });
    const { tags } = await owner.read('listClients', '/clients');
    assert.deepEqual(tags, [{ tag: 'branch', clients: 2 }]);
  });

  test('what a person types is kept as it is: text, not markup', async () => {
    const text = '<script>alert(1)</script> {{x}} "\'`';
    await owner.call('POST', '/clients/login:alice/notes', { body: { text } });
    const detail = await owner.read('getClient', '/clients/login:alice');
    assert.equal(detail.notes[0]?.text, text);
    assert.ok(detail.hellos[0]?.offer?.versions.includes('1.2'));
    assert.equal(detail.hellos[0]?.today?.agreed, true);
  });

  test('handshakes by day, and what another policy would do', async () => {
    const { rows } = await owner.read('listHandshakes', '/clients/login:alice/handshakes');
    assert.equal(rows[0]?.agreements[0]?.version, '1.2');
    const answer = await owner.call('POST', '/clients/login:alice/negotiate', {
      body: { policy: 'modern' },
    });
    const { results } = answer.json() as { results: { result: { alert: string } }[] };
    assert.equal(results[0]?.result.alert, 'protocol_version');
  });

  test('a client that nobody knows is not there', async () => {
    for (const path of ['', '/backups', '/handshakes', '/doctor']) {
      const answer = await owner.call('GET', `/clients/login:eve${path}`);
      assert.equal(answer.status, 404, path);
    }
  });

  test('long answers come compressed to who takes it', async () => {
    const answer = await owner.call('GET', '/clients/login:alice', {
      headers: { 'accept-encoding': 'gzip' },
    });
    assert.equal(answer.headers['content-encoding'], 'gzip');
  });

  test('the report and the CSV name every client', async () => {
    const report = await owner.read('getReport', '/report');
    assert.deepEqual(
      report.clients.map(({ summary }) => summary.name),
      ['alice', 'bob'],
    );
    const csv = await owner.call('GET', '/clients.csv');
    assert.match(csv.body.toString(), /login:alice,login,alice,/);
    assert.match(String(csv.headers['content-disposition']), /filename="clients.csv"/);
  });
});

test('a name that a spreadsheet would compute is text in the CSV', () => {
  assert.equal(csvCell('=cmd|calc'), "'=cmd|calc");
  assert.equal(csvCell('a,"b"\r\n'), '"a,""b""\r\n"');
  assert.equal(csvCell('-5'), '-5');
});
