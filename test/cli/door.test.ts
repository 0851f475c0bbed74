import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import tls from 'node:tls';
import { messageOf } from '../../src/base/errors.ts';
import { testIdentity } from '../support/door.ts';
import {
  cleanEnvironment,
  mainFile,
  mustRunSealift,
  nodeFlags,
  runSealift,
} from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

type Line = Readonly<Record<string, unknown>>;

interface DoorProcess {
  readonly port: number;
  readonly previewPort: number;
  /** Undefined without --metrics-listen. */
  readonly metricsUrl: string | undefined;
  readonly child: ChildProcess;
  /** The next JSON line of standard output. */
  next(): Promise<Line>;
}

async function startDoorProcess(
  t: { after(cleanUp: () => void): void },
  args: readonly string[],
): Promise<DoorProcess> {
  const child = spawn(
    process.execPath,
    [...nodeFlags, mainFile, 'door', '--json', '--listen', '127.0.0.1:0', ...args],
    { env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<Line> => {
    const { value, done } = await lines.next();
    assert.ok(done !== true, 'the door has ended');
    return JSON.parse(value);
  };
  const listening = await next();
  assert.equal(listening['message_type'], 'listening');
  const portOf = (address: unknown): number => Number(/:(\d+)$/.exec(String(address))?.[1]);
  return {
    port: portOf(listening['address']),
    previewPort: portOf(listening['preview']),
    metricsUrl: listening['metrics'] === null ? undefined : String(listening['metrics']),
    child,
    next,
  };
}

async function stop(child: ChildProcess): Promise<number | null> {
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

async function listen(
  t: { after(cleanUp: () => void): void },
  server: net.Server,
): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  // A server that listens on a host and port has an AddressInfo.
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function identityFiles(folder: string): Promise<string[]> {
  const { cert, key } = await testIdentity('ecdsa-p256');
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key);
  return ['--cert', join(folder, 'cert.pem'), '--key', join(folder, 'key.pem')];
}

async function get(
  port: number,
  options: https.RequestOptions & Pick<tls.ConnectionOptions, 'ALPNProtocols'> = {},
): Promise<string> {
  const request = https.get({
    ...{ host: '127.0.0.1', port, rejectUnauthorized: false, agent: false },
    ...options,
  });
  try {
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    return `${response.statusCode} ${await text(response)}`;
  } catch (error) {
    return messageOf(error);
  }
}

test('a door with a certificate serves HTTP, reports connections, reloads its policy and stops on SIGTERM', async (t) => {
  const folder = tempFolder(t);
  const upstream = await listen(
    t,
    http.createServer((request, response) => response.end(request.headers['x-forwarded-for'])),
  );
  const policyFile = join(folder, 'policy.yaml');
  writeFileSync(policyFile, 'extends: intermediate\n');
  const ledger = join(folder, 'ledger');
  const { port, child, next } = await startDoorProcess(t, [
    ...['--upstream', upstream, '--http', '--policy', policyFile, '--ledger', ledger],
    ...(await identityFiles(folder)),
  ]);
  const tls12 = { maxVersion: 'TLSv1.2' } as const;
  assert.equal(await get(port, tls12), '200 127.0.0.1');
  const line = await next();
  assert.equal(line['outcome'], 'accepted');
  assert.equal(line['version'], 'TLS 1.2');
  assert.equal(line['alpn'], null);
  const open = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(open, 'secureConnect');
  writeFileSync(policyFile, 'extends: modern\n');
  child.kill('SIGHUP');
  let answer = '';
  while (!/alert/.test(answer)) {
    answer = await get(port, tls12);
    await next();
  }
  assert.match(answer, /tlsv1 alert protocol version/);
  open.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  assert.match(await text(open), /^HTTP\/1\.1 200 /);
  assert.equal((await next())['outcome'], 'accepted');
  assert.equal(await stop(child), 0);
  const clients = await mustRunSealift(['clients', '--data', ledger, '--json']);
  // Two fingerprints without a name: visitors, who become clients when they come back.
  assert.equal(JSON.parse(clients).visitors, 2);
});

test('a door with an ECDSA and an RSA certificate serves whoever knows one of them', async (t) => {
  const folder = tempFolder(t);
  const upstream = await listen(
    t,
    http.createServer((_, response) => response.end('behind')),
  );
  const files: string[] = [];
  for (const type of ['ecdsa-p256', 'rsa'] as const) {
    const { cert, key } = await testIdentity(type);
    writeFileSync(join(folder, `${type}.pem`), cert);
    writeFileSync(join(folder, `${type}.key`), key);
    files.push('--cert', join(folder, `${type}.pem`), '--key', join(folder, `${type}.key`));
  }
  const { port, next } = await startDoorProcess(t, ['--upstream', upstream, '--http', ...files]);
  for (const [ciphers, name] of [
    ['ECDHE-RSA-AES128-GCM-SHA256', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
    ['ECDHE-ECDSA-AES128-GCM-SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
  ] as const) {
    assert.equal(await get(port, { maxVersion: 'TLSv1.2', ciphers }), '200 behind');
    assert.equal((await next())['cipher'], name);
  }
});

test('a door without a certificate passes through what the plan admits, shows the future on its preview, and counts', async (t) => {
  const folder = tempFolder(t);
  const { cert, key } = await testIdentity('ecdsa-p256');
  const upstream = await listen(
    t,
    https.createServer({ cert, key }, (_, response) => response.end('behind')),
  );
  const plan = join(folder, 'plan.yaml');
  writeFileSync(
    plan,
    'policy: intermediate\nretirements:\n  - capability: tls1.2\n    warn: 2020-01-01\n    enforce: 2999-01-01\n',
  );
  const { port, previewPort, metricsUrl, child, next } = await startDoorProcess(t, [
    ...['--upstream', upstream, '--policy', plan, '--metrics-listen', '127.0.0.1:0'],
    ...['--preview-listen', '127.0.0.1:0', '--preview-at', '2999-02-01'],
  ]);
  const tls12 = { maxVersion: 'TLSv1.2' } as const;
  assert.equal(await get(port, tls12), '200 behind');
  assert.equal((await next())['outcome'], 'warned');
  assert.match(await get(previewPort, tls12), /tlsv1 alert protocol version/);
  const refused = await next();
  assert.equal(refused['listener'], 'preview');
  assert.equal(refused['reason'], 'retired/tls1.2');
  assert.equal(await get(previewPort), '200 behind');
  await next();
  const metrics = await (await fetch(metricsUrl ?? '')).text();
  assert.match(metrics, /^sealift_connections_total\{listener="main",verdict="warned",.*\} 1$/m);
  assert.match(metrics, /^sealift_refused_total\{listener="preview",.*retired\/tls1\.2.*\} 1$/m);
  assert.equal(await stop(child), 0);
});

test('how long and how large a hello may be is an option', async (t) => {
  const { port, next } = await startDoorProcess(t, [
    ...['--upstream', '127.0.0.1:1', '--hello-timeout', '100ms', '--hello-size', '512'],
  ]);
  const silent = net.connect(port, '127.0.0.1');
  await once(silent.resume(), 'close');
  assert.equal((await next())['reason'], 'half-open/timeout');
  const ALPNProtocols = Array.from({ length: 60 }, (_, number) => `protocol-${number}`);
  await get(port, { ALPNProtocols });
  assert.equal((await next())['reason'], 'too-long');
});

test('options that do not fit together are refused before anything listens', async () => {
  const base = ['door', '--listen', '127.0.0.1:0', '--upstream', '127.0.0.1:1'];
  for (const [args, message] of [
    [['--cert', 'a'], /--cert and --key/],
    [['--cert', 'a', '--cert', 'b', '--key', 'c'], /in pairs/],
    [['--http'], /--http and --client-ca need/],
    [['--preview-at', '2027-01-01'], /--preview-listen and --preview-at/],
    [['--accept-proxy-protocol', 'x'], /network/],
    [['--policy', '/nonexistent.yaml'], /--policy/],
    [['--hello-size', '5'], /--hello-size/],
    [['--cert', '/dev/null', '--key', '/dev/null'], /certificate/],
  ] as const) {
    const { code, stderr } = await runSealift([...base, ...args]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, message);
  }
});
