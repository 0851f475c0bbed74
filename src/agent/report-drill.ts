/** Tells an enrolled vault how a restore drill went. */

import { messageOf } from '../base/errors.ts';
import type { DrillReport } from '../vault/drills/drill-store.ts';
import { loadEnrolment } from './identity-store.ts';
import { callVault } from './vault-call.ts';

/**
 * Never throws: the drill itself went as it went.
 * @param vault the name under which this machine knows the vault
 * @returns why the vault does not know of it; undefined if it does, or is too old to be told
 */
export async function reportDrill(
  { vault, configDir }: { readonly vault: string; readonly configDir: string },
  report: DrillReport,
): Promise<string | undefined> {
  try {
    const { url, ca, certificate, key } = await loadEnrolment(vault, configDir);
    const path = '/_sealift/v1/drills';
    const { status } = await callVault({ url, path, body: report, ca, certificate, key });
    return status === 204 || status === 404 ? undefined : `it answered ${status}`;
  } catch (error) {
    return messageOf(error);
  }
}
