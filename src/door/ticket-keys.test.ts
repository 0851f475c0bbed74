import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';
import { startDoor, testIdentity } from '../../test/support/door.ts';
import { tempFolder } from '../../test/support/temp-folder.ts';
import { getBaseline } from '../tls/baselines.ts';
import type { Policy } from '../tls/policy.ts';
import { fileTicketStore } from './file-ticket-store.ts';
import { TicketKeys } from './ticket-keys.ts';

const intermediate = getBaseline('intermediate');

interface Visit {
  readonly session: Buffer | undefined;
  readonly resumed: boolean;
}

/** One connection; keeps the last session that the server gives. */
async function visit(
  port: number,
  maxVersion: tls.SecureVersion,
  session?: Buffer,
): Promise<Visit> {
  const socket = tls.connect({
    ...{ host: '127.0.0.1', port, rejectUnauthorized: false, maxVersion },
    ...(session === undefined ? {} : { session }),
  });
  let given: Buffer | undefined;
  socket.on('session', (bytes) => {
    given = bytes;
  });
  await once(socket, 'secureConnect');
  const resumed = socket.isSessionReused();
  socket.write('x');
  await once(socket, 'data');
  socket.end().resume();
  await once(socket, 'close');
  return { session: given, resumed };
}

async function openKeys(path: string, now: () => number) {
  return TicketKeys.open({ store: fileTicketStore(path), clock: { now }, rotateMs: 1000 });
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`a session of ${version} made at one door is resumed at another with the same key file`, async (t) => {
    const path = join(tempFolder(t), 'tickets', 'key');
    const { cert, key } = await testIdentity('ecdsa-p256');
    const serveWith = (keys: TicketKeys) => ({
      secureContextOptions: () => ({ cert, key, ticketKeys: keys.current }),
    });
    const first = await startDoor(t, {
      policy: intermediate,
      serve: serveWith(await openKeys(path, () => 0)),
    });
    const second = await startDoor(t, {
      policy: intermediate,
      serve: serveWith(await openKeys(path, () => 500)),
    });
    const stranger = await startDoor(t, { policy: intermediate });
    const { session } = await visit(first.port, version);
    assert.equal((await visit(second.port, version, session)).resumed, true);
    assert.equal((await visit(stranger.port, version, session)).resumed, false);
    const [record] = await Promise.all([second.ended(0), first.ended(0)]);
    assert.equal(record.negotiated?.resumed, true);
    assert.equal(first.records[0]?.negotiated?.resumed, false);
  });
}

test('a rotated key ends old tickets and takes effect by reload, without a restart', async (t) => {
  const path = join(tempFolder(t), 'key');
  const { cert, key } = await testIdentity('ecdsa-p256');
  let now = 0;
  const keys = await openKeys(path, () => now);
  const before = keys.current;
  const { door, port } = await startDoor(t, {
    policy: intermediate,
    serve: { secureContextOptions: () => ({ cert, key, ticketKeys: keys.current }) },
  });
  const { session } = await visit(port, 'TLSv1.3');
  assert.equal(await keys.refresh(), false);
  now = 1000;
  assert.equal(await keys.refresh(), true);
  assert.notDeepEqual(keys.current, before);
  assert.deepEqual((await openKeys(path, () => now)).current, keys.current);
  door.reload();
  const again = await visit(port, 'TLSv1.3', session);
  assert.equal(again.resumed, false);
  assert.equal((await visit(port, 'TLSv1.3', again.session)).resumed, true);
});

test('a session is not resumed under another policy, which may have retired its suite', async (t) => {
  const { cert, key } = await testIdentity('ecdsa-p256');
  const ticketKeys = Buffer.alloc(48, 7);
  const serve = { secureContextOptions: () => ({ cert, key, ticketKeys }) };
  const narrow: Policy = { ...intermediate, cipherSuites: intermediate.cipherSuites.slice(0, -1) };
  const wide = await startDoor(t, { policy: intermediate, serve });
  const later = await startDoor(t, { policy: narrow, serve });
  const { session } = await visit(wide.port, 'TLSv1.2');
  assert.equal((await visit(wide.port, 'TLSv1.2', session)).resumed, true);
  assert.equal((await visit(later.port, 'TLSv1.2', session)).resumed, false);
});

test('the key file is for its owner only, and two processes that start together agree', async (t) => {
  const path = join(tempFolder(t), 'key');
  const both = await Promise.all([openKeys(path, () => 0), openKeys(path, () => 0)]);
  await Promise.all(both.map((keys) => keys.refresh()));
  assert.deepEqual(both[0].current, both[1].current);
  assert.equal(both[0].current.byteLength, 48);
  if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
});
