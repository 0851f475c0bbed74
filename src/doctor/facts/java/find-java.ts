/** The Java homes of a machine with their security properties. */

import type { StackFact } from '../facts.ts';
import type { MachineFiles } from '../linux/machine-files.ts';
import { parseJavaVersion, readReleaseFile } from './java-version.ts';
import type { PropertiesFile } from './security-properties.ts';
import { readSecurityProperties, readSystemProperties } from './security-properties.ts';

const homeFolders = [
  '/usr/lib/jvm',
  '/usr/java',
  '/opt',
  '/opt/java',
  '/usr/local',
  '/Library/Java/JavaVirtualMachines',
];
/** Homebrew keeps each of its Javas in a bundle inside the formula's folder. */
const brewFolders = ['/opt/homebrew/opt', '/usr/local/opt'];
const systemProperties = '/etc/crypto-policies/back-ends/java.config';

/** @param environment of the machine itself; JAVA_HOME and JAVA_TOOL_OPTIONS count */
export function findJava(
  files: MachineFiles,
  environment: Readonly<Record<string, string | undefined>> = {},
): StackFact[] {
  const candidates = [
    ...(environment['JAVA_HOME'] === undefined ? [] : [environment['JAVA_HOME']]),
    ...homeFolders.flatMap((folder) => files.list(folder).map((name) => `${folder}/${name}`)),
    ...brewFolders.flatMap((folder) =>
      files
        .list(folder)
        .flatMap((name) =>
          /^openjdk(?:@|$)/.test(name) ? `${folder}/${name}/libexec/openjdk.jdk` : [],
        ),
    ),
  ];
  const homes = new Set(
    candidates.flatMap((path) => {
      const home = files.resolve(path);
      const bundle = files.resolve(`${path}/Contents/Home`);
      return [home, bundle].filter((one) => one !== undefined);
    }),
  );
  const options = (environment['JAVA_TOOL_OPTIONS'] ?? '').split(/\s+/);
  return [...homes].flatMap((home) => readHome(files, home, options) ?? []);
}

function readHome(
  files: MachineFiles,
  home: string,
  options: readonly string[],
): StackFact | undefined {
  const base = ['conf/security', 'jre/lib/security', 'lib/security']
    .map((folder) => readFile(files, `${home}/${folder}/java.security`))
    .find((file) => file !== undefined);
  if (base === undefined) return undefined;
  const release = readReleaseFile(files.text(`${home}/release`) ?? '');
  // Debian's and Red Hat's folders carry the version in their names.
  const version = release.version ?? versionFromPath(home);
  const system = readFile(files, systemProperties);
  const properties = readSystemProperties(options);
  const named = properties.get('java.security.properties');
  const override = named === undefined ? undefined : readFile(files, named.replace(/^=/, ''));
  const found = readSecurityProperties({
    base,
    ...(system === undefined ? {} : { system }),
    ...(override === undefined
      ? {}
      : { override: { ...override, replaces: named?.startsWith('=') === true } }),
    include: (path) => readFile(files, path),
  });
  const own = readSecurityProperties({ base }).get('jdk.tls.disabledAlgorithms')?.value;
  return {
    kind: 'java',
    ...(version === undefined ? {} : { version }),
    path: home,
    settings: {
      ...(release.vendor === undefined ? {} : { vendor: release.vendor }),
      ...(own?.includes('_*') === true ? { wideConstraints: 'yes' } : {}),
      ...Object.fromEntries([...found].map(([name, { value }]) => [name, value.slice(0, 4096)])),
      ...Object.fromEntries(properties),
    },
    origins: Object.fromEntries([...found].map(([name, { file, line }]) => [name, { file, line }])),
    source: { file: base.file },
  };
}

function readFile(files: MachineFiles, file: string): PropertiesFile | undefined {
  const text = files.text(file);
  return text === undefined ? undefined : { file, text };
}

function versionFromPath(home: string): string | undefined {
  const name = home.split('/').at(-1) ?? '';
  return parseJavaVersion(name.replace(/^\D+/, '')) === undefined
    ? undefined
    : name.replace(/^\D+/, '');
}
