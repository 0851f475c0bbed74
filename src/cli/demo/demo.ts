/**
 * The main job, shown on this checkout: back it up over TLS, restore it, compare everything, and have
 * a TLS 1.0 client refused. All that it makes stands in temporary folders, which it removes.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printable } from '../../base/printable.ts';
import { Secret } from '../../base/secret.ts';
import { nsPerMs } from '../../base/time.ts';
import { formatSize } from '../../base/units.ts';
import { initRepository } from '../../engine/open.ts';
import { alertName } from '../../tls/alerts.ts';
import type { RunningVault } from '../../vault/vault.ts';
import { makeBackup } from '../commands/backup.ts';
import { makeRestore } from '../commands/restore.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { openBackend } from '../open-repository.ts';
import { readFirstPassword } from '../password.ts';
import { checkoutRoot, generatePassword, repositoryUrl } from '../vault-access.ts';
import { makeVaultLogger } from '../vault-logger.ts';
import { type Comparison, compareFolders } from './compare.ts';
import { type LegacyAnswer, offerLegacyHello } from './legacy-hello.ts';

const loginName = 'demo';
const leftOut = 'node_modules';
/** RFC 5246 §7.2: protocol_version, and the level that ends a connection. */
const protocolVersionAlert = 70;
const fatalLevel = 2;

/** Exit code 0 when everything came back as it was and the old client was refused. */
export async function runDemo(context: Context): Promise<ExitCode> {
  const { out, say } = context;
  const folder = await mkdtemp(join(tmpdir(), 'sealift-demo-'));
  try {
    out.info(say('demo.start', { path: folder }));
    const { vault, password } = await startDemoVault(context, join(folder, 'vault'));
    try {
      const user = contextOfUser(context, vault, password);
      const same = await showBackup(user, join(folder, 'restored'));
      const refused = await showRefusal(context, vault);
      return same && refused ? exitCodes.done : exitCodes.failed;
    } finally {
      await vault.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
    out.info(say('demo.done'));
  }
}

async function startDemoVault(
  context: Context,
  dataDir: string,
): Promise<{ vault: RunningVault; password: string }> {
  const { addUser } = await import('../../vault/accounts/users.ts');
  const { withVaultDatabase } = await import('../../vault/database/database.ts');
  const { createVaultData, startVault } = await import('../../vault/vault.ts');
  await createVaultData(dataDir);
  const password = generatePassword();
  await withVaultDatabase(dataDir, (database) =>
    addUser(database, { name: loginName, password: new Secret(password) }),
  );
  const vault = await startVault({
    dataDir,
    listen: { host: '127.0.0.1', port: 0 },
    logger: makeVaultLogger(context.out.modes, 'error'),
  });
  return { vault, password };
}

/** The context of somebody who gave these options; what is set on this machine does not count. */
function contextOfUser(context: Context, vault: RunningVault, password: string): Context {
  const repo = repositoryUrl(vault.url, loginName, password);
  return {
    ...context,
    flags: { repo, cacert: vault.caFile, lock: true },
    env: { SEALIFT_PASSWORD: generatePassword() },
  };
}

/** True when the restored copy is the same as the source. */
async function showBackup(context: Context, target: string): Promise<boolean> {
  const { out, say, signal } = context;
  await createRepository(context);
  out.info(say('demo.backup', { path: checkoutRoot, excludes: leftOut }));
  const startNs = BigInt(Date.now()) * nsPerMs;
  await makeBackup(context, { exclude: [join(checkoutRoot, leftOut)] }, [checkoutRoot]);
  out.info(say('demo.restore', { path: target }));
  await makeRestore(context, { target }, ['latest']);
  const comparison = await compareFolders(checkoutRoot, join(target, checkoutRoot), {
    isExcluded: (path) => path === leftOut,
    changedSinceNs: startNs,
    signal,
  });
  printComparison(context, comparison);
  return comparison.differences.length === 0;
}

async function createRepository(context: Context): Promise<void> {
  const backend = await openBackend(context);
  try {
    context.out.info(context.say('demo.init', { location: backend.location }));
    const password = await readFirstPassword(context);
    await initRepository(backend, { password, signal: context.signal });
  } finally {
    await backend.close();
  }
}

function printComparison({ out, say }: Context, comparison: Comparison): void {
  const { files, folders, links, otherEntries, bytes, differences, changed } = comparison;
  if (out.modes.json) {
    out.json({ message_type: 'comparison', files, folders, links, bytes, differences, changed });
    return;
  }
  const [first] = changed;
  if (first !== undefined) {
    out.info(say('demo.changed', { count: changed.length, path: printable(first) }));
  }
  if (differences.length > 0) {
    out.result(say('demo.differs', { count: differences.length }));
    for (const difference of differences) out.result(`  ${printable(difference)}`);
    return;
  }
  const size = formatSize(Number(bytes));
  out.info(say('demo.compare', { files: files + otherEntries, size, folders, links }));
}

/** True when the vault answered with the alert that says why. */
async function showRefusal({ out, say }: Context, vault: RunningVault): Promise<boolean> {
  const answer = await offerLegacyHello({ host: vault.host, port: vault.port });
  const refused = answer.kind === 'alert' && answer.description === protocolVersionAlert;
  if (out.modes.json) out.json({ message_type: 'legacy_client', refused, answer });
  else if (answer.kind === 'alert' && refused) out.info(say('demo.legacy', alertValues(answer)));
  else out.result(say('demo.legacyAccepted', { answer: JSON.stringify(answer) }));
  return refused;
}

function alertValues(answer: LegacyAnswer & { kind: 'alert' }): Record<string, unknown> {
  return {
    hex: answer.hex,
    level: answer.level === fatalLevel ? 'fatal' : 'warning',
    description: alertName(answer.description),
    number: answer.description,
  };
}
