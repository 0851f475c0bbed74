/** `sealift vault`: the server that stores repositories, and who may use it. */

import type { Command } from 'commander';
import { printable } from '../../base/printable.ts';
import { Secret } from '../../base/secret.ts';
import { systemClock } from '../../base/time.ts';
import { formatSize } from '../../base/units.ts';
import type { CertificateId } from '../../vault/accounts/clients.ts';
import type { Invite } from '../../vault/accounts/invites.ts';
import type { User } from '../../vault/accounts/users.ts';
import type { ListenAddress } from '../../vault/config-fields.ts';
import type { RunningVault, VaultOptions } from '../../vault/vault.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { durationParser, usageError } from '../global-options.ts';
import { keepHeapsSmall } from '../heap.ts';
import { exitCodeAfter, waitForInterrupt } from '../interrupt.ts';
import { decodeText } from '../password.ts';
import { Throttle } from '../progress.ts';
import { readLineFromInput } from '../prompt.ts';
import { readInputFile } from '../read-input-file.ts';
import type { Runner } from '../runner.ts';
import { renderTable } from '../table.ts';
import { generatePassword } from '../vault-access.ts';
import { type DataFlags, momentText, requireVault, withData } from '../vault-data-folder.ts';
import { makeVaultLogger } from '../vault-logger.ts';
import {
  addConsoleUserCommand,
  ensureOwner,
  type FirstOwner,
  printConsole,
} from './vault-console.ts';
import { addRatchet } from './vault-ratchet.ts';

interface ServeFlags extends DataFlags {
  readonly listen?: string;
  readonly config?: string;
  readonly previewListen?: string;
  readonly previewAt?: string;
  readonly metricsListen?: string;
}

interface InviteFlags extends DataFlags {
  readonly url?: string;
  readonly expires?: number;
  readonly appendOnly?: boolean;
}

interface UserFlags extends DataFlags {
  readonly appendOnly?: boolean;
  readonly shared?: boolean;
  readonly replace?: boolean;
  readonly passwordStdin?: boolean;
  readonly newPasswordFile?: string;
}

export function addVault(program: Command, run: Runner): void {
  const vault = program.command('vault').description('run a vault and say who may use it');
  withData(vault.command('serve').description('run the server in the foreground'))
    .addHelpText(
      'before',
      'Example:  sealift vault serve --data /srv/vault --listen 0.0.0.0:8443\n',
    )
    .option('--listen <host:port>', 'address to listen on (default: as configured)')
    .option('--config <file>', 'configuration (default: vault.yaml in the data folder)')
    .option('--preview-listen <host:port>', 'a second address that decides as of --preview-at')
    .option('--preview-at <date>', 'date for the preview, such as 2027-09-01')
    .option('--metrics-listen <host:port>', 'Prometheus metrics over plain HTTP (default: off)')
    .action(run(serve));
  withData(vault.command('invite').description('make a one-time token that enrols a machine'))
    .argument('<name>', 'name of the machine')
    .option('--url <url>', 'address of the vault as that machine reaches it')
    .option(
      '--expires <duration>',
      'how long it is valid (default 1d)',
      durationParser('--expires'),
    )
    .option('--append-only', 'the machine may add but not delete')
    .action(run(invite));
  withData(vault.command('clients').description('list the enrolled machines')).action(run(clients));
  withData(vault.command('revoke').description('end the access of an enrolled machine'))
    .argument('<name>', 'name of the machine')
    .action(run(revoke));
  withData(vault.command('scrub').description('verify every stored file against its name')).action(
    run(scrubVault),
  );
  addUserCommands(vault, run);
  addConsoleUserCommand(vault, run);
  addRatchet(vault, run);
}

