/** The GnuTLS library of a machine with the system's configuration of it. */

import type { StackFact } from '../facts.ts';
import { parseGnutlsConfig } from './gnutls-config.ts';
import type { MachineFiles } from './machine-files.ts';
import { findMarks } from './marks.ts';

const libraryFolders = [
  ...['/usr/lib64', '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib'],
  ...['/lib64', '/lib/x86_64-linux-gnu', '/lib/aarch64-linux-gnu', '/usr/local/lib'],
];
const libraryName = /^libgnutls\.so\.\d+$/;
/** Red Hat's policies write the second, to which the first is a link. */
const configFiles = ['/etc/gnutls/config', '/etc/crypto-policies/back-ends/gnutls.config'];

const marks = {
  version: { begin: 'Enabled GnuTLS ', pattern: /^Enabled GnuTLS (\d+\.\d+\.\d+)/ },
} as const;

export function findGnutls(files: MachineFiles): StackFact[] {
  const paths = libraryFolders.flatMap((folder) =>
    files.list(folder).flatMap((name) => (libraryName.test(name) ? `${folder}/${name}` : [])),
  );
  const libraries = new Set(paths.flatMap((path) => files.resolve(path) ?? []));
  return [...libraries].flatMap((path) => {
    const version = findMarks(files, path, marks).version?.[1];
    if (version === undefined) return [];
    return [{ kind: 'gnutls', version, path, ...readSettings(files), source: { file: path } }];
  });
}

function readSettings(files: MachineFiles): Pick<StackFact, 'settings' | 'origins'> {
  const [file] = configFiles.filter((path) => files.text(path) !== undefined);
  const text = file === undefined ? undefined : files.text(file);
  if (file === undefined || text === undefined) return { settings: {}, origins: {} };
  const { mode, overrides, priorities } = parseGnutlsConfig(text);
  const system = priorities.get('SYSTEM');
  return {
    settings: {
      ...{ configuration: file, mode },
      overrides: overrides.map(({ name, value }) => `${name} = ${value}`),
      ...(system === undefined ? {} : { SYSTEM: system }),
    },
    origins: { overrides: { file, line: overrides[0]?.line ?? 1 } },
  };
}
