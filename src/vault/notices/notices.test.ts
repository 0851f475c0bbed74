import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { makeAuthority } from '../../../test/support/certificate.ts';
import { startSmtpSink } from '../../../test/support/smtp-sink.ts';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import type { ConnectionRecord } from '../../door/connection.ts';
import type { Capability } from '../../tls/retirement/plan.ts';
import { openDatabaseFile, type VaultDatabase } from '../database/database.ts';
import type { Digest } from './digest.ts';
import { NoticeBook } from './notice-book.ts';
import { noticesSchema, ownerOf } from './notice-config.ts';
import { NoticeSender } from './notice-sender.ts';
import { webhookSecret } from './webhook.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const logger = pino({ level: 'silent' });

test('many connections are one signed message to each owner', async (t) => {
  const { book, sender, receiver } = await setUp(t);
  for (let count = 0; count < 500; count += 1) {
    book.observer.onEnd(warned('pc-1', 'tls1.1'));
    book.observer.onEnd(warned('pc-2', 'cbc'));
    book.observer.onEnd(warned('printer', 'tls1.1'));
  }
  await book.flush();
  await sender.run();
  assert.deepEqual(
    receiver.digests().map(({ owner, clients }) => [owner, clients.map(({ name }) => name)]),
    [
      ['anna', ['pc-1', 'pc-2']],
      ['operator', ['printer']],
    ],
  );
  const [item] = receiver.digests()[0]?.clients[0]?.items ?? [];
  assert.equal(item?.topic, 'tls1.1');
  assert.equal(item?.connections, 500);
  assert.equal(item?.enforced, '2027-01-15T08:00:00.000Z');
  for (const { headers, body } of receiver.received) {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const hmac = createHmac('sha256', webhookSecret(secret)).update(signed).digest('base64');
    assert.equal(headers['webhook-signature'], `v1,${hmac}`);
  }
});

test('one period has one message, and the next one only if it still goes on', async (t) => {
  const { book, sender, receiver, clock } = await setUp(t);
  const see = async (): Promise<void> => {
    book.observer.onEnd(warned('pc-1', 'tls1.1'));
    await book.flush();
    await sender.run();
  };
  await see();
  clock.ms += dayMs;
  await see();
  assert.equal(receiver.received.length, 1);
  clock.ms += 6 * dayMs;
  await see();
  assert.equal(receiver.received.length, 2);
  clock.ms += 7 * dayMs;
  await sender.run();
  assert.equal(receiver.received.length, 2, 'nothing was seen since');
});

test('a restart repeats nothing', async (t) => {
  const { book, sender, receiver, database, config, clock } = await setUp(t);
  book.observer.onEnd(warned('pc-1', 'tls1.1'));
  await book.flush();
  await sender.run();
  const parts = { database, config, clock, logger };
  await new NoticeSender(parts).run();
  assert.equal(receiver.received.length, 1);
});

test('a message that failed is tried again a few times, with the same id, and is then told', async (t) => {
  const { book, sender, receiver, clock, results } = await setUp(t);
  receiver.status = 500;
  book.observer.onEnd(warned('pc-1', 'tls1.1'));
  await book.flush();
  for (let minutes = 0; minutes < 24 * 60; minutes += 1) {
    await sender.run();
    clock.ms += 60_000;
  }
  assert.equal(receiver.received.length, 5, 'a day of failures is five attempts');
  assert.deepEqual(new Set(results), new Set(['webhook failed']));
  receiver.status = 204;
  clock.ms += 7 * dayMs;
  await sender.run();
  await sender.run();
  assert.equal(receiver.received.length, 6);
  assert.equal(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size, 1);
  assert.equal(results.at(-1), 'webhook sent');
});

test('a receiver that never answers is given up after the time set', async (t) => {
  const { book, sender, receiver, results } = await setUp(t, { timeout: '100ms' });
  receiver.status = 0;
  book.observer.onEnd(warned('pc-1', 'tls1.1'));
  await book.flush();
  await sender.run();
  assert.deepEqual(results, ['webhook failed']);
});

test('a redirect is not followed', async (t) => {
  const { book, sender, receiver, results } = await setUp(t);
  receiver.status = 307;
  book.observer.onEnd(warned('pc-1', 'tls1.1'));
  await book.flush();
  await sender.run();
  assert.equal(receiver.received.length, 1);
  assert.deepEqual(results, ['webhook failed']);
});

test('a suspected downgrade does not wait for the digest', async (t) => {
  const { book, sender, receiver, clock } = await setUp(t);
  book.observer.onEnd(warned('pc-1', 'tls1.1'));
  await book.flush();
  await sender.run();
  clock.ms += hourMs;
  for (let count = 0; count < 20; count += 1)
    book.addDowngrade({ client: 'pc-1', version: 0x0303, address: '192.0.2.7' });
  await book.flush();
  await sender.run();
  await sender.run();
  assert.deepEqual(
    receiver.digests().map(({ type }) => type),
    ['sealift.retirement', 'sealift.downgrade'],
  );
  const [item] = receiver.digests()[1]?.clients[0]?.items ?? [];
  assert.equal(item?.phase, 'TLS 1.2');
  assert.equal(item?.connections, 20);
});