function addUserCommands(vault: Command, run: Runner): void {
  const user = vault.command('user').description('logins with a password, for restic and others');
  withData(user.command('add').description('add a login; prints its password if it makes one'))
    .argument('<name>', 'user name')
    .option('--password-stdin', 'read the password from standard input')
    .option('--new-password-file <file>', 'read the password from a file')
    .option('--append-only', 'the login may add but not delete')
    .option('--shared', 'several machines use it, some without TLS 1.3: no ratchet')
    .option('--replace', 'change the password of a login that exists')
    .action(run(addLogin));
  withData(user.command('list').description('list the logins')).action(run(listLogins));
  withData(user.command('remove').description('remove a login; its data stays'))
    .argument('<name>', 'user name')
    .action(run(removeLogin));
}

async function serve(context: Context, flags: ServeFlags): Promise<ExitCode> {
  keepHeapsSmall();
  const { out, say, signal } = context;
  const { createVaultData, startVault } = await import('../../vault/vault.ts');
  const addresses = await parseServeFlags(flags);
  const logger = makeVaultLogger(out.modes, 'info');
  await createVaultData(flags.data);
  const owner = await ensureOwner(flags.data);
  const vault = await startVault({
    dataDir: flags.data,
    ...(flags.config === undefined ? {} : { configFile: flags.config }),
    logger,
    ...addresses,
  });
  const reload = (): void => {
    vault.reload().catch((error: unknown) => {
      logger.error({ err: error }, 'the vault could not reload');
    });
  };
  process.on('SIGHUP', reload);
  printListening(context, vault, owner);
  if (vault.tlsProblem !== undefined) out.warn(vault.tlsProblem);
  await waitForInterrupt(signal);
  await vault.close();
  out.info(say('vault.stopped'));
  return exitCodeAfter(signal);
}

async function parseServeFlags(
  flags: ServeFlags,
): Promise<Pick<VaultOptions, 'listen' | 'preview' | 'metricsListen'>> {
  const { parseListen, parseLocalListen } = await import('../../vault/config-fields.ts');
  const { parsePlanTime } = await import('../../tls/retirement/plan-times.ts');
  const address = (option: string, text: string, parse = parseListen): ListenAddress => {
    const parsed = parse(text);
    if (parsed === undefined) throw usageError(`${option} takes HOST:PORT, not '${text}'`);
    return parsed;
  };
  const { listen, previewListen, previewAt, metricsListen } = flags;
  if ((previewListen === undefined) !== (previewAt === undefined))
    throw usageError('--preview-listen and --preview-at are given together');
  const at = previewAt === undefined ? undefined : parsePlanTime(previewAt);
  if (previewAt !== undefined && at === undefined)
    throw usageError(`--preview-at takes a date such as 2027-09-01, not '${previewAt}'`);
  return {
    ...(listen === undefined ? {} : { listen: address('--listen', listen) }),
    ...(previewListen === undefined || at === undefined
      ? {}
      : { preview: { listen: address('--preview-listen', previewListen), at } }),
    ...(metricsListen === undefined
      ? {}
      : { metricsListen: address('--metrics-listen', metricsListen, parseLocalListen) }),
  };
}

function printListening(
  context: Context,
  vault: RunningVault,
  owner: FirstOwner | undefined,
): void {
  const { out, say } = context;
  const { url, caFile, preview, metricsUrl } = vault;
  if (out.modes.json) {
    out.json({
      message_type: 'listening',
      url,
      ca_file: caFile,
      ...(preview && { preview: { url: preview.url, at: momentText(preview.at) } }),
      ...(metricsUrl && { metrics_url: metricsUrl }),
      ...(owner && { console_user: owner.name, console_password: owner.password }),
    });
    return;
  }
  out.info(say('vault.listening', { url }));
  printConsole(context, { url, owner });
  if (preview !== undefined)
    out.info(say('vault.previewListening', { url: preview.url, at: momentText(preview.at) }));
  if (metricsUrl !== undefined) out.info(say('vault.metricsListening', { url: metricsUrl }));
}

