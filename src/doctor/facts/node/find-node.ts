/** The Node programs of a machine, by the marks inside them. */

import type { StackFact } from '../facts.ts';
import type { MachineFiles } from '../linux/machine-files.ts';
import { findMarks } from '../linux/marks.ts';
import { brewOpenssl } from '../macos/find-python.ts';
import { configSettings, readConfig } from '../openssl/find-openssl.ts';
import { parseNodeOptions, splitNodeOptions } from './node-options.ts';

const programs = [
  ...['/usr/bin/node', '/usr/local/bin/node', '/usr/bin/nodejs', '/opt/node/bin/node'],
  ...['/opt/homebrew/bin/node', '/opt/local/bin/node'],
];
const brewPrefixes = ['/opt/homebrew', '/usr/local'];

const marks = {
  version: {
    begin: 'https://nodejs.org/download/',
    pattern: /\/node-v(\d+\.\d+\.\d+)[^/]*\.tar\.gz/,
  },
  // A Node that is built with the system's OpenSSL has no such mark.
  openssl: {
    begin: 'OpenSSL ',
    pattern: /^OpenSSL (\d+\.\d+\.\d+[a-z]*\S*) +\d{1,2} [A-Z][a-z]{2} \d{4}/,
  },
} as const;

/**
 * @param environment of the machine itself; NODE_OPTIONS, OPENSSL_CONF and NODE_EXTRA_CA_CERTS count
 * @param libraries the OpenSSLs of the machine; Homebrew builds its Node with its own
 */
export function findNode(
  files: MachineFiles,
  environment: Readonly<Record<string, string | undefined>> = {},
  libraries: readonly StackFact[] = [],
): StackFact[] {
  const paths = new Set(programs.flatMap((path) => files.resolve(path) ?? []));
  return [...paths].flatMap((path) => {
    const found = findMarks(files, path, marks);
    const version = found.version?.[1];
    if (version === undefined) return [];
    const prefix = brewPrefixes.find((one) => path.startsWith(`${one}/Cellar/`));
    const shared = prefix === undefined ? undefined : brewOpenssl(libraries, prefix);
    const openssl = found.openssl?.[1] ?? shared?.version;
    const text = environment['NODE_OPTIONS'];
    const options = parseNodeOptions(splitNodeOptions(text ?? ''));
    const file = options.opensslConfig ?? environment['OPENSSL_CONF'];
    const config = file === undefined ? undefined : readConfig(files, file, environment);
    const section = options.sharedConfig ? 'openssl_conf' : 'nodejs_conf';
    const { settings, origins } = configSettings(config, section);
    const extraCa = environment['NODE_EXTRA_CA_CERTS'];
    const fact: StackFact = {
      ...{ kind: 'node', version, path },
      settings: {
        ...(openssl === undefined ? {} : { openssl }),
        ...(text === undefined ? {} : { NODE_OPTIONS: text }),
        ...(extraCa === undefined ? {} : { NODE_EXTRA_CA_CERTS: extraCa }),
        ...settings,
      },
      ...{ origins, source: { file: path } },
    };
    return [fact];
  });
}
