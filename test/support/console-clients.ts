/** Machines for tests of the console: logins that back up with the TLS that is asked for, and enrolled ones. */

import { join } from 'node:path';
import type { SecureVersion } from 'node:tls';
import { enrol } from '../../src/agent/enrol.ts';
import type { Enrolment } from '../../src/agent/identity-store.ts';
import { compactFacts, sendFacts } from '../../src/agent/machine-facts.ts';
import type { Facts } from '../../src/doctor/facts/facts.ts';
import { createInvite } from '../../src/vault/accounts/invites.ts';
import { trustAnchorOf } from '../../src/vault/certificates/server-certificate.ts';
import { defaultVaultConfig } from '../../src/vault/config.ts';
import { randomFile, type TestVault } from '../../src/vault/vault-fixture.ts';

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
