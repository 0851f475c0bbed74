/** `sealift key`: the passwords that open the repository. */

import { hostname, userInfo } from 'node:os';
import type { Command } from 'commander';
import { printable } from '../../base/printable.ts';
import { formatTime } from '../../base/time.ts';
import { addKey as addKeyFile, changeKey, listKeys, removeKey } from '../../engine/keys.ts';
import type { Context } from '../context.ts';
import { withRepository } from '../open-repository.ts';
import { type NewPasswordFlags, readNewPassword } from '../password.ts';
import type { Runner } from '../runner.ts';
import { renderTable } from '../table.ts';

interface NewKeyFlags extends NewPasswordFlags {
  readonly user?: string;
  readonly host?: string;
}

export function addKey(program: Command, run: Runner): void {
  const key = program.command('key').description('list and change the passwords');
  key.command('list').description('list the keys').action(run(list));
  withNewPassword(key.command('add').description('add a password'))
    .option('--user <name>', 'user name to note in the key')
    .option('--host <name>', 'host name to note in the key')
    .action(run(add));
  withNewPassword(key.command('passwd').description('replace the password in use')).action(
    run(change),
  );
  key
    .command('remove')
    .description('remove a key')
    .argument('<id>', 'ID of the key, or its beginning')
    .action(run(remove));
}

function withNewPassword(command: Command): Command {
  return command
    .option('--new-password-file <file>', 'file with the new password')
    .option('--new-insecure-no-password', 'the new password is empty');
}

async function list(context: Context): Promise<undefined> {
  const { out, say } = context;
  await withRepository(context, { lock: 'read' }, async (repository, signal) => {
    const keys = await listKeys(repository, {
      signal,
      onError: (error) => out.warn(context.explain(error)),
    });
    const rows = keys.map(({ id, current, username, hostname, createdNs }) => ({
      current,
      id: id.slice(0, 8),
      userName: username,
      hostName: hostname,
      created: formatTime(createdNs).slice(0, 19).replace('T', ' '),
    }));
    if (out.modes.json) {
      out.json(rows);
      return;
    }
    const table = renderTable({
      headings: [' ID', say('key.tableUser'), say('key.tableHost'), say('key.tableCreated')],
      rows: rows.map(({ current, id, userName, hostName, created }) =>
        [`${current ? '*' : ' '}${id}`, userName, hostName, created].map(printable),
      ),
    });
    out.result(table);
  });
}

async function add(context: Context, flags: NewKeyFlags): Promise<undefined> {
  await withRepository(context, { lock: 'append' }, async (repository, signal) => {
    const id = await addKeyFile(repository, {
      password: await readNewPassword(context, flags),
      allowEmptyPassword: flags.newInsecureNoPassword === true,
      username: flags.user ?? userInfo().username,
      hostname: flags.host ?? hostname(),
      signal,
    });
    report(context, 'key.added', id);
  });
}

async function change(context: Context, flags: NewKeyFlags): Promise<undefined> {
  await withRepository(context, { lock: 'exclusive' }, async (repository, signal) => {
    const id = await changeKey(repository, {
      password: await readNewPassword(context, flags),
      allowEmptyPassword: flags.newInsecureNoPassword === true,
      username: userInfo().username,
      hostname: hostname(),
      signal,
    });
    report(context, 'key.changed', id);
  });
}

async function remove(
  context: Context,
  _flags: unknown,
  [wanted = '']: readonly string[],
): Promise<undefined> {
  await withRepository(context, { lock: 'exclusive' }, async (repository, signal) => {
    const id = await removeKey(repository, wanted, { signal });
    report(context, 'key.removed', id);
  });
}

function report(
  { out, say }: Context,
  key: 'key.added' | 'key.changed' | 'key.removed',
  id: string,
): void {
  if (out.modes.json) out.json({ message_type: 'summary', id });
  else out.info(say(key, { id }));
}
