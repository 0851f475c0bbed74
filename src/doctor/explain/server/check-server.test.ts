import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { makeAuthority, type TestAuthority } from '../../../../test/support/certificate.ts';
import {
  closedPort,
  listenAndReset,
  listenAndResetOld,
  listenHttp,
  listenHttps,
  listenSilently,
  listenTls,
} from '../../../../test/support/tls-listeners.ts';
import { explain } from '../explain.ts';
import {
  type CheckServerOptions,
  checkServer,
  helloClock,
  type ServerCheck,
} from './check-server.ts';
import { findInspector, isPublicName } from './inspection.ts';
import { observationsOfServer } from './observations.ts';

const dayMs = 86_400_000;

function check(port: number, more: Partial<CheckServerOptions> = {}): Promise<ServerCheck> {
  return checkServer({ host: 'localhost', port, resolve: async () => ['127.0.0.1'], ...more });
}

/** Answers of the versions, oldest first. */
function answers({ versions }: ServerCheck): string[] {
  return versions.map(({ answer }) => (answer.kind === 'alert' ? answer.alert : answer.kind));
}

function keys(of: ServerCheck): string[] {
  return observationsOfServer(of).map(({ key }) => key);
}

/** The first cause of a text once the check is taken into account. */
function cause(of: ServerCheck, text = ''): string | undefined {
  const { failures } = explain(text, { observations: observationsOfServer(of) });
  return failures[0]?.causes[0]?.id;
}

async function serve(
  context: TestContext,
  options: Parameters<typeof listenHttps>[1] & { readonly authority?: TestAuthority } = {},
): Promise<{ readonly port: number; readonly ca: string[] }> {
  const { authority = await makeAuthority(), ...rest } = options;
  const identity = await authority.issue({ commonName: 'localhost', use: 'server' });
  const { port } = await listenHttps(context, { ...identity, ...rest });
  return { port, ca: [authority.cert] };
}

test('a server of TLS 1.3 only refuses older versions with an alert, and is trusted', async (context) => {
  const { port, ca } = await serve(context, { minVersion: 'TLSv1.3' });
  const found = await check(port, { ca });
  assert.deepEqual(answers(found), [
    'protocol_version',
    'protocol_version',
    'protocol_version',
    'agreed',
  ]);
  assert.deepEqual(keys(found), [
    'server.oldRefused',
    'server.trusted',
    'server.clockRight',
    'server.fine',
  ]);
  assert.equal(found.handshake?.kind === 'done' && found.handshake.version, 'TLSv1.3');
  assert.equal(cause(found, '10054'), 'client-too-old');
  const alone = explain('10054').failures[0]?.causes[0]?.score ?? 0;
  const weighed = explain('10054', { observations: observationsOfServer(found) });
  assert.ok((weighed.failures[0]?.causes[0]?.score ?? 0) > alone + 0.2);
});

test('a healthy server by itself is no cause', async (context) => {
  const { port, ca } = await serve(context);
  assert.equal(cause(await check(port, { ca })), undefined);
});

test('a server that cuts old hellos without an alert is told from a firewall', async (context) => {
  const { port: upstream, ca } = await serve(context, { minVersion: 'TLSv1.2' });
  const { port } = await listenAndResetOld(context, upstream);
  const found = await check(port, { ca });
  assert.deepEqual(answers(found), ['reset', 'reset', 'agreed', 'agreed']);
  assert.ok(keys(found).includes('server.oldReset'));
  const { failures } = explain('10054', { observations: observationsOfServer(found) });
  const [first, second] = failures[0]?.causes ?? [];
  assert.equal(first?.id, 'client-too-old');
  assert.ok((first?.score ?? 0) > 0.8);
  assert.ok((second?.score ?? 1) < 0.4);
});

test('a server that still speaks TLS 1.0 takes the blame from the client', async (context) => {
  const { port, ca } = await serve(context, {
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT:@SECLEVEL=0',
  });
  const found = await check(port, { ca });
  assert.deepEqual(answers(found), ['agreed', 'agreed', 'agreed', 'agreed']);
  assert.ok(keys(found).includes('server.oldAccepted'));
  assert.equal(cause(found, '10054'), 'something-between');
});

test('a server that speaks only old versions is too old', async (context) => {
  const old = {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT:@SECLEVEL=0',
  } as const;
  const { port, ca } = await serve(context, old);
  const found = await check(port, { ca });
  assert.deepEqual(answers(found).slice(0, 2), ['agreed', 'agreed']);
  assert.deepEqual(keys(found)[0], 'server.onlyOld');
  assert.equal(cause(found), 'server-too-old');
});

