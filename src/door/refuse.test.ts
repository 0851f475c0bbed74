import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgeOf, planOf, rawClient, startDoor } from '../../test/support/door.ts';
import { findPeer, skipWithout } from '../../test/support/peers.ts';
import { run } from '../../test/support/run.ts';
import { concatBytes } from '../base/bytes.ts';
import { getBaseline } from '../tls/baselines.ts';
import type { ClientHello } from '../tls/client-hello.ts';
import { encodeClientHelloRecords } from '../tls/client-hello.ts';
import { helloExtension } from '../tls/hello-extensions.ts';
import { bestVersion, makeOffer } from '../tls/offer.ts';

const intermediate = getBaseline('intermediate');
const old = getBaseline('old');

function oldHello(fields: Partial<ClientHello>): Uint8Array {
  return encodeClientHelloRecords({
    ...{ form: 'tls', legacyVersion: 0x0301, random: new Uint8Array(32) },
    ...{ sessionId: new Uint8Array(0), cipherSuites: [0x002f, 0x000a] },
    ...{ compressionMethods: [0], extensions: undefined },
    ...fields,
  });
}

const sslv2 = { form: 'sslv2', random: new Uint8Array(16) } as const;

for (const [name, hello, answer] of [
  ['TLS 1.0', oldHello({}), '15030100020246'],
  ['TLS 1.1', oldHello({ legacyVersion: 0x0302 }), '15030200020246'],
  ['SSL 3.0', oldHello({ legacyVersion: 0x0300 }), '15030000020228'],
  ['TLS 1.0 in the SSLv2 form', oldHello({ ...sslv2 }), '15030100020246'],
  ['SSL 2.0', oldHello({ ...sslv2, legacyVersion: 2, cipherSuites: [0x010080] }), '8003000001'],
] as const) {
  test(`a client of ${name} reads the refusal of its own version`, async (t) => {
    const { port, ended } = await startDoor(t, { policy: intermediate });
    const client = await rawClient(port);
    client.socket.write(hello);
    const { received, failure } = await client.end();
    assert.equal(received.toString('hex'), answer);
    assert.equal(failure, undefined);
    assert.equal((await ended(0)).outcome, 'refused');
  });
}

test('bytes behind a refused hello are read and discarded, so that the alert is not lost to a reset', async (t) => {
  const { port, ended } = await startDoor(t, { policy: intermediate });
  const client = await rawClient(port);
  client.socket.write(concatBytes(oldHello({}), new Uint8Array(30_000)));
  const late = setInterval(() => {
    if (client.socket.writable) client.socket.write('more');
  }, 5);
  const { received, failure } = await client.end();
  clearInterval(late);
  assert.equal(received.toString('hex'), '15030100020246');
  assert.ok(failure === undefined || failure === 'EPIPE');
  assert.ok((await ended(0)).bytesRead > 30_000);
});

test('a refused client that goes on and on is cut off after the bound', async (t) => {
  const { port, ended } = await startDoor(t, {
    policy: intermediate,
    limits: { drainBytes: 100_000 },
  });
  const client = await rawClient(port);
  client.socket.write(oldHello({}));
  const chunk = new Uint8Array(65_536);
  const pour = (): void => {
    while (client.socket.writable && client.socket.write(chunk));
  };
  client.socket.on('drain', pour);
  pour();
  await client.end();
  const { bytesRead } = await ended(0);
  assert.ok(bytesRead >= 100_000 && bytesRead < 1_000_000, `${bytesRead}`);
});

test('a refused client that keeps its side open is closed in time', async (t) => {
  const { port, ended } = await startDoor(t, { policy: intermediate, limits: { drainMs: 30 } });
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.write(oldHello({}));
  socket.resume().on('error', () => {});
  assert.equal((await ended(0)).outcome, 'refused');
  socket.destroy();
});

test('OpenSSL, GnuTLS and curl report the protocol version alert', {
  skip: skipWithout('openssl', 'gnutls-cli', 'curl'),
}, async (t) => {
  const { port } = await startDoor(t, { policy: { ...intermediate, versions: [0x0304] } });
  const address = `127.0.0.1:${port}`;
  const legacy = ['-cipher', 'DEFAULT@SECLEVEL=0'];
  for (const version of ['-tls1', '-tls1_1', '-tls1_2']) {
    const args = ['s_client', '-connect', address, version, ...legacy];
    const { stderr } = await run(findPeer('openssl') ?? '', args);
    assert.match(stderr, /tlsv1 alert protocol version/);
  }
  for (const version of ['VERS-TLS1.0', 'VERS-TLS1.2']) {
    const priority = `NORMAL:-VERS-ALL:+${version}:%VERIFY_ALLOW_SIGN_WITH_SHA1`;
    const args = ['--insecure', '--port', String(port), '--priority', priority, '127.0.0.1'];
    const { stdout, stderr } = await run(findPeer('gnutls-cli') ?? '', args);
    assert.match(stdout + stderr, /\[70\]: Error in protocol version/);
  }
  const args = ['-ksS', '--tls-max', '1.2', `https://${address}/`];
  const { stderr } = await run(findPeer('curl') ?? '', args);
  assert.match(stderr, /alert protocol version/);
});

