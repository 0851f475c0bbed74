/** `sealift vault console-user`: who may sign in to the console, set from the vault's own machine. */

import { type Command, Option } from 'commander';
import { systemClock } from '../../base/time.ts';
import type { Context } from '../context.ts';
import type { Runner } from '../runner.ts';
import { type DataFlags, requireVault, withData } from '../vault-data-folder.ts';

interface ConsoleUserFlags extends DataFlags {
  readonly role?: 'viewer' | 'operator' | 'owner';
}

export function addConsoleUserCommand(vault: Command, run: Runner): void {
  withData(
    vault
      .command('console-user')
      .description('add a user of the console, or give one a new password; prints it'),
  )
    .argument('<name>', 'name of the user')
    .addOption(
      new Option('--role <role>', 'what the user may do (default for a new one: viewer)').choices([
        'viewer',
        'operator',
        'owner',
      ]),
    )
    .action(run(setConsoleUser));
}

async function setConsoleUser(
  { out, say }: Context,
  flags: ConsoleUserFlags,
  [name = '']: readonly string[],
): Promise<undefined> {
  const { addConsoleUser, changeConsoleUser, findConsoleUser, makePassword } = await import(
    '../../vault/accounts/console-users.ts'
  );
  const { auditCommand } = await import('../../vault/audit/command-audit.ts');
  const { inTransaction } = await import('../../vault/database/in-transaction.ts');
  const { withVaultDatabase } = await import('../../vault/database/database.ts');
  await requireVault(flags.data);
  const made = makePassword();
  await withVaultDatabase(flags.data, (opened) =>
    inTransaction(opened, async (database) => {
      const before = await findConsoleUser(database, name);
      const role = flags.role ?? before?.role ?? 'viewer';
      if (before === undefined) {
        await addConsoleUser(
          database,
          { name, role, password: made, mustChange: true },
          systemClock,
        );
      } else {
        await changeConsoleUser(database, name, { role, password: made, mustChange: true });
      }
      await auditCommand(database, {
        target: name,
        action: before === undefined ? 'user/add' : 'user/change',
        before: before && { role: before.role },
        after: { role, passwordChanged: true },
      });
    }),
  );
  const password = made.reveal();
  if (out.modes.json) {
    out.json({ message_type: 'console_user', name, password });
    return;
  }
  out.info(say('vault.consoleUser', { name }));
  out.result(say('vault.userPassword', { password }));
}

export interface FirstOwner {
  readonly name: string;
  readonly password: string;
}

/** Makes the first owner of a vault that nobody can sign in to; its password is shown this once. */
export async function ensureOwner(dataDir: string): Promise<FirstOwner | undefined> {
  const { ensureFirstOwner } = await import('../../vault/accounts/console-users.ts');
  const { auditCommand } = await import('../../vault/audit/command-audit.ts');
  const { inTransaction } = await import('../../vault/database/in-transaction.ts');
  const { withVaultDatabase } = await import('../../vault/database/database.ts');
  const owner = await withVaultDatabase(dataDir, (opened) =>
    inTransaction(opened, async (database) => {
      const made = await ensureFirstOwner(database, systemClock);
      if (made !== undefined) {
        const after = { role: 'owner' };
        await auditCommand(database, { action: 'user/add', target: made.name, after });
      }
      return made;
    }),
  );
  return owner && { name: owner.name, password: owner.password.reveal() };
}

/** Where the console is, and how to sign in to it the first time. */
export function printConsole(
  { out, say }: Context,
  { url, owner }: { readonly url: string; readonly owner: FirstOwner | undefined },
): void {
  out.info(say('up.console', { url: `${url}console/` }));
  if (owner !== undefined) out.info(say('up.consoleUser', { ...owner }));
}
