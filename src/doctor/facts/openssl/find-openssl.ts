/** The OpenSSL libraries of a machine with their configuration. */

import type { StackFact } from '../facts.ts';
import type { MachineFiles } from '../linux/machine-files.ts';
import { findMarks } from '../linux/marks.ts';
import type { ConfigFile, OpensslConfig } from './config-file.ts';
import { parseOpensslConfig } from './config-file.ts';
import { findTlsSettings } from './tls-settings.ts';

export interface FoundStacks {
  readonly stacks: readonly StackFact[];
  readonly problems: readonly {
    readonly detail: string;
    readonly file: string;
    readonly line?: number;
  }[];
}

const libraryFolders = [
  ...['/usr/lib64', '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu'],
  ...['/usr/lib/i386-linux-gnu', '/usr/lib/arm-linux-gnueabihf', '/usr/lib', '/lib64', '/lib'],
  ...['/lib/x86_64-linux-gnu', '/lib/aarch64-linux-gnu', '/usr/local/lib', '/usr/local/lib64'],
  ...['/usr/local/ssl/lib', '/usr/local/ssl/lib64', '/opt/openssl/lib', '/opt/openssl/lib64'],
];
const libraryName = /^libcrypto(?:\.so\.[\d.]+|\.[\d.]+\.dylib)$/;
/** Of Homebrew each formula has a folder of its own, of python.org each version. */
const macosParents = [
  { folder: '/opt/homebrew/opt', name: /^openssl(?:@|$)/ },
  { folder: '/usr/local/opt', name: /^openssl(?:@|$)/ },
  { folder: '/Library/Frameworks/Python.framework/Versions', name: /^\d+\.\d+$/ },
];

const marks = {
  version: {
    begin: 'OpenSSL ',
    pattern: /^OpenSSL (\d+\.\d+\.\d+[a-z]*\S*) +\d{1,2} [A-Z][a-z]{2} \d{4}/,
  },
  folder: { begin: 'OPENSSLDIR: "', pattern: /^OPENSSLDIR: "([^"]*)"/ },
  compiler: { begin: 'compiler: ', pattern: /^compiler: (.*)/ },
} as const;

export function findOpenssl(
  files: MachineFiles,
  environment: Readonly<Record<string, string | undefined>> = {},
): FoundStacks {
  const stacks: StackFact[] = [];
  const problems: FoundStacks['problems'][number][] = [];
  for (const path of libraries(files)) {
    const found = findMarks(files, path, marks);
    const version = found.version?.[1];
    if (version === undefined) continue;
    const folder = found.folder?.[1] ?? '/etc/ssl';
    const level = /-DOPENSSL_TLS_SECURITY_LEVEL=(\d)/.exec(found.compiler?.[1] ?? '')?.[1];
    const file = environment['OPENSSL_CONF'] ?? `${folder}/openssl.cnf`;
    const config = readConfig(files, file, environment);
    problems.push(...(config?.problems ?? []));
    const { settings, origins } = configSettings(config);
    stacks.push({
      ...{ kind: 'openssl', version, path },
      settings: {
        ...{ configuration: file },
        ...(level === undefined ? {} : { securityLevel: level }),
        ...settings,
      },
      ...{ origins, source: { file: path } },
    });
  }
  return { stacks, problems };
}

function libraries(files: MachineFiles): string[] {
  const ofMacos = macosParents.flatMap(({ folder, name }) =>
    files.list(folder).flatMap((one) => (name.test(one) ? `${folder}/${one}/lib` : [])),
  );
  const paths = [...libraryFolders, ...ofMacos, '/opt/local/lib'].flatMap((folder) =>
    files.list(folder).flatMap((name) => (libraryName.test(name) ? `${folder}/${name}` : [])),
  );
  return [...new Set(paths.flatMap((path) => files.resolve(path) ?? []))];
}

/** The configuration with what it includes; undefined when there is none. */
export function readConfig(
  files: MachineFiles,
  file: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): OpensslConfig | undefined {
  const text = files.text(file);
  if (text === undefined) return undefined;
  return parseOpensslConfig({ file, text, environment, include: (path) => included(files, path) });
}

function included(files: MachineFiles, path: string): ConfigFile[] {
  const text = files.text(path);
  if (text !== undefined) return [{ file: path, text }];
  return files
    .list(path)
    .filter((name) => /\.(?:cnf|conf)$/.test(name))
    .flatMap((name) => {
      const file = `${path}/${name}`;
      const content = files.text(file);
      return content === undefined ? [] : [{ file, text: content }];
    });
}

/** The TLS commands as settings; a command that stands twice has its values in a list. */
export function configSettings(
  config: OpensslConfig | undefined,
  application: 'openssl_conf' | 'nodejs_conf' = 'openssl_conf',
): Required<Pick<StackFact, 'settings' | 'origins'>> {
  const values = new Map<string, string[]>();
  const origins: NonNullable<StackFact['origins']> = {};
  if (config === undefined) return { settings: {}, origins };
  for (const { command, value, entry } of findTlsSettings(config, application)) {
    values.set(command, [...(values.get(command) ?? []), value]);
    origins[command] = { file: entry.file, line: entry.line };
  }
  const settings = Object.fromEntries(
    [...values].map(([name, list]) => [name, list.length === 1 ? (list[0] ?? '') : list]),
  );
  return { settings, origins };
}
