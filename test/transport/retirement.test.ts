/** A whole retirement by a clock that the test drives, with a real client of each version of TLS. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { getBaseline } from '../../src/tls/baselines.ts';
import { endOfPlan, simulate } from '../../src/tls/retirement/simulate.ts';
import type { VaultDatabase } from '../../src/vault/database/database.ts';
import { replayEntries } from '../../src/vault/ledger/queries.ts';
import { planPath, readPlan } from '../../src/vault/plan-store.ts';
import { createVaultData, type RunningVault } from '../../src/vault/vault.ts';
import {
  addTestUser,
  basicHeader,
  randomFile,
  startTestVault,
  tempVaultFolder,
} from '../../src/vault/vault-fixture.ts';
import { skipWithout } from '../support/peers.ts';
import { run } from '../support/run.ts';

const plan = `
name: the end of TLS 1.0 and 1.1
policy: old
retirements:
  - capability: tls1.0
    observe: 2027-01-01
    warn: 2027-03-01
    brownout: 2027-06-01
    enforce: 2027-09-01
    link: https://backup.example.org/tls
    windows:
      - {cron: "0 9 * * 1", timeZone: UTC, duration: 1h, answer: http, until: 2027-07-01}
      - {cron: "0 9 * * 1", timeZone: UTC, duration: 4h, answer: alert, from: 2027-07-01}
  - capability: tls1.1
    observe: 2027-01-01
    warn: 2027-03-01
    brownout: 2027-06-01
    enforce: 2027-09-01
    link: https://backup.example.org/tls
    windows:
      - {cron: "0 9 * * 1", timeZone: UTC, duration: 1h, answer: http, until: 2027-07-01}
      - {cron: "0 9 * * 1", timeZone: UTC, duration: 4h, answer: alert, from: 2027-07-01}
exemptions:
  - client: x-ray
    capability: tls1.0
    reason: the maker's update comes in autumn
    until: 2027-10-01
`;

interface Client {
  readonly name: string;
  readonly option: '-tls1' | '-tls1_1' | '-tls1_2' | '-tls1_3';
  /** Each machine has an address of its own; the two of TLS 1.0 have the same fingerprint. */
  readonly address: string;
}

const clients: readonly Client[] = [
  { name: 'press', option: '-tls1', address: '127.0.0.10' },
  { name: 'x-ray', option: '-tls1', address: '127.0.0.11' },
  { name: 'archive', option: '-tls1_1', address: '127.0.0.12' },
  { name: 'office', option: '-tls1_2', address: '127.0.0.13' },
  { name: 'laptop', option: '-tls1_3', address: '127.0.0.14' },
];

/** What came back: the status and head of the HTTP answer, or the alert. */
interface Answer {
  readonly result: string;
  readonly head: string;
}