test('a client that was refused before it could say its name is known by its address', async (t) => {
  const { book, sender, receiver } = await setUp(t, {}, () => ['pc-2']);
  book.observer.onEnd({ ...warned('', 'tls1.1'), client: undefined, outcome: 'refused' });
  await book.flush();
  await sender.run();
  assert.equal(receiver.digests()[0]?.clients[0]?.name, 'pc-2');
});

test('the preview tells nobody anything', async (t) => {
  const { book, sender, receiver } = await setUp(t);
  book.observer.onEnd({ ...warned('pc-1', 'tls1.1'), listener: 'preview' });
  await book.flush();
  await sender.run();
  assert.equal(receiver.received.length, 0);
});

test('e-mail goes out over verified TLS, to the owner, in the language set', async (t) => {
  const authority = await makeAuthority();
  const { cert, key } = await authority.issue({ commonName: 'mail', use: 'server' });
  const sink = await startSmtpSink({ cert, key });
  t.after(() => sink.close());
  const folder = tempFolder(t);
  const caFile = join(folder, 'ca.pem');
  const passwordFile = join(folder, 'password');
  writeFileSync(caFile, authority.cert);
  writeFileSync(passwordFile, 'mail password\n');
  const run = await mailing(t, {
    host: 'localhost',
    port: sink.port,
    user: 'vault',
    passwordFile,
    caFile,
    from: 'vault@example.org',
    to: ['ops@example.org'],
  });
  await run();
  const [mail, second] = sink.mails;
  assert.equal(sink.mails.length, 2);
  assert.deepEqual(mail?.to, ['anna@example.org']);
  assert.deepEqual(second?.to, ['ops@example.org']);
  assert.match(mail?.tlsVersion ?? '', /^TLSv1\.[23]$/);
  assert.equal(mail?.login, '\0vault\0mail password');
  assert.match(mail?.data ?? '', /^Auto-Submitted: auto-generated/m);
  assert.match(decoded(mail?.data ?? ''), /tls1\.1：1 次连接/);
});

test('e-mail does not go to a server that is not trusted or speaks no TLS', async (t) => {
  const authority = await makeAuthority();
  const { cert, key } = await authority.issue({ commonName: 'mail', use: 'server' });
  for (const options of [{}, { clear: true }, { implicitTls: true }]) {
    const sink = await startSmtpSink({ cert, key, ...options });
    t.after(() => sink.close());
    const run = await mailing(t, {
      host: 'localhost',
      port: sink.port,
      security: 'implicitTls' in options ? 'tls' : 'starttls',
      from: 'vault@example.org',
    });
    assert.deepEqual(await run(), ['email failed']);
    assert.deepEqual(sink.mails, []);
  }
});

test('implicit TLS, and a mail server on this machine without any', async (t) => {
  const authority = await makeAuthority();
  const { cert, key } = await authority.issue({ commonName: 'mail', use: 'server' });
  const caFile = join(tempFolder(t), 'ca.pem');
  writeFileSync(caFile, authority.cert);
  for (const [options, security, version] of [
    [{ implicitTls: true }, 'tls', 'TLSv1.3'],
    [{ clear: true }, 'none', undefined],
  ] as const) {
    const sink = await startSmtpSink({ cert, key, ...options });
    t.after(() => sink.close());
    const email = { host: 'localhost', port: sink.port, security, caFile, from: 'v@example.org' };
    const run = await mailing(t, email);
    assert.deepEqual(await run(), ['email sent']);
    assert.equal(sink.mails[0]?.tlsVersion, version);
  }
});

test('a recipient that the mail server refuses is a failure', async (t) => {
  const authority = await makeAuthority();
  const { cert, key } = await authority.issue({ commonName: 'mail', use: 'server' });
  const sink = await startSmtpSink({ cert, key, clear: true });
  t.after(() => sink.close());
  sink.answerRecipients(550);
  const email = { host: 'localhost', port: sink.port, security: 'none', from: 'v@example.org' };
  const run = await mailing(t, email);
  assert.deepEqual(await run(), ['email failed']);
});

test('the first owner whose names fit gets the notice', () => {
  const config = noticesSchema.parse({
    owners: [
      { name: 'anna', clients: ['pc-*', 'nas.1'] },
      { name: 'bert', clients: ['*'] },
    ],
  });
  assert.equal(ownerOf('PC-7', config).name, 'anna');
  assert.equal(ownerOf('nas.1', config).name, 'anna');
  assert.equal(ownerOf('nasx1', config).name, 'bert');
  assert.equal(ownerOf('pc-7', noticesSchema.parse({})).name, 'operator');
});

