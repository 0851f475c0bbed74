/** The tree of commands, each from its own file. */

import { Command } from 'commander';
import { addAgent } from './commands/agent.ts';
import { addBackup } from './commands/backup.ts';
import { addCat } from './commands/cat.ts';
import { addCheck } from './commands/check.ts';
import { addClients } from './commands/clients.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDoor } from './commands/door.ts';
import { addEnroll } from './commands/enroll.ts';
import { addExplain } from './commands/explain.ts';
import { addFix } from './commands/fix.ts';
import { addInit } from './commands/init.ts';
import { addKey } from './commands/key.ts';
import { addList } from './commands/list.ts';
import { addLs } from './commands/ls.ts';
import { addNegotiate } from './commands/negotiate.ts';
import { addPolicy } from './commands/policy.ts';
import { addReport } from './commands/report.ts';
import { addRestore } from './commands/restore.ts';
import { addSnapshots } from './commands/snapshots.ts';
import { addUnlock } from './commands/unlock.ts';
import { addUp } from './commands/up.ts';
import { addVault } from './commands/vault.ts';
import { addVersion } from './commands/version.ts';
import type { Surroundings } from './context.ts';
import { addGlobalOptions } from './global-options.ts';
import { makeRunner, type Outcome } from './runner.ts';

/** @param outcome receives the exit code of the command that runs */
export function buildProgram(surroundings: Surroundings, outcome: Outcome): Command {
  const program = new Command('sealift');
  program
    .description('Backups whose data never travels over weak TLS, compatible with restic.')
    .addHelpText('before', 'Try it:  sealift up --demo\n')
    // Failures are rendered by main.ts, in the user's language, so commander itself stays silent.
    .exitOverride()
    .configureOutput({
      writeOut: (text) => surroundings.stdout.write(text),
      writeErr: () => undefined,
    })
    .configureHelp({ showGlobalOptions: true })
    .helpCommand('help [command]', 'show how a command is used');
  addGlobalOptions(program);
  const run = makeRunner(surroundings, outcome);
  addUp(program, run);
  addInit(program, run);
  addBackup(program, run);
  addRestore(program, run);
  addSnapshots(program, run);
  addLs(program, run);
  addCat(program, run);
  addList(program, run);
  addCheck(program, run);
  addKey(program, run);
  addUnlock(program, run);
  addVault(program, run);
  addEnroll(program, run);
  addAgent(program, run);
  addDoor(program, run);
  addClients(program, run);
  addReport(program, run);
  addDoctor(program, run);
  addFix(program, run);
  addExplain(program, run);
  addNegotiate(program, run);
  addPolicy(program, run);
  addVersion(program, run);
  return program;
}
