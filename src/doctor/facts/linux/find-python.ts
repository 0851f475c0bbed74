/** The system's Pythons, which use the system's OpenSSL. */

import type { StackFact } from '../facts.ts';
import type { MachineFiles } from './machine-files.ts';

const folder = '/usr/bin';
const programName = /^python(\d+\.\d+)$/;

/** @param openssl the libraries of the machine; a Python's is named where there is only one */
export function findPython(files: MachineFiles, openssl: readonly StackFact[]): StackFact[] {
  const [library] = openssl.length === 1 ? openssl : [];
  return files.list(folder).flatMap((name) => {
    const version = programName.exec(name)?.[1];
    return version === undefined
      ? []
      : [pythonFact({ version, path: `${folder}/${name}` }, library)];
  });
}

/** @param library the OpenSSL that it is built with, where that is known */
export function pythonFact(
  { version, path }: { readonly version: string; readonly path: string },
  library: StackFact | undefined,
): StackFact {
  return {
    ...{ kind: 'python', version, path, source: { file: path } },
    settings: {
      ...library?.settings,
      ...(library?.version === undefined ? {} : { openssl: library.version }),
    },
    origins: { ...library?.origins },
  };
}
