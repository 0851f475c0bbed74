/** Where Sealift's threads spend their time: the profiles of V8, summed up by function. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What is read of a `.cpuprofile`. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  /** `function file:line`, or what V8 calls its own parts, such as `(garbage collector)`. */
  readonly where: string;
  readonly ms: number;
}

/**
 * Times in which a thread waits, which say nothing about what its work costs: V8's own names, and our
 * functions that wait for another thread and do little else.
 */
const waiting = new Set(['(idle)', '(root)', 'claimNext', 'enter', 'waitForOthers', 'waitForRoom']);

/** Self times over all threads, most first. */
export function selfTimes(profiles: readonly CpuProfile[]): SelfTime[] {
  const totals = new Map<string, number>();
  for (const { nodes, samples, timeDeltas } of profiles) {
    const working = nodes.filter(({ callFrame }) => !waiting.has(callFrame.functionName));
    const names = new Map(working.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
    samples.forEach((id, at) => {
      const where = names.get(id);
      if (where === undefined) return;
      totals.set(where, (totals.get(where) ?? 0) + (timeDeltas[at] ?? 0) / 1000);
    });
  }
  return [...totals].map(([where, ms]) => ({ where, ms })).toSorted((a, b) => b.ms - a.ms);
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][0]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const file = url.startsWith('file:')
    ? fileURLToPath(url).replace(/^.*\/(?=src\/|node_modules\/)/, '')
    : url;
  return `${name} ${file}:${lineNumber + 1}`;
}

export function readProfiles(folder: string): CpuProfile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}