test('OpenSSL with TLS 1.0 is served by the legacy context, with TLS 1.3 by the strict one', {
  skip: skipWithout('openssl'),
}, async (t) => {
  const { port, ended } = await startDoor(t, {
    ...{ policy: old, certificate: 'rsa', serve: { allowHalfOpen: true } },
  });
  const openssl = findPeer('openssl') ?? '';
  const base = ['s_client', '-connect', `127.0.0.1:${port}`, '-quiet', '-no_ign_eof'];
  for (const args of [['-tls1', '-cipher', 'DEFAULT@SECLEVEL=0'], ['-tls1_3']]) {
    await run(openssl, [...base, ...args], { input: 'Q\n' });
  }
  const [first, second] = await Promise.all([ended(0), ended(1)]);
  assert.equal(first.negotiated?.version, 0x0301);
  assert.equal(first.verdict?.kind === 'accept' && first.verdict.path, 'legacy');
  assert.equal(second.negotiated?.version, 0x0304);
  assert.equal(second.verdict?.kind === 'accept' && second.verdict.path, 'strict');
});

test('a client that does not trust the certificate is recorded with the alert that it sent', {
  skip: skipWithout('openssl'),
}, async (t) => {
  const { port, ended } = await startDoor(t, { policy: intermediate });
  const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-verify_return_error', '-tls1_2'];
  await run(findPeer('openssl') ?? '', args);
  const record = await ended(0);
  assert.equal(record.outcome, 'failed');
  assert.match(record.reason ?? '', /^handshake\/(unknown_ca|bad_certificate)$/);
  assert.equal(`handshake/${record.alert}`, record.reason);
});

const versionLists = fc.option(
  fc.subarray([0x0304, 0x0303, 0x0302, 0x0301, 0x7f1c], { minLength: 1 }),
  { nil: undefined },
);

test('no offer that includes TLS 1.2 or newer gets the legacy path, whatever else it says', () => {
  const judge = judgeOf(planOf(old));
  const caller = { listener: 'main', address: '192.0.2.1', fingerprint: '' } as const;
  const offers = fc.record({
    form: fc.constantFrom('tls', 'sslv2'),
    legacyVersion: fc.constantFrom(0x0002, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304),
    versions: versionLists,
    cipherSuites: fc.subarray([0x1301, 0xc02f, 0xc013, 0x002f, 0x5600, 0x000a]),
    groups: fc.option(fc.subarray([0x11ec, 0x001d, 0x0017]), { nil: undefined }),
    signatureSchemes: fc.option(fc.subarray([0x0403, 0x0804, 0x0201]), { nil: undefined }),
  });
  let legacyCount = 0;
  fc.assert(
    fc.property(offers, (fields) => {
      const offer = makeOffer({ ...fields, keyShares: fields.groups });
      const verdict = judge(offer, caller);
      if (verdict.kind === 'refuse') return;
      const isModern = (bestVersion(offer) ?? 0) >= 0x0303;
      assert.equal(verdict.path, isModern ? 'strict' : 'legacy');
      assert.equal(
        verdict.policy.versions.some((version) => version < 0x0303),
        !isModern,
      );
      legacyCount += isModern ? 0 : 1;
    }),
    { numRuns: 2000 },
  );
  assert.ok(legacyCount > 10);
});

test('a judge that would give a modern client the legacy context is overruled at the door', async (t) => {
  const honest = judgeOf(planOf({ ...old, certificates: ['rsa'] }));
  const { port, ended, problems } = await startDoor(t, {
    policy: old,
    certificate: 'rsa',
    judge: (offer, caller) => {
      const verdict = honest(offer, caller);
      return verdict.kind === 'refuse'
        ? verdict
        : { ...verdict, path: 'legacy', policy: { ...old, versions: [0x0301, 0x0302] } };
    },
  });
  const client = await rawClient(port);
  const extensions = [
    helloExtension.supportedGroups([0x001d]),
    helloExtension.signatureAlgorithms([0x0804]),
  ];
  client.socket.write(
    oldHello({ legacyVersion: 0x0303, cipherSuites: [0xc02f, 0x002f], extensions }),
  );
  const { received } = await client.end();
  assert.equal(received.toString('hex'), '15030300020250');
  assert.equal((await ended(0)).reason, 'internal');
  assert.match(String(problems[0]), /not for this offer/);
});
