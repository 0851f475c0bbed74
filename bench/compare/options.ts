/** The options of the comparison. */

import { parseArgs } from 'node:util';
import { type JobName, jobNames, type SetName, setNames } from './samples.ts';

export interface Options {
  readonly rounds: number;
  readonly scale: number;
  readonly sets: readonly SetName[];
  /** Always with `first`, which the others build on. */
  readonly jobs: readonly JobName[];
  readonly peers: readonly string[];
  readonly https: boolean;
  readonly tree: string;
  /** Where data and repositories go; a temporary folder when undefined. */
  readonly folder: string | undefined;
  readonly keep: boolean;
  readonly profile: boolean;
  /** No round begins after so many minutes. */
  readonly maxMinutes: number;
  readonly output: string;
}

export const usage = `npm run bench -- [options]

Compares Sealift with the backup programs that are installed, and writes a report.

  --rounds N        rounds of each data set (default 3)
  --sets LIST       of ${setNames.join(', ')} (default: all)
  --jobs LIST       of ${jobNames.join(', ')} (default: all)
  --peers LIST      of restic, rustic, borg, kopia, or NAME=KIND:PATH for another version
                    (default: SEALIFT_BENCH_PEERS, else all that are on the PATH)
  --scale X         size of the data sets, such as 0.1 (default 1)
  --no-https        leave out the backups through the vault
  --tree FOLDER     what the data set 'tree' is a copy of (default /usr)
  --folder FOLDER   where data and repositories go (default: a temporary folder)
  --keep            leave the data sets there
  --profile         one more round of Sealift alone, with a profile of its threads
  --max-minutes N   begin no round after so many minutes (default 60)
  --output FILE     the report (default bench/RESULTS.md)
`;

/** @throws Error that says what is wrong */
export function parseOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      rounds: { type: 'string', default: '3' },
      sets: { type: 'string', default: setNames.join(',') },
      jobs: { type: 'string', default: jobNames.join(',') },
      peers: { type: 'string', default: env['SEALIFT_BENCH_PEERS'] || 'restic,rustic,borg,kopia' },
      scale: { type: 'string', default: '1' },
      https: { type: 'boolean', default: true },
      tree: { type: 'string', default: '/usr' },
      folder: { type: 'string' },
      keep: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      'max-minutes': { type: 'string', default: '60' },
      output: { type: 'string', default: 'bench/RESULTS.md' },
    },
  });
  return {
    rounds: numberOf('--rounds', values.rounds, { min: 1, whole: true }),
    scale: numberOf('--scale', values.scale, { min: 0.0001, whole: false }),
    sets: listOf('--sets', values.sets, setNames),
    jobs: [...new Set<JobName>(['first', ...listOf('--jobs', values.jobs, jobNames)])],
    peers: values.peers.split(',').filter((name) => name !== ''),
    https: values.https,
    tree: values.tree,
    folder: values.folder,
    keep: values.keep,
    profile: values.profile,
    maxMinutes: numberOf('--max-minutes', values['max-minutes'], { min: 0, whole: false }),
    output: values.output,
  };
}

function numberOf(
  option: string,
  text: string,
  { min, whole }: { min: number; whole: boolean },
): number {
  const value = Number(text);
  if (text !== '' && value >= min && (!whole || Number.isInteger(value))) return value;
  throw new Error(`${option} takes a ${whole ? 'whole ' : ''}number from ${min}, not '${text}'`);
}

function listOf<T extends string>(option: string, text: string, known: readonly T[]): T[] {
  return text.split(',').map((name) => {
    const found = known.find((one) => one === name);
    if (found === undefined) throw new Error(`${option}: '${name}' is none of ${known.join(', ')}`);
    return found;
  });
}
