/** Machines for tests of the console: logins that back up with the TLS that is asked for, and enrolled ones. */

import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { SecureVersion } from 'node:tls';
import { enrol } from '../../src/agent/enrol.ts';
import type { Enrolment } from '../../src/agent/identity-store.ts';
import { compactFacts, sendFacts } from '../../src/agent/machine-facts.ts';
import type { Facts } from '../../src/doctor/facts/facts.ts';
import { createInvite } from '../../src/vault/accounts/invites.ts';
import { trustAnchorOf } from '../../src/vault/certificates/server-certificate.ts';
import { defaultVaultConfig } from '../../src/vault/config.ts';
import { vaultPaths } from '../../src/vault/data-folder.ts';
import { Ledger } from '../../src/vault/ledger/ledger.ts';
import { createVaultData } from '../../src/vault/vault.ts';
import { randomFile, type TestVault, tempVaultFolder } from '../../src/vault/vault-fixture.ts';
import {
  connection,
  dayMs,
  newOffer,
  oldOffer,
  silent,
  tls12Handshake,
  tls13Handshake,
} from './ledger.ts';

/** One snapshot of a login (alice, bob), or of an enrolled machine; the status of the last answer. */
export async function backUp(
  vault: TestVault,
  who: string | Enrolment,
  maxVersion: SecureVersion = 'TLSv1.3',
): Promise<number> {
  const name = typeof who === 'string' ? who : who.clientName;
  const proof =
    typeof who === 'string' ? { user: who } : { cert: who.certificate, key: who.key.reveal() };
  const options = { ...proof, maxVersion };
  const { name: id, body } = randomFile(300);
  await vault.call('POST', `/${name}/?create=true`, options);
  const { status } = await vault.call('POST', `/${name}/snapshots/${id}`, { ...options, body });
  await vault.vault.flush();
  return status;
}

/** @param facts what the machine says of itself once it is enrolled */
export async function enrolMachine(
  vault: TestVault,
  { name, folder, facts }: { name: string; folder: string; facts?: Facts },
): Promise<Enrolment> {
  const anchor = await trustAnchorOf(vault.dataDir, defaultVaultConfig);
  const { token } = await createInvite(vault.database, { name, anchor, url: vault.vault.url });
  const enrolment = await enrol({ token, configDir: join(folder, name), name: 'vault' });
  if (facts !== undefined) await sendFacts(enrolment, JSON.stringify(compactFacts(facts)));
  return enrolment;
}

/**
 * The data folder of a vault whose ledger has seen so many clients, each on two days of the last month.
 * They are recorded by the ledger, as the door reports connections; half of them speak TLS 1.0 at best.
 */
export async function vaultWithClients(
  t: Pick<TestContext, 'after'>,
  count: number,
): Promise<string> {
  const dataDir = await tempVaultFolder(t);
  await createVaultData(dataDir);
  const nowMs = Date.now();
  const ledger = await Ledger.open(vaultPaths(dataDir).database, { log: silent, nowMs });
  for (let index = 0; index < count; index++) {
    const client = { kind: 'certificate', name: `machine-${index}` } as const;
    const address = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
    const isOld = index % 2 === 0;
    for (const days of [index % 28, index % 3]) {
      const startedMs = nowMs - days * dayMs;
      const fields = { client, address, startedMs, endedMs: startedMs + 1000, bytesRead: 1000 };
      const agreed = isOld
        ? { offer: oldOffer, negotiated: tls12Handshake }
        : { offer: newOffer, negotiated: tls13Handshake };
      ledger.onEnd(connection({ ...fields, ...agreed }));
    }
  }
  await ledger.close();
  return dataDir;
}
