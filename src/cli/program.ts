/** The tree of commands, each from its own file, which is loaded only when it is wanted. */

import { Command } from 'commander';
import type { Surroundings } from './context.ts';
import { addGlobalOptions } from './global-options.ts';
import { makeRunner, type Outcome, type Runner } from './runner.ts';

type AddCommand = (program: Command, run: Runner) => void;

/** In the order of the help. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  up: async () => (await import('./commands/up.ts')).addUp,
  init: async () => (await import('./commands/init.ts')).addInit,
  backup: async () => (await import('./commands/backup.ts')).addBackup,
  restore: async () => (await import('./commands/restore.ts')).addRestore,
  snapshots: async () => (await import('./commands/snapshots.ts')).addSnapshots,
  ls: async () => (await import('./commands/ls.ts')).addLs,
  cat: async () => (await import('./commands/cat.ts')).addCat,
  list: async () => (await import('./commands/list.ts')).addList,
  check: async () => (await import('./commands/check.ts')).addCheck,
  key: async () => (await import('./commands/key.ts')).addKey,
  forget: async () => (await import('./commands/forget.ts')).addForget,
  prune: async () => (await import('./commands/prune.ts')).addPrune,
  copy: async () => (await import('./commands/copy.ts')).addCopy,
  unlock: async () => (await import('./commands/unlock.ts')).addUnlock,
  vault: async () => (await import('./commands/vault.ts')).addVault,
  enroll: async () => (await import('./commands/enroll.ts')).addEnroll,
  agent: async () => (await import('./commands/agent.ts')).addAgent,
  door: async () => (await import('./commands/door.ts')).addDoor,
  clients: async () => (await import('./commands/clients.ts')).addClients,
  report: async () => (await import('./commands/report.ts')).addReport,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
  fix: async () => (await import('./commands/fix.ts')).addFix,
  explain: async () => (await import('./commands/explain.ts')).addExplain,
  negotiate: async () => (await import('./commands/negotiate.ts')).addNegotiate,
  policy: async () => (await import('./commands/policy.ts')).addPolicy,
  version: async () => (await import('./commands/version.ts')).addVersion,
};

/** Those that open a repository. */
const openers: ReadonlySet<string | undefined> = new Set([
  'backup',
  'restore',
  'snapshots',
  'ls',
  'cat',
  'list',
  'check',
  'key',
  'forget',
  'prune',
  'copy',
  'unlock',
]);

/**
 * The commands whose names stand anywhere among the arguments. A name that is really an operand or the
 * value of an option costs the loading of a file too many, and nothing else.
 */
export function namedCommands(args: readonly string[]): string[] {
  return Object.keys(commands).filter((name) => args.includes(name));
}

/**
 * @param args the arguments that it will parse; when they name no command, all are loaded, for the
 *   help and for the suggestion after a misspelt name
 * @param outcome receives the exit code of the command that runs
 */
export async function buildProgram(
  args: readonly string[],
  surroundings: Surroundings,
  outcome: Outcome,
): Promise<Command> {
  const program = new Command('sealift');
  program
    .description('Backups whose data never travels over weak TLS, compatible with restic.')
    .addHelpText('before', 'Try it:  sealift up --demo\n')
    // Failures are rendered by command-line.ts, in the user's language, so commander itself stays silent.
    .exitOverride()
    .configureOutput({
      writeOut: (text) => surroundings.stdout.write(text),
      writeErr: () => undefined,
    })
    .configureHelp({ showGlobalOptions: true })
    .helpCommand('help [command]', 'show how a command is used');
  addGlobalOptions(program);
  const run = makeRunner(surroundings, outcome);
  const named = namedCommands(args);
  // While the command is loaded, the thread starts that will turn the password into a key.
  if (openers.has(args.find((arg) => named.includes(arg)))) {
    const { prepareScrypt } = await import('../engine/scrypt-thread.ts');
    prepareScrypt();
  }
  const loaders = Object.entries(commands)
    .filter(([name]) => named.length === 0 || named.includes(name))
    .map(([, load]) => load());
  for (const add of await Promise.all(loaders)) add(program, run);
  return program;
}