test('an expired certificate is found out, by the clock of the server', async (context) => {
  const authority = await makeAuthority();
  const identity = await authority.issue({
    commonName: 'localhost',
    use: 'server',
    notBefore: new Date(Date.now() - 9 * dayMs),
    notAfter: new Date(Date.now() - 3 * dayMs),
  });
  const { port } = await listenHttps(context, identity);
  const found = await check(port, { ca: [authority.cert] });
  assert.ok(keys(found).includes('server.expired'));
  assert.ok(keys(found).includes('server.clockRight'));
  assert.equal(cause(found, 'certificate has expired'), 'certificate-expired');
});

test('a good certificate that looks expired means a wrong clock here', async (context) => {
  const { port, ca } = await serve(context);
  const found = await check(port, { ca, now: () => Date.now() + 400 * dayMs });
  assert.ok(keys(found).includes('server.clockAhead'));
  assert.equal(found.clock?.by, 'http-date');
  assert.equal(cause(found, 'certificate has expired'), 'clock-wrong');
  const behind = await check(port, { ca, now: () => Date.now() - 400 * dayMs });
  assert.ok(keys(behind).includes('server.clockBehind'));
  assert.equal(cause(behind, 'certificate is not yet valid'), 'clock-wrong');
});

test('a private authority that is not known here is untrusted, and with its root it is not', async (context) => {
  const { port, ca } = await serve(context);
  assert.equal(cause(await check(port)), 'untrusted-root');
  assert.equal(cause(await check(port, { ca })), undefined);
});

test('a certificate for another name is told', async (context) => {
  const { port, ca } = await serve(context);
  const found = await check(port, { ca, host: 'backup.internal' });
  assert.ok(keys(found).includes('server.name'));
  assert.equal(cause(found), 'name-mismatch');
});

test('an issuer that is known to inspect TLS is named, trusted or not', async (context) => {
  const authority = await makeAuthority('Zscaler Intermediate Root CA');
  const { port, ca } = await serve(context, { authority });
  for (const roots of [ca, []]) {
    const found = await check(port, { ca: roots });
    const inspected = observationsOfServer(found).find(({ key }) => key === 'server.inspected');
    assert.equal(inspected?.values['vendor'], 'Zscaler');
    assert.equal(cause(found, 'x509: certificate signed by unknown authority'), 'tls-inspection');
  }
});

test('a private authority for a public name is a sign of inspection', async (context) => {
  const authority = await makeAuthority('Contoso Proxy CA');
  const identity = await authority.issue({
    commonName: 'x',
    use: 'server',
    names: ['vault.contoso.com'],
  });
  const { port } = await listenHttps(context, identity);
  const found = await check(port, { host: 'vault.contoso.com', ca: [authority.cert] });
  assert.ok(keys(found).includes('server.privateIssuer'));
  assert.equal(cause(found), 'tls-inspection');
});

test('a server that wants a client certificate says so after the handshake', async (context) => {
  const authority = await makeAuthority();
  const { port } = await serve(context, {
    ...{ authority, requestCert: true, rejectUnauthorized: true, ca: authority.cert },
    minVersion: 'TLSv1.3',
  });
  const found = await check(port, { ca: [authority.cert] });
  assert.equal(cause(found), 'client-certificate-needed');
});

test('plain HTTP is not TLS, and its first words are quoted', async (context) => {
  const { port } = await listenHttp(context);
  const found = await check(port);
  const [first] = observationsOfServer(found);
  assert.equal(first?.key, 'server.notTls');
  assert.match(String(first?.values['start']), /^HTTP\/1\.1 400/);
  assert.equal(cause(found, 'wrong version number'), 'not-tls');
});

test('a closed port, whatever the message says, is a closed port', async () => {
  const found = await check(await closedPort());
  assert.equal(found.reach.kind, 'refused');
  assert.deepEqual(found.versions, []);
  assert.equal(cause(found, '10054'), 'port-closed');
});

test('a port that resets everything accuses what stands between', async (context) => {
  const { port } = await listenAndReset(context);
  const found = await check(port);
  assert.deepEqual(answers(found), ['reset', 'reset', 'reset', 'reset']);
  assert.equal(cause(found, '10054'), 'something-between');
});