async function invite(
  { out, say }: Context,
  flags: InviteFlags,
  [name = '']: readonly string[],
): Promise<undefined> {
  const { createInvite } = await import('../../vault/accounts/invites.ts');
  const { trustAnchorOf } = await import('../../vault/certificates/server-certificate.ts');
  const { readVaultConfig } = await import('../../vault/config.ts');
  const { changeByCommand } = await import('../../vault/audit/command-audit.ts');
  await requireVault(flags.data);
  const anchor = await trustAnchorOf(flags.data, await readVaultConfig(flags.data));
  const made = await changeByCommand(
    flags.data,
    ({ expiresMs }: Invite) => ({
      ...{ action: 'invite/create', target: name },
      after: { appendOnly: flags.appendOnly === true, expiresAt: momentText(expiresMs) },
    }),
    (database) =>
      createInvite(database, {
        name,
        anchor,
        ...(flags.url === undefined ? {} : { url: flags.url }),
        ...(flags.expires === undefined ? {} : { lifeMs: flags.expires }),
        appendOnly: flags.appendOnly === true,
      }),
  );
  const token = made.token.reveal();
  const until = momentText(made.expiresMs);
  if (out.modes.json) {
    out.json({ message_type: 'invitation', name: made.name, token, expires: until });
    return;
  }
  out.info(say('vault.invited', { name: made.name, until }));
  out.result(`sealift enroll ${flags.url ?? 'https://HOST:PORT'} --token ${token}`);
}

async function clients({ out, say }: Context, flags: DataFlags): Promise<undefined> {
  const { listClients } = await import('../../vault/accounts/clients.ts');
  const { withVaultDatabase } = await import('../../vault/database/database.ts');
  await requireVault(flags.data);
  const found = await withVaultDatabase(flags.data, listClients);
  if (out.modes.json) {
    out.json(
      found.map((client) => ({
        name: client.name,
        fingerprint: client.fingerprint,
        state: client.state,
        append_only: client.appendOnly,
        created: momentText(client.createdMs),
        not_after: momentText(client.notAfterMs),
        last_seen: client.lastSeenMs === undefined ? null : momentText(client.lastSeenMs),
      })),
    );
    return;
  }
  if (found.length === 0) {
    out.info(say('vault.noClients'));
    return;
  }
  const rows = found.map((client) => [
    client.name,
    client.state,
    client.fingerprint.slice(0, 16),
    momentText(client.notAfterMs),
    client.lastSeenMs === undefined ? '' : momentText(client.lastSeenMs),
  ]);
  const headings = [
    say('vault.tableName'),
    say('vault.tableState'),
    say('vault.tableFingerprint'),
    say('vault.tableValidUntil'),
    say('vault.tableLastSeen'),
  ];
  out.result(renderTable({ headings, rows }));
}

async function revoke(
  { out, say }: Context,
  flags: DataFlags,
  [name = '']: readonly string[],
): Promise<undefined> {
  const { revokeClient } = await import('../../vault/accounts/clients.ts');
  const { changeByCommand } = await import('../../vault/audit/command-audit.ts');
  await requireVault(flags.data);
  await changeByCommand(
    flags.data,
    (before: readonly CertificateId[]) => ({ action: 'client/revoke', target: name, before }),
    (database) => revokeClient(database, name),
  );
  if (out.modes.json) out.json({ message_type: 'summary', revoked: name });
  else out.info(say('vault.revoked', { name }));
}

async function addLogin(
  context: Context,
  flags: UserFlags,
  [name = '']: readonly string[],
): Promise<undefined> {
  const { out, say } = context;
  const { addUser, findUser } = await import('../../vault/accounts/users.ts');
  const { changeByCommand } = await import('../../vault/audit/command-audit.ts');
  await requireVault(flags.data);
  const given = await readLoginPassword(flags);
  const password = given ?? generatePassword();
  const replace = flags.replace === true;
  await changeByCommand(
    flags.data,
    ({ before, after: { appendOnly, shared } }: { before: User | undefined; after: User }) => ({
      ...{ action: before === undefined ? 'login/add' : 'login/change', target: name },
      before: before && { appendOnly: before.appendOnly, shared: before.shared },
      after: { appendOnly, shared, ...(before && { passwordChanged: true }) },
    }),
    async (database) => ({
      before: await findUser(database, name),
      after: await addUser(database, {
        name,
        password: new Secret(password),
        appendOnly: flags.appendOnly === true,
        shared: flags.shared === true,
        replace,
      }),
    }),
  );
  const made = given === undefined;
  if (out.modes.json) {
    out.json({ message_type: 'user', name, ...(made ? { password } : {}) });
    return;
  }
  out.info(say('vault.userAdded', { name }));
  if (made) out.result(say('vault.userPassword', { password }));
}

