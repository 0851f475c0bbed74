/** The Pythons of a macOS: of python.org with an OpenSSL of their own, of Homebrew with Homebrew's. */

import type { StackFact } from '../facts.ts';
import { pythonFact } from '../linux/find-python.ts';
import type { MachineFiles } from '../linux/machine-files.ts';

const frameworks = '/Library/Frameworks/Python.framework/Versions';
const brewFolders = ['/opt/homebrew/opt', '/usr/local/opt'];

export function findMacosPython(files: MachineFiles, openssl: readonly StackFact[]): StackFact[] {
  const ownLibrary = (folder: string): StackFact | undefined =>
    openssl.find(({ path }) => path?.startsWith(`${folder}/`) === true);
  const ofPackages = files.list(frameworks).flatMap((version) => {
    const path = files.resolve(`${frameworks}/${version}/bin/python${version}`);
    if (path === undefined) return [];
    const folder = files.resolve(`${frameworks}/${version}`) ?? '';
    return [pythonFact({ version, path }, ownLibrary(folder))];
  });
  const ofBrew = brewFolders.flatMap((folder) =>
    files.list(folder).flatMap((name) => {
      const version = /^python@(\d+\.\d+)$/.exec(name)?.[1];
      const path =
        version === undefined ? undefined : files.resolve(`${folder}/${name}/bin/python${version}`);
      if (version === undefined || path === undefined) return [];
      const prefix = folder.replace(/\/opt$/, '');
      return [pythonFact({ version, path }, brewOpenssl(openssl, prefix))];
    }),
  );
  return [...ofPackages, ...ofBrew];
}

/** The newest OpenSSL of a Homebrew, which its other programs are built with. */
export function brewOpenssl(openssl: readonly StackFact[], prefix: string): StackFact | undefined {
  return openssl
    .filter(({ path }) => path?.startsWith(`${prefix}/Cellar/`) === true)
    .toSorted((a, b) => (a.version ?? '').localeCompare(b.version ?? '', 'en', { numeric: true }))
    .at(-1);
}