describe('a retirement of TLS 1.0 and 1.1, from observe to enforce', {
  skip: skipWithout('openssl'),
}, () => {
  let nowMs = Date.parse('2027-01-10T12:00:00Z');
  let vault: RunningVault;
  let database: VaultDatabase;
  let dataDir: string;
  const cleanups: (() => unknown)[] = [];

  before(async () => {
    const t = { after: (cleanup: () => unknown) => void cleanups.push(cleanup) };
    const clock = { now: () => nowMs };
    dataDir = await tempVaultFolder(t);
    await createVaultData(dataDir, { clock });
    writeFileSync(planPath(dataDir), plan);
    const preview = {
      listen: { host: '127.0.0.1', port: 0 },
      at: Date.parse('2027-09-02T00:00:00Z'),
    };
    ({ vault, database } = await startTestVault(t, { dataDir, clock, preview }));
    for (const { name } of clients) {
      await addTestUser(database, name);
      const made = await ask(name, 'POST', `/${name}/?create=true`);
      assert.equal(made.result, 'HTTP 200', name);
    }
  });

  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  /** One request of a client on a connection of its own. */
  async function ask(
    name: string,
    method: string,
    path: string,
    { body = new Uint8Array(), port = vault.port }: { body?: Uint8Array; port?: number } = {},
  ): Promise<Answer> {
    const client = clients.find((one) => one.name === name);
    assert.ok(client);
    const head = [
      `${method} ${path} HTTP/1.1`,
      'Host: localhost',
      `Authorization: ${basicHeader(name)}`,
      `Content-Length: ${body.length}`,
      'Connection: close',
    ];
    const { stdout, stderr } = await run(
      'openssl',
      [
        ...['s_client', '-connect', `127.0.0.1:${port}`, '-bind', `${client.address}:0`],
        ...[client.option, '-cipher', 'DEFAULT:@SECLEVEL=0', '-quiet'],
      ],
      { input: Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]) },
    );
    const status = /^HTTP\/1\.1 (\d+)/.exec(stdout)?.[1];
    const alert = /SSL alert number (\d+)/.exec(stderr)?.[1];
    return {
      result: status === undefined ? `alert ${alert ?? stderr}` : `HTTP ${status}`,
      head: stdout,
    };
  }

  /** Each client stores a snapshot at a moment; what each of them got. */
  async function backUpAt(time: string): Promise<Record<string, string>> {
    nowMs = Date.parse(time);
    const answers: Record<string, string> = {};
    for (const { name } of clients) {
      const { name: id, body } = randomFile(100);
      answers[name] = (await ask(name, 'POST', `/${name}/snapshots/${id}`, { body })).result;
    }
    await vault.flush();
    return answers;
  }

  /** Names of those who fail at a date, replayed from the ledger as it is. */
  async function simulatedFailures(date: string): Promise<string[]> {
    const entries = await replayEntries(database);
    const { failures, oneOff, unknown } = simulate(entries, await readPlan(dataDir), {
      atMs: Date.parse(date),
      server: { certificates: getBaseline('old').certificates, alpn: ['http/1.1'] },
    });
    assert.deepEqual([oneOff, unknown], [[], []]);
    return [...new Set(failures.map(({ entry }) => entry.client ?? entry.address))].sort();
  }

  function failuresIn(answers: Record<string, string>): string[] {
    return Object.keys(answers)
      .filter((name) => answers[name] !== 'HTTP 200')
      .sort();
  }

  const allServed = Object.fromEntries(clients.map(({ name }) => [name, 'HTTP 200']));

  test('observe: everybody is served, and nobody is told anything', async () => {
    assert.deepEqual(await backUpAt('2027-01-11T12:00:00Z'), allServed);
    for (const { name } of clients) {
      const { head } = await ask(name, 'GET', `/${name}/snapshots/`);
      assert.doesNotMatch(head, /^(deprecation|sunset):/im, name);
    }
  });

  test('observe: the preview refuses those whom the date will refuse, and nobody else', async () => {
    for (const { name, option } of clients) {
      const port = vault.preview?.port ?? 0;
      const { result } = await ask(name, 'GET', `/${name}/snapshots/`, { port });
      const isOld = (option === '-tls1' || option === '-tls1_1') && name !== 'x-ray';
      assert.equal(result, isOld ? 'alert 70' : 'HTTP 200', name);
    }
  });

  test('warn: those who would be refused hear the date and the link, in headers', async () => {
    assert.deepEqual(await backUpAt('2027-03-10T12:00:00Z'), allServed);
    for (const { name, option } of clients) {
      const { head } = await ask(name, 'GET', `/${name}/snapshots/`);
      if (option === '-tls1_2' || option === '-tls1_3') {
        assert.doesNotMatch(head, /^(deprecation|sunset):/im, name);
        continue;
      }
      assert.match(head, /^deprecation: @1803859200\r$/im, name);
      const end = name === 'x-ray' ? 'Fri, 01 Oct 2027' : 'Wed, 01 Sep 2027';
      assert.match(head, new RegExp(`^sunset: ${end} 00:00:00 GMT\r$`, 'im'), name);
      assert.match(head, /^link: <https:\/\/backup\.example\.org\/tls>/im, name);
    }
  });

  test('brownout: in the first windows HTTP 403 says why; between them everything works', async () => {
    const refused = { ...allServed, press: 'HTTP 403', archive: 'HTTP 403' };
    assert.deepEqual(await backUpAt('2027-06-07T09:30:00Z'), refused);
    const { head } = await ask('press', 'GET', '/press/snapshots/');
    assert.match(head, /TLS 1\.0/);
    assert.match(head, /2027-09-01/);
    assert.deepEqual(await backUpAt('2027-06-07T10:30:00Z'), allServed);
  });

  test('brownout: the later windows answer with the alert of the final state', async () => {
    const refused = { ...allServed, press: 'alert 70', archive: 'alert 70' };
    assert.deepEqual(await backUpAt('2027-07-05T09:30:00Z'), refused);
    assert.deepEqual(await backUpAt('2027-07-05T13:30:00Z'), allServed);
  });

  test('enforce: exactly those fail whom the simulation named the day before', async () => {
    assert.deepEqual(await backUpAt('2027-08-31T12:00:00Z'), allServed);
    const named = await simulatedFailures('2027-09-01T12:00:00Z');
    assert.deepEqual(named, ['archive', 'press']);
    const answers = await backUpAt('2027-09-01T12:00:00Z');
    assert.deepEqual(failuresIn(answers), named);
    assert.deepEqual(answers, { ...allServed, press: 'alert 70', archive: 'alert 70' });
  });

  test('the exemption ends by itself, and the simulation of the day before has named its client', async () => {
    const named = await simulatedFailures('2027-10-01T12:00:00Z');
    assert.deepEqual(named, ['archive', 'press', 'x-ray']);
    const answers = await backUpAt('2027-10-01T12:00:00Z');
    assert.deepEqual(failuresIn(answers), named);
    assert.equal(endOfPlan(await readPlan(dataDir), nowMs), nowMs);
  });
});
