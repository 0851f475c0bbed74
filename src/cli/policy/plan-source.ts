/** Plans that `sealift policy` is given: files, baselines, the vault's own; and whom the ledger knows. */

import { readFile } from 'node:fs/promises';
import { findBaseline } from '../../tls/baselines.ts';
import type { ServerSide } from '../../tls/negotiate.ts';
import { parsePlan, planOfPolicy } from '../../tls/retirement/parse-plan.ts';
import type { Plan, Who } from '../../tls/retirement/plan.ts';
import { decodeText } from '../password.ts';
import { readInputFile } from '../read-input-file.ts';

export interface PlanFile {
  readonly plan: Plan;
  readonly text: string;
}

/** @throws SealiftError `usage/invalid`, `tls/policy-file` that names file, line and field */
export async function readPlanFile(option: string, file: string): Promise<PlanFile> {
  const text = decodeText(await readInputFile(option, file));
  return { plan: parsePlan(text, { file, findBaseline }), text };
}

/** @param given a baseline's name, or a file */
export async function planOf(option: string, given: string): Promise<Plan> {
  const baseline = findBaseline(given);
  return baseline === undefined ? (await readPlanFile(option, given)).plan : planOfPolicy(baseline);
}

/** The tags of a client's name, from vault.yaml and the console. */
export type TagsOf = (client: string) => readonly string[];

export async function readTags(dataDir: string): Promise<TagsOf> {
  const { readVaultConfig } = await import('../../vault/config.ts');
  const { withVaultDatabase } = await import('../../vault/database/database.ts');
  const { readTagsOf } = await import('../../vault/tags/client-tags.ts');
  const config = await readVaultConfig(dataDir);
  return withVaultDatabase(dataDir, (database) => readTagsOf(database, config));
}

/**
 * What the vault shows of itself in a handshake. A certificate that cannot be read stops the vault, not
 * a simulation: the policy's certificates then stand in for it.
 */
export async function readServerSide(dataDir: string): Promise<ServerSide> {
  const { readVaultConfig } = await import('../../vault/config.ts');
  const { vaultPaths } = await import('../../vault/data-folder.ts');
  const { identityFiles } = await import('../../vault/certificates/server-certificate.ts');
  const { certificateTypesOf } = await import('../../vault/server/tls-keeper.ts');
  const { tls } = await readVaultConfig(dataDir);
  try {
    const files = identityFiles(vaultPaths(dataDir), tls);
    const chains = await Promise.all(files.map(({ certificate }) => readFile(certificate, 'utf8')));
    const certificates = certificateTypesOf(chains);
    return certificates === undefined ? {} : { certificates };
  } catch {
    return {};
  }
}

/**
 * Everybody whom the vault knows, seen or only enrolled; undefined while that is nobody, since then it
 * says nothing about names.
 */
export async function readKnownClients(dataDir: string): Promise<Who[] | undefined> {
  const { withVaultDatabase } = await import('../../vault/database/database.ts');
  const { listClients, replayEntries } = await import('../../vault/ledger/queries.ts');
  const tagsOf = await readTags(dataDir);
  const [entries, clients] = await withVaultDatabase(dataDir, async (database) => [
    await replayEntries(database),
    await listClients(database),
  ]);
  const seen = entries.map(({ client, address, fingerprint }) => ({
    client,
    address,
    fingerprint,
  }));
  const unseen = clients
    .filter(({ connections }) => connections === 0)
    .map(({ name }) => ({ client: name, address: '', fingerprint: '' }));
  const known = [...seen, ...unseen].map(
    ({ client, ...place }): Who => ({
      ...place,
      ...(client === undefined
        ? { clients: [], tags: [] }
        : { clients: [client], tags: tagsOf(client) }),
    }),
  );
  return known.length === 0 ? undefined : known;
}