test('a webhook in the clear and unprotected mail to another machine are refused', () => {
  const file = { secretFile: 'secret' };
  const accepts = (config: unknown): boolean => noticesSchema.safeParse(config).success;
  assert.ok(accepts({ webhook: { url: 'https://hooks.example.org/x', ...file } }));
  assert.ok(accepts({ webhook: { url: 'http://localhost:8080/', ...file } }));
  assert.ok(!accepts({ webhook: { url: 'http://hooks.example.org/', ...file } }));
  assert.ok(!accepts({ webhook: { url: 'file:///etc/passwd', ...file } }));
  assert.ok(!accepts({ email: { host: 'mail', security: 'none', from: 'a@example.org' } }));
});

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function setUp(
  t: TestContext,
  webhook: Readonly<Record<string, string>> = {},
  findNames: () => readonly string[] = () => [],
) {
  const receiver = await startReceiver(t);
  const folder = tempFolder(t);
  const secretFile = join(folder, 'secret');
  const caFile = join(folder, 'ca.pem');
  writeFileSync(secretFile, `${secret}\n`);
  writeFileSync(caFile, receiver.ca);
  const config = noticesSchema.parse({
    vaultName: 'test',
    webhook: { url: receiver.url, secretFile, caFile, ...webhook },
    owners: [{ name: 'anna', clients: ['pc-*'] }],
  });
  const database = await openTestDatabase(t);
  const clock = { ms: 1_800_000_000_000 - 30 * dayMs, now: () => clock.ms };
  const results: string[] = [];
  const onResult = (channel: string, result: string): void => {
    results.push(`${channel} ${result}`);
  };
  const book = new NoticeBook({ database, clock, findNames });
  const sender = new NoticeSender({ database, clock, logger, config, onResult });
  return { book, sender, receiver, database, config, clock, results };
}

/** Anna's pc-1 and one nobody owns, mailed as configured; the results of one run. */
async function mailing(
  t: TestContext,
  email: Readonly<Record<string, unknown>>,
): Promise<() => Promise<string[]>> {
  const database = await openTestDatabase(t);
  const clock = { now: () => 1_790_000_000_000 };
  const config = noticesSchema.parse({
    email,
    language: 'zh-CN',
    owners: [{ name: 'anna', clients: ['pc-*'], email: ['anna@example.org'] }],
  });
  const book = new NoticeBook({ database, clock, findNames: () => [] });
  book.observer.onEnd(warned('pc-1', 'tls1.1'));
  book.observer.onEnd(warned('printer', 'tls1.1'));
  await book.flush();
  return async () => {
    const results: string[] = [];
    const onResult = (channel: string, result: string): void => {
      results.push(`${channel} ${result}`);
    };
    await new NoticeSender({ database, clock, logger, config, onResult }).run();
    return results;
  };
}

async function openTestDatabase(t: TestContext): Promise<VaultDatabase> {
  const database = await openDatabaseFile(':memory:');
  t.after(() => database.destroy());
  return database;
}

/** An HTTPS server that keeps what it is sent; status 0 is no answer at all. */
async function startReceiver(t: TestContext) {
  const authority = await makeAuthority();
  const { cert, key } = await authority.issue({ commonName: 'hooks', use: 'server' });
  const received: Received[] = [];
  const state = { status: 204 };
  const server = createTlsServer({ cert, key }, (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      if (state.status === 0) return;
      response.writeHead(state.status, state.status === 307 ? { location: '/else' } : {}).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return Object.assign(state, {
    url: `https://localhost:${(server.address() as AddressInfo).port}/hook`,
    ca: authority.cert,
    received,
    digests: () => received.map(({ body }) => JSON.parse(body) as Digest),
  });
}

function warned(client: string, capability: Capability): ConnectionRecord {
  return {
    listener: 'main',
    startedMs: 0,
    endedMs: 1,
    address: '192.0.2.1',
    client: { kind: 'login', name: client },
    fingerprint: 'f',
    offer: undefined,
    verdict: {
      kind: 'refuse',
      alert: 'protocol_version',
      cause: 'enforce',
      negotiation: {
        kind: 'refused',
        alert: 'protocol_version',
        insufficientSecurity: false,
        why: [],
      },
      notices: [
        {
          capability,
          phase: 'warn',
          enforceMs: 1_800_000_000_000,
          warnMs: undefined,
          link: undefined,
          brownout: undefined,
          exemptUntilMs: undefined,
        },
      ],
    },
    outcome: 'warned',
    reason: undefined,
    alert: undefined,
    negotiated: undefined,
    handshakeMs: undefined,
    bytesRead: 0,
    bytesWritten: 0,
  };
}

/** The text of a mail's body, which is base64 when it is Chinese. */
function decoded(data: string): string {
  const body = data.slice(data.indexOf('\r\n\r\n') + 4);
  return /Content-Transfer-Encoding: base64/i.test(data)
    ? Buffer.from(body, 'base64').toString('utf8')
    : body;
}
