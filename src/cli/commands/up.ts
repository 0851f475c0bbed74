/** `sealift up`: a vault on this machine with everything decided; `--demo` shows the main job. */

import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { SealiftError, systemCodeOf } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import type { RunningVault } from '../../vault/vault.ts';
import { vaultDataFolder } from '../config-folder.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { integerParser } from '../global-options.ts';
import { keepHeapsSmall } from '../heap.ts';
import { exitCodeAfter, waitForInterrupt } from '../interrupt.ts';
import type { Runner } from '../runner.ts';
import { checkoutRoot, generatePassword, repositoryUrl } from '../vault-access.ts';
import { makeVaultLogger } from '../vault-logger.ts';
import { ensureOwner, type FirstOwner, printConsole } from './vault-console.ts';

interface UpFlags {
  readonly data?: string;
  readonly port?: number;
  readonly demo?: boolean;
}

const defaultPort = 8443;
/** Ports after the default one that are tried when it is taken. */
const portAttempts = 20;
const host = '127.0.0.1';
const firstLogin = 'backup';

export function addUp(program: Command, run: Runner): void {
  program
    .command('up')
    .description('run a vault on this machine with embedded defaults')
    .option('--data <folder>', 'data folder of the vault (default: in your home folder)')
    .option('--port <port>', `port (default: ${defaultPort} or the next free one)`, portParser)
    .option('--demo', 'go on by itself: back up, restore, compare, refuse TLS 1.0; then end')
    .action(run(up));
}

const portParser = integerParser('--port', 0, 65535);

async function up(context: Context, flags: UpFlags): Promise<ExitCode> {
  if (flags.demo === true) {
    const { runDemo } = await import('../demo/demo.ts');
    return runDemo(context);
  }
  keepHeapsSmall();
  const { out, say, signal } = context;
  const dataDir = resolve(flags.data ?? vaultDataFolder(context.env));
  const { createVaultData } = await import('../../vault/vault.ts');
  const { created } = await createVaultData(dataDir);
  if (created) out.info(say('up.created', { path: dataDir }));
  const login = await ensureFirstLogin(dataDir);
  const owner = await ensureOwner(dataDir);
  const vault = await startOnFreePort(context, dataDir, flags.port);
  printReady(context, vault, { login, owner });
  if (vault.tlsProblem !== undefined) out.warn(vault.tlsProblem);
  await waitForInterrupt(signal);
  await vault.close();
  out.info(say('vault.stopped'));
  return exitCodeAfter(signal);
}

interface Login {
  readonly name: string;
  readonly passwordFile: string;
  /** Undefined when the file is gone: the vault itself keeps only a hash. */
  readonly password: string | undefined;
  readonly created: boolean;
}

/** The login that the printed commands use; its password is kept in a file of the data folder. */
async function ensureFirstLogin(dataDir: string): Promise<Login> {
  const { addUser, listUsers } = await import('../../vault/accounts/users.ts');
  const { writeFileAtomically } = await import('../../vault/data-folder.ts');
  const { withVaultDatabase } = await import('../../vault/database/database.ts');
  const passwordFile = join(dataDir, 'first-login.txt');
  return withVaultDatabase(dataDir, async (database) => {
    const known = await listUsers(database);
    if (known.length > 0) {
      const name = known.find((user) => user.name === firstLogin)?.name ?? known[0]?.name ?? '';
      return { name, passwordFile, password: await readPasswordOf(passwordFile), created: false };
    }
    const password = generatePassword();
    await writeFileAtomically(passwordFile, `${password}\n`);
    await addUser(database, { name: firstLogin, password: new Secret(password) });
    return { name: firstLogin, passwordFile, password, created: true };
  });
}

async function readPasswordOf(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    return undefined;
  }
}

/** A port that was asked for is taken or refused; the default one may be followed by the next. */
async function startOnFreePort(
  context: Context,
  dataDir: string,
  wanted: number | undefined,
): Promise<RunningVault> {
  const { startVault } = await import('../../vault/vault.ts');
  const logger = makeVaultLogger(context.out.modes, 'warn');
  for (let port = wanted ?? defaultPort; ; port++) {
    try {
      const vault = await startVault({ dataDir, listen: { host, port }, logger });
      if (wanted === undefined && port !== defaultPort) {
        context.out.warn(context.say('up.portTaken', { taken: defaultPort, port }));
      }
      return vault;
    } catch (error) {
      const taken = error instanceof SealiftError && systemCodeOf(error.cause) === 'EADDRINUSE';
      if (!taken || wanted !== undefined || port >= defaultPort + portAttempts) throw error;
    }
  }
}

function printReady(
  context: Context,
  vault: RunningVault,
  { login, owner }: { readonly login: Login; readonly owner: FirstOwner | undefined },
): void {
  const { out, say } = context;
  const { caFile, url } = vault;
  const repository = repositoryUrl(url, login.name, login.password ?? 'PASSWORD');
  if (out.modes.json) {
    out.json({
      message_type: 'listening',
      url,
      ca_file: caFile,
      user: login.name,
      password_file: login.passwordFile,
      console: `${url}console/`,
      ...(owner && { console_user: owner.name, console_password: owner.password }),
    });
    return;
  }
  const { name, password, passwordFile } = login;
  const command = sealiftCommand();
  out.info(say('up.ready', { url }));
  printConsole(context, { url, owner });
  out.info(say('up.caFile', { path: caFile }));
  out.info(
    login.created
      ? say('up.user', { name, password, file: passwordFile })
      : say('up.userKnown', { name, file: passwordFile }),
  );
  out.info(`\n${say('up.commands')}\n`);
  out.info(`  export SEALIFT_REPOSITORY='${repository}'`);
  out.info(`  export SEALIFT_CACERT='${caFile}'`);
  out.info(`  ${command} init`);
  out.info(`  ${command} backup FOLDER`);
  out.info(`  ${command} restore latest --target RESTORED`);
  out.info(`\n${say('up.commandsRestic')}\n`);
  out.info(`  export RESTIC_REPOSITORY='${repository}'`);
  out.info(`  export RESTIC_CACERT='${caFile}'`);
  out.info('  restic backup FOLDER');
  out.info('  restic restore latest --target RESTORED');
}

/** How the user calls Sealift from where they are: `./sealift`, or the full path of the launcher. */
function sealiftCommand(): string {
  const launcher = join(checkoutRoot, process.platform === 'win32' ? 'sealift.cmd' : 'sealift');
  const path = relative(process.cwd(), launcher);
  return path.startsWith('..') ? launcher : `./${path}`;
}
