/** restic and other Go programs of a backup, by the build information inside them. */

import { isAbsolute } from 'node:path/posix';
import type { AgentFact, StackFact } from '../facts.ts';
import { type GoBuildInfo, goBuildInfoMagic, parseGoBuildInfo } from './go-build-info.ts';
import type { MachineFiles } from './machine-files.ts';

const programs = ['restic', 'rclone', 'kopia', 'velero'];
/** Besides those that the environment names. */
const folders = ['/usr/bin', '/usr/local/bin', '/opt/bin'];
const maxInfoSize = 512 * 1024;

export interface FoundGo {
  readonly stacks: readonly StackFact[];
  readonly agents: readonly AgentFact[];
}

export function findGo(
  files: MachineFiles,
  environment: Readonly<Record<string, string | undefined>> = {},
): FoundGo {
  const stacks: StackFact[] = [];
  const agents: AgentFact[] = [];
  const { PATH = '', HOME } = environment;
  // Below the home is where `go install` puts programs.
  const named = [...PATH.split(':'), ...(HOME === undefined ? [] : [`${HOME}/go/bin`])];
  const paths = [...folders, ...named.filter(isAbsolute)].flatMap((folder) =>
    programs.flatMap((name) => files.resolve(`${folder}/${name}`) ?? []),
  );
  for (const path of new Set(paths)) {
    const info = readGoBuildInfo(files, path);
    if (info === undefined) continue;
    const { go, module, debug } = info;
    const source = { file: path };
    stacks.push({
      ...{ kind: 'go', version: go.replace(/^go/, ''), path, source },
      settings: {
        ...(module === undefined ? {} : { module }),
        ...(debug === undefined ? {} : { GODEBUG: debug }),
      },
    });
    if (module?.startsWith('github.com/restic/restic') !== true) continue;
    const version = /^v(\d.*)/.exec(info.version ?? '')?.[1];
    const known = version === undefined ? {} : { version };
    agents.push({ ...{ kind: 'restic', name: 'restic', path, source }, ...known });
  }
  return { stacks, agents };
}

export function readGoBuildInfo(files: MachineFiles, path: string): GoBuildInfo | undefined {
  let info: GoBuildInfo | undefined;
  files.scan(path, (piece, offset) => {
    const buffer = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    // The linker puts the header at a multiple of 16; elsewhere it is a text in the program.
    for (let at = find(buffer, 0); at >= 0; at = find(buffer, at + 1)) {
      info = parseGoBuildInfo(files.bytes(path, offset + at, maxInfoSize));
      if (info !== undefined) return true;
    }
    return false;
  });
  return info;
}

function find(buffer: Buffer, from: number): number {
  return buffer.indexOf(goBuildInfoMagic, from, 'latin1');
}
