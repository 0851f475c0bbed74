/** `sealift version`: what runs here. */

import type { Command } from 'commander';
import packageJson from '../../../package.json' with { type: 'json' };
import type { Context } from '../context.ts';
import type { Runner } from '../runner.ts';

export const programVersion = packageJson.version;

export function addVersion(program: Command, run: Runner): void {
  program.command('version').description('print the version').action(run(printVersion));
}

async function printVersion({ out }: Context): Promise<undefined> {
  const { platform, arch, versions } = process;
  if (out.modes.json) {
    out.json({
      message_type: 'version',
      version: programVersion,
      node_version: versions.node,
      openssl_version: versions.openssl,
      os: platform,
      arch,
    });
    return;
  }
  out.result(
    `sealift ${programVersion} with Node ${versions.node}, OpenSSL ${versions.openssl} on ${platform}/${arch}`,
  );
}
