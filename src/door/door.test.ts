import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import tls from 'node:tls';
import { rawClient, startDoor } from '../../test/support/door.ts';
import { getBaseline } from '../tls/baselines.ts';
import { cipherSuiteName } from '../tls/cipher-suites.ts';
import { groupName } from '../tls/groups.ts';
import { findConnection } from './door-connection.ts';

const old = getBaseline('old');
const intermediate = getBaseline('intermediate');
const anyCertificate = { host: '127.0.0.1', rejectUnauthorized: false } as const;

interface Native {
  readonly _handle: object | null;
}

/** What a Node client is told, or the code of the error it gets. */
async function talk(port: number, options: tls.ConnectionOptions = {}): Promise<string> {
  const socket = tls.connect({ ...anyCertificate, port, ...options });
  try {
    await once(socket, 'secureConnect');
    socket.end('hello');
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  } finally {
    socket.destroy();
  }
}

test('a client is served on the fast native path, and the record tells what TLS agreed on', async (t) => {
  const handles: (string | undefined)[] = [];
  const { port, ended } = await startDoor(t, {
    policy: intermediate,
    serve: {
      allowHalfOpen: true,
      onSecure(socket, connection) {
        // `_handle` is where Node keeps the native object; a JavaScript stream would show here.
        const { _handle: handle } = socket as unknown as Native;
        handles.push(handle?.constructor.name);
        assert.equal(findConnection(socket), connection);
        socket.pipe(socket);
      },
    },
  });
  const groups = process.versions.openssl.startsWith('3.0') ? 'X25519' : 'X25519MLKEM768';
  assert.equal(await talk(port, { ecdhCurve: groups, servername: 'a.example' }), 'hello');
  const record = await ended(0);
  assert.deepEqual(handles, ['TLSWrap']);
  assert.equal(record.outcome, 'accepted');
  assert.equal(record.reason, undefined);
  assert.equal(record.address, '127.0.0.1');
  assert.equal(record.offer?.serverName, 'a.example');
  assert.match(record.fingerprint ?? '', /^t13d/);
  const { negotiated } = record;
  assert.equal(negotiated?.version, 0x0304);
  assert.equal(cipherSuiteName(negotiated?.cipherSuite ?? 0), 'TLS_AES_256_GCM_SHA384');
  assert.equal(groupName(negotiated?.group ?? 0).toUpperCase(), groups.toUpperCase());
  assert.equal(negotiated?.signatureScheme, 0x0403);
  assert.equal(negotiated?.resumed, false);
  assert.ok(record.bytesRead > 300 && record.bytesWritten > 300);
  assert.ok(record.handshakeMs !== undefined && record.handshakeMs > 0);
});

test('an old client gets the legacy context, a modern one never', async (t) => {
  const versions: (string | null)[] = [];
  const { port, ended } = await startDoor(t, {
    policy: old,
    certificate: 'rsa',
    serve: {
      onSecure: (socket) => socket.resume().end(String(versions.push(socket.getProtocol()))),
    },
  });
  const weak = { ciphers: 'DEFAULT:@SECLEVEL=0', minVersion: 'TLSv1' } as const;
  for (const maxVersion of ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const) {
    await talk(port, { ...weak, maxVersion });
  }
  const records = await Promise.all([0, 1, 2, 3].map(ended));
  assert.deepEqual(versions, ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']);
  const paths = records.map(({ verdict }) => verdict?.kind === 'accept' && verdict.path);
  assert.deepEqual(paths, ['legacy', 'legacy', 'strict', 'strict']);
});

test('a refused client reads the alert and a clean end', async (t) => {
  const { port, ended, verdicts } = await startDoor(t, { policy: intermediate });
  const code = await talk(port, {
    ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' },
  });
  assert.equal(code, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  const record = await ended(0);
  assert.equal(record.outcome, 'refused');
  assert.equal(record.alert, 'protocol_version');
  assert.equal(record.reason, 'policy/protocol_version');
  assert.equal(record.negotiated, undefined);
  assert.equal(verdicts[0]?.outcome, 'refused');
});

test('what is not TLS is answered in its own tongue or not at all, and recorded apart', async (t) => {
  const { port, ended } = await startDoor(t, { policy: intermediate });
  const unexpectedMessage = '1503030002020a';
  const cases: [string, string, string, string | undefined][] = [
    ['GET / HTTP/1.1\r\n\r\n', 'HTTP/1.1 400', 'not-tls', 'http'],
    ['SSH-2.0-x\r\n', '', 'not-tls', 'ssh'],
    ['\x15\x03\x01\x00\x02\x02\x28', unexpectedMessage, 'not-tls', 'unexpected-message'],
    ['', '', 'empty', undefined],
  ];
  for (const [index, [sent, answer, outcome, reason]] of cases.entries()) {
    const client = await rawClient(port);
    client.socket.end(sent, 'latin1');
    const { received, failure } = await client.end();
    const text = answer === unexpectedMessage ? received.toString('hex') : received.toString();
    assert.equal(text.slice(0, answer === '' ? undefined : answer.length), answer);
    assert.equal(failure, undefined);
    const record = await ended(index);
    assert.equal(record.outcome, outcome);
    assert.equal(record.reason, reason);
  }
});

test('a handshake that the client breaks off is recorded with the alert that it sent', async (t) => {
  const { port, ended } = await startDoor(t, { policy: intermediate });
  await talk(port, { rejectUnauthorized: true, maxVersion: 'TLSv1.2' });
  const record = await ended(0);
  // Node's client checks after the handshake and just hangs up.
  assert.equal(record.outcome, 'accepted');
  const client = await rawClient(port);
  client.socket.end(Buffer.from('16030100', 'hex'));
  await client.end();
  const half = await ended(1);
  assert.equal(half.outcome, 'failed');
  assert.equal(half.reason, 'half-open/closed');
});

test('an error of our own is an internal_error to the client and a problem to the operator', async (t) => {
  const { port, ended, problems } = await startDoor(t, {
    policy: intermediate,
    judge: () => {
      throw new Error('the judge is ill');
    },
  });
  assert.equal(await talk(port), 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR');
  assert.equal((await ended(0)).reason, 'internal');
  assert.match(String(problems[0]), /the judge is ill/);
});

test('identity and a mark given by whoever serves are in the record', async (t) => {
  const { port, ended } = await startDoor(t, {
    policy: intermediate,
    serve: {
      onSecure(socket, connection) {
        connection.identify({ kind: 'login', name: 'anna' });
        connection.mark({ outcome: 'refused', reason: 'ratchet' });
        socket.resume().end();
      },
    },
  });
  await talk(port);
  const record = await ended(0);
  assert.deepEqual(record.client, { kind: 'login', name: 'anna' });
  assert.equal(record.outcome, 'refused');
  assert.equal(record.reason, 'ratchet');
});

test('the preview listener judges by its own judge and says so in the record', async (t) => {
  const modern = { ...getBaseline('modern'), certificates: ['ecdsa-p256'] as const };
  const { judgeOf, planOf } = await import('../../test/support/door.ts');
  const { port, door, ended } = await startDoor(t, {
    policy: intermediate,
    preview: { listen: { host: '127.0.0.1', port: 0 }, judge: judgeOf(planOf(modern)) },
  });
  const tls12 = { maxVersion: 'TLSv1.2' } as const;
  assert.equal(await talk(port, tls12), 'hello');
  assert.equal(await talk(door.preview?.port ?? 0, tls12), 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  assert.equal((await ended(0)).listener, 'main');
  assert.equal((await ended(1)).listener, 'preview');
});
