/**
 * curl's library with the OpenSSL that it is built with. Debian has one with GnuTLS beside it, for other
 * programs; the command itself uses the one with OpenSSL. macOS' own follows from its release.
 */

import type { StackFact } from '../facts.ts';
import type { MachineFiles } from './machine-files.ts';
import { findMarks } from './marks.ts';

const folders = [
  ...['/usr/lib64', '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib'],
  ...['/usr/local/lib', '/opt/homebrew/opt/curl/lib', '/usr/local/opt/curl/lib'],
];
const libraryName = /^libcurl(?:\.so\.4|\.4\.dylib)$/;
const marks = {
  version: { begin: 'libcurl/', pattern: /^libcurl\/(\d+\.\d+\.\d+)/ },
  openssl: { begin: 'OpenSSL', pattern: /^OpenSSL/ },
} as const;

/** @param openssl the libraries of the machine; curl's is named where there is only one */
export function findCurl(files: MachineFiles, openssl: readonly StackFact[]): StackFact[] {
  const paths = folders.flatMap((folder) =>
    files.list(folder).flatMap((name) => (libraryName.test(name) ? `${folder}/${name}` : [])),
  );
  return [...new Set(paths.flatMap((path) => files.resolve(path) ?? []))].flatMap((path) => {
    const found = findMarks(files, path, marks);
    const version = found.version?.[1];
    if (version === undefined) return [];
    const [library] = found.openssl !== undefined && openssl.length === 1 ? openssl : [];
    const fact: StackFact = {
      ...{ kind: 'curl', version, path, source: { file: path } },
      settings: {
        ...library?.settings,
        ...(library?.version === undefined ? {} : { openssl: library.version }),
      },
      origins: { ...library?.origins },
    };
    return [fact];
  });
}
