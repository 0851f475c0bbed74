/** `sealift vault ratchet`: what each client has proved, and taking that back for one of them. */

import type { Command } from 'commander';
import { systemClock } from '../../base/time.ts';
import { versionName } from '../../tls/versions.ts';
import type { RatchetEntry } from '../../vault/ratchet/ratchet.ts';
import type { Context } from '../context.ts';
import { usageError } from '../global-options.ts';
import type { Runner } from '../runner.ts';
import { renderTable } from '../table.ts';
import { type DataFlags, momentText, requireVault, withData } from '../vault-data-folder.ts';

interface ReleaseFlags extends DataFlags {
  readonly reason: string;
}

export function addRatchet(vault: Command, run: Runner): void {
  const ratchet = vault
    .command('ratchet')
    .description('who has proved TLS 1.3 and is refused with less');
  withData(
    ratchet.command('list').description('list what each client has proved, and the releases'),
  ).action(run(list));
  withData(ratchet.command('release').description('let a client come with less again'))
    .argument('<name>', 'name of the machine or login')
    .requiredOption('--reason <text>', 'why; it is kept')
    .action(run(release));
}

async function list({ out, say }: Context, flags: DataFlags): Promise<undefined> {
  const { withVaultDatabase } = await import('../../vault/database/database.ts');
  const { listRatchet, listReleases } = await import('../../vault/ratchet/ratchet.ts');
  await requireVault(flags.data);
  const { proved, releases } = await withVaultDatabase(flags.data, async (database) => ({
    proved: await listRatchet(database),
    releases: await listReleases(database),
  }));
  if (out.modes.json) {
    out.json({
      proved: proved.map(({ kind, client, version, provedMs, address }) => ({
        name: client,
        kind,
        version: versionName(version),
        since: momentText(provedMs),
        address,
      })),
      releases: releases.map(({ kind, client, version, releasedMs, reason }) => ({
        name: client,
        kind,
        version: versionName(version),
        released: momentText(releasedMs),
        reason,
      })),
    });
    return;
  }
  if (proved.length === 0) out.info(say('vault.noRatchet'));
  else {
    const rows = proved.map(({ kind, client, version, provedMs, address }) => [
      client,
      kind,
      versionName(version),
      momentText(provedMs),
      address,
    ]);
    const headings = [
      say('vault.tableName'),
      say('vault.tableKind'),
      say('vault.tableProved'),
      say('vault.tableSince'),
      say('vault.tableFrom'),
    ];
    out.result(renderTable({ headings, rows }));
  }
  for (const { client, version, releasedMs, reason } of releases) {
    const at = momentText(releasedMs);
    out.result(
      say('vault.ratchetRelease', { name: client, version: versionName(version), at, reason }),
    );
  }
}

async function release(
  { out, say }: Context,
  flags: ReleaseFlags,
  [name = '']: readonly string[],
): Promise<undefined> {
  const { changeByCommand } = await import('../../vault/audit/command-audit.ts');
  const { ratchetDocument, releaseRatchet } = await import('../../vault/ratchet/ratchet.ts');
  const reason = flags.reason.trim();
  if (reason === '') throw usageError('--reason is empty');
  await requireVault(flags.data);
  await changeByCommand(
    flags.data,
    (released: readonly RatchetEntry[]) => ({
      ...{ action: 'client/ratchet-release', target: name, reason },
      before: released.map(ratchetDocument),
    }),
    (database) => releaseRatchet(database, name, { reason, clock: systemClock }),
  );
  if (out.modes.json) out.json({ message_type: 'summary', released: name, reason });
  else out.info(say('vault.ratchetReleased', { name }));
}
