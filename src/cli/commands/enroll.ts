/** `sealift enroll`: makes this machine a client of a vault, with a certificate of its own. */

import type { Command } from 'commander';
import { Secret } from '../../base/secret.ts';
import { formatTime, nsPerMs } from '../../base/time.ts';
import { configFolder } from '../config-folder.ts';
import type { Context } from '../context.ts';
import type { Runner } from '../runner.ts';

interface EnrollFlags {
  readonly token: string;
  readonly name?: string;
}

export function addEnroll(program: Command, run: Runner): void {
  program
    .command('enroll')
    .description('make this machine a client of a vault, by an invitation')
    .argument('[url]', 'address of the vault, unless the invitation has it')
    .requiredOption('--token <token>', 'the invitation, from sealift vault invite')
    .option('--name <name>', 'name of the vault on this machine, for sealift:NAME')
    .action(run(enroll));
}

async function enroll(
  { out, say, env }: Context,
  flags: EnrollFlags,
  [url]: readonly string[],
): Promise<undefined> {
  const { enrol } = await import('../../agent/enrol.ts');
  const { readCertificate } = await import('../../vault/certificates/authority.ts');
  const enrolment = await enrol({
    token: new Secret(flags.token),
    configDir: configFolder(env),
    ...(url === undefined ? {} : { url }),
    ...(flags.name === undefined ? {} : { name: flags.name }),
  });
  const { notAfterMs } = readCertificate(enrolment.certificate);
  const until = formatTime(BigInt(Math.trunc(notAfterMs)) * nsPerMs);
  const repository = `sealift:${enrolment.name}`;
  if (out.modes.json) {
    out.json({
      message_type: 'enrolled',
      name: enrolment.clientName,
      url: enrolment.url,
      repository,
      not_after: until,
    });
    return;
  }
  out.info(say('enroll.done', { name: enrolment.clientName, url: enrolment.url, until }));
  out.info(say('enroll.next', { vault: enrolment.name }));
}