/** Undefined when the vault shall make one. */
async function readLoginPassword(flags: UserFlags): Promise<string | undefined> {
  if (flags.newPasswordFile !== undefined) {
    return decodeText(await readInputFile('--new-password-file', flags.newPasswordFile)).trim();
  }
  return flags.passwordStdin === true ? ((await readLineFromInput()) ?? '') : undefined;
}

async function listLogins({ out, say }: Context, flags: DataFlags): Promise<undefined> {
  const { listUsers } = await import('../../vault/accounts/users.ts');
  const { withVaultDatabase } = await import('../../vault/database/database.ts');
  await requireVault(flags.data);
  const users = await withVaultDatabase(flags.data, listUsers);
  if (out.modes.json) {
    out.json(
      users.map(({ name, appendOnly, shared, createdMs }) => ({
        name,
        append_only: appendOnly,
        shared,
        created: momentText(createdMs),
      })),
    );
    return;
  }
  if (users.length === 0) out.info(say('vault.noUsers'));
  for (const { name, appendOnly, shared } of users) {
    const marks = [
      ...(appendOnly ? [say('vault.appendOnly')] : []),
      ...(shared ? [say('vault.shared')] : []),
    ];
    out.result(marks.length === 0 ? name : `${name} (${marks.join(', ')})`);
  }
}

async function removeLogin(
  { out, say }: Context,
  flags: DataFlags,
  [name = '']: readonly string[],
): Promise<undefined> {
  const { removeUser } = await import('../../vault/accounts/users.ts');
  const { changeByCommand } = await import('../../vault/audit/command-audit.ts');
  await requireVault(flags.data);
  await changeByCommand(
    flags.data,
    ({ appendOnly, shared }: User) => ({
      ...{ action: 'login/delete', target: name, before: { appendOnly, shared } },
    }),
    (database) => removeUser(database, name),
  );
  if (out.modes.json) out.json({ message_type: 'summary', removed: name });
  else out.info(say('vault.userRemoved', { name }));
}

async function scrubVault(context: Context, flags: DataFlags): Promise<ExitCode> {
  const { out, say, signal } = context;
  const { readVaultConfig } = await import('../../vault/config.ts');
  const { vaultPaths } = await import('../../vault/data-folder.ts');
  const { beginScrub, runScrub } = await import('../../vault/repositories/recorded-scrub.ts');
  const { auditCommand } = await import('../../vault/audit/command-audit.ts');
  const { withVaultDatabase } = await import('../../vault/database/database.ts');
  await requireVault(flags.data);
  const config = await readVaultConfig(flags.data);
  const throttle = new Throttle(100);
  const root = config.repositories.path ?? vaultPaths(flags.data).repositories;
  const report = await withVaultDatabase(flags.data, async (database) => {
    const run = await beginScrub(database, { by: null, clock: systemClock });
    await auditCommand(database, { action: 'scrub/start', target: String(run.id) });
    return runScrub(database, run, {
      root,
      clock: systemClock,
      signal,
      onProgress: ({ files, bytes }) => {
        if (throttle.due())
          out.status([say('vault.scrubbing', { files, size: formatSize(bytes) })]);
      },
    });
  });
  out.status([]);
  const { files, bytes, repositories, damaged } = report;
  if (out.modes.json) {
    out.json({ message_type: 'summary', repositories, files, bytes, damaged });
  } else {
    for (const { path, problem } of damaged) {
      out.result(say('vault.scrubDamaged', { path: printable(path), problem }));
    }
    const values = { files, size: formatSize(bytes), damaged: damaged.length };
    out.info(say('vault.scrubbed', values));
  }
  return damaged.length === 0 ? exitCodes.done : exitCodes.failed;
}
