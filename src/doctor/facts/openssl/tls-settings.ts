/** What an OpenSSL configuration says about TLS: the commands of its `system_default` section. */

import type { ConfigEntry, OpensslConfig } from './config-file.ts';
import { findConfigEntry } from './config-file.ts';

/** The commands that shape a hello, as SSL_CONF_cmd(3) spells them. */
export const tlsCommands = [
  'MinProtocol',
  'MaxProtocol',
  'Protocol',
  'CipherString',
  'Ciphersuites',
  'Groups',
  'SignatureAlgorithms',
  'ClientSignatureAlgorithms',
  'Options',
] as const;

export type TlsCommand = (typeof tlsCommands)[number];

/** Older spellings of the same commands. */
const synonyms: Readonly<Record<string, TlsCommand>> = { curves: 'Groups' };

const commandsByName: ReadonlyMap<string, TlsCommand> = new Map([
  ...tlsCommands.map((command): [string, TlsCommand] => [command.toLowerCase(), command]),
  ...Object.entries(synonyms),
]);

export interface TlsSetting {
  readonly command: TlsCommand;
  readonly value: string;
  readonly entry: ConfigEntry;
}

/**
 * The TLS commands in the order in which OpenSSL runs them.
 * @param application the section name that the program asks for: `openssl_conf` for most, `nodejs_conf` for Node
 */
export function findTlsSettings(
  config: OpensslConfig,
  application: 'openssl_conf' | 'nodejs_conf' = 'openssl_conf',
): TlsSetting[] {
  // A file that OpenSSL cannot read in full has no effect at all.
  if (config.problems.length > 0) return [];
  const modules = findConfigEntry(config, 'default', application)?.value;
  const names = modules === undefined ? undefined : ownValue(config, modules, 'ssl_conf');
  const section = names === undefined ? undefined : ownValue(config, names, 'system_default');
  const entries = section === undefined ? [] : (config.sections.get(section) ?? []);
  return entries.flatMap((entry) => {
    // "1.Options" and "2.Options" let one command stand twice in a section.
    const name = entry.name.slice(entry.name.indexOf('.') + 1);
    const command = commandsByName.get(name.toLowerCase());
    return command === undefined ? [] : [{ command, value: entry.value, entry }];
  });
}

/** Modules are looked up by going through the section, so that `default` does not stand in. */
function ownValue(config: OpensslConfig, section: string, name: string): string | undefined {
  return config.sections
    .get(section)
    ?.find((entry) => entry.name === name || entry.name.startsWith(`${name}.`))?.value;
}
