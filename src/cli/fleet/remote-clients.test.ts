import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addConsoleUsers, signInAs } from '../../vault/api/api-fixture.ts';
import { reportClients } from '../../vault/ledger/fleet-report.ts';
import { defaultPlan } from '../../vault/plan-store.ts';
import { startTestVault } from '../../vault/vault-fixture.ts';
import { askRemote, remoteVault } from '../vault-api-client.ts';
import { clientDocument } from './client-tables.ts';
import { reportedClient } from './remote-clients.ts';

test('a remote vault is told as the local one, and a token that is none is refused', async (t) => {
  const vault = await startTestVault(t);
  await addConsoleUsers(vault.database);
  const viewer = await signInAs(vault, 'viewer');
  const made = await viewer.call('POST', '/tokens', { body: { name: 'cli', role: 'viewer' } });
  const { secret } = made.json() as { secret: string };
  await vault.call('POST', '/alice/?create=true', { user: 'alice' });
  await vault.vault.flush();
  const at = { env: { SEALIFT_VAULT_TOKEN: secret }, cacert: vault.vault.caFile };
  const remote = await remoteVault(vault.vault.url, at);
  const { clients, sinceMs, madeMs } = await askRemote(remote, 'getReport', {
    query: { days: '92' },
  });
  const local = await reportClients(vault.database, {
    ...{ sinceMs, nowMs: madeMs, plan: defaultPlan('1.2') },
  });
  assert.ok(local.length > 0);
  assert.deepEqual(
    JSON.parse(JSON.stringify(clients.map((client) => clientDocument(reportedClient(client))))),
    JSON.parse(JSON.stringify(local.map(clientDocument))),
  );
  await assert.rejects(askRemote({ ...remote, token: 'none' }, 'getReport'), {
    code: 'api/unauthenticated',
  });
});