test('a server that never answers does not hold up the check', async (context) => {
  const { port } = await listenSilently(context);
  const found = await check(port, { timeoutMs: 150 });
  assert.deepEqual(answers(found), ['silent', 'silent', 'silent', 'silent']);
  assert.equal(found.handshake, undefined);
});

test('TLS that is not HTTP is checked as well, without its clock', async (context) => {
  const authority = await makeAuthority();
  const identity = await authority.issue({ commonName: 'localhost', use: 'server' });
  const { port } = await listenTls(context, identity);
  const found = await check(port, { ca: [authority.cert], timeoutMs: 300 });
  assert.equal(found.handshake?.kind, 'done');
  assert.equal(found.clock, undefined);
});

test('a name that does not resolve ends the check', async () => {
  const resolve = async (): Promise<string[]> => {
    throw Object.assign(new Error('no'), { code: 'ENOTFOUND' });
  };
  const found = await check(443, { resolve });
  assert.deepEqual(found.reach, { kind: 'not-resolved', code: 'ENOTFOUND' });
  assert.equal(cause(found, '10054'), 'name-not-resolved');
});

test('proxies of the environment are named without their passwords', async () => {
  const env = { HTTPS_PROXY: 'http://user:secret@proxy.example:8080', NO_PROXY: 'localhost' };
  const found = await check(await closedPort(), { env });
  assert.deepEqual(found.proxies, [
    { name: 'HTTPS_PROXY', value: 'http://***@proxy.example:8080' },
  ]);
});

/** A proxy that leads every tunnel to one port, or refuses it. */
async function startProxy(context: TestContext, to: number | undefined): Promise<string> {
  const proxy = http.createServer().on('connect', (_request, socket, head) => {
    if (to === undefined) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const upstream = net.connect(to, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
    for (const one of [socket, upstream]) one.on('error', () => upstream.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  context.after(() => proxy.close());
  // A server that listens on a host and port has an AddressInfo.
  return `http://me:secret@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

test('the chain through the proxy is compared with the direct one', async (context) => {
  const { port, ca } = await serve(context);
  const honest = await check(port, { ca, env: { HTTPS_PROXY: await startProxy(context, port) } });
  assert.ok(keys(honest).includes('server.proxySame'));

  const inspector = await serve(context, { authority: await makeAuthority('Contoso Inspection') });
  const env = { HTTPS_PROXY: await startProxy(context, inspector.port) };
  const inspected = await check(port, { ca: [...ca, ...inspector.ca], env });
  assert.equal(cause(inspected, 'x509: certificate signed by unknown authority'), 'tls-inspection');
  const seen = observationsOfServer(inspected).find(({ key }) => key === 'server.proxyInspects');
  assert.match(String(seen?.values['issuer']), /Contoso Inspection/);
  assert.doesNotMatch(String(seen?.values['proxy']), /secret/);

  const onlyThere = await check(await closedPort(), { env });
  assert.ok(keys(onlyThere).includes('server.proxyOnly'));
  for (const [list, isExempt] of [
    ['example.org, localhost', true],
    [`localhost:${port}`, true],
    ['*', true],
    ['localhost:1', false],
    ['host,example.org', false],
  ] as const) {
    const { viaProxy } = await check(port, { ca, env: { ...env, NO_PROXY: list } });
    assert.equal(viaProxy === undefined, isExempt, list);
  }
});

test('a proxy that refuses the tunnel is the cause', async (context) => {
  const { port, ca } = await serve(context);
  const found = await check(port, {
    ca,
    env: { HTTPS_PROXY: await startProxy(context, undefined) },
  });
  assert.equal(cause(found), 'proxy');
});

test('a clock is read from hellos only when several agree', () => {
  assert.equal(helloClock([1_700_000_000, undefined, 1_700_000_001]), 1_700_000_001);
  assert.equal(helloClock([1_700_000_000]), undefined);
  assert.equal(helloClock([17, 4_000_000_000]), undefined);
  assert.equal(helloClock([]), undefined);
});

test('public names are told from names of one network', () => {
  const names = ['vault.example.com', 'a.co.uk'];
  const others = ['localhost', '10.0.0.1', '::1', 'vault', 'vault.lan', 'nas.home.arpa'];
  assert.deepEqual(names.filter(isPublicName), names);
  assert.deepEqual(others.filter(isPublicName), []);
  assert.equal(findInspector('CN=DO_NOT_TRUST_FiddlerRoot'), 'Fiddler');
  assert.equal(findInspector('C=US, O=DigiCert Inc, CN=DigiCert Global Root G2'), undefined);
});
