/** A facts document from outside: checked for its schema, its version and against itself. */

import { SealiftError } from '../../base/errors.ts';
import { type Facts, factsSchema, factsVersion } from './facts.ts';
import { foldName } from './registry/registry-value.ts';
import { currentVersionKey, productOptionsKey } from './registry-facts.ts';
import { viewOf } from './registry-view.ts';

/**
 * @param file for messages
 * @throws SealiftError `facts/invalid`, `facts/newer`, `facts/contradictory`
 */
export function parseFacts(json: string, file: string): Facts {
  let value: unknown;
  try {
    value = JSON.parse(json.replace(/^\ufeff/, ''));
  } catch (cause) {
    throw invalid(file, '', 'is not JSON', cause);
  }
  const header = headerOf(value);
  if (header?.schema !== 'sealift-facts') {
    throw invalid(file, 'schema', 'must be "sealift-facts"');
  }
  if (typeof header.version === 'number' && header.version > factsVersion) {
    throw new SealiftError(
      'facts/newer',
      `${file} has facts of version ${header.version}; this Sealift reads up to ${factsVersion}`,
      {
        fields: { file, found: header.version, supported: factsVersion },
        hint: 'Update Sealift here, or collect the facts again with this version.',
      },
    );
  }
  const parsed = factsSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(file, issue?.path.join('.') ?? '', issue?.message ?? 'is wrong');
  }
  const contradiction = findContradiction(parsed.data);
  if (contradiction !== undefined) throw contradictory(file, contradiction);
  return parsed.data;
}

/**
 * For facts of several files, which may be of two machines. What one damaged file says of itself is no
 * reason to refuse the rest.
 * @throws SealiftError `facts/contradictory`
 */
export function mustBeOneMachine(facts: Facts, files: readonly string[]): void {
  const contradiction = contradictoryViews(facts) ?? contradictoryRoles(facts);
  if (contradiction !== undefined) throw contradictory(files.join(', '), contradiction);
}

function contradictory(file: string, detail: string): SealiftError {
  return new SealiftError('facts/contradictory', `${file}: ${detail}`, {
    fields: { file, detail },
    hint: 'Collect the facts of this machine again; two machines may have been mixed.',
  });
}

function headerOf(value: unknown): { schema: unknown; version: unknown } | undefined {
  if (typeof value !== 'object' || value === null || !('schema' in value)) return undefined;
  return { schema: value.schema, version: 'version' in value ? value.version : undefined };
}

function invalid(file: string, field: string, detail: string, cause?: unknown): SealiftError {
  return new SealiftError('facts/invalid', `${file}: ${field === '' ? '' : `${field} `}${detail}`, {
    fields: { file, detail, ...(field === '' ? {} : { field }) },
    cause,
    hint: 'Collect the facts again; the schema is docs/schemas/facts.schema.json.',
  });
}

/** What cannot both be true of one machine, as a sentence; undefined when nothing is wrong. */
export function findContradiction(facts: Facts): string | undefined {
  return (
    contradictoryValues(facts) ??
    contradictoryUpdates(facts) ??
    contradictoryVersion(facts) ??
    contradictoryViews(facts) ??
    contradictoryRoles(facts)
  );
}

function contradictoryValues({ registry }: Facts): string | undefined {
  const seen = new Map<string, string>();
  for (const { path, name, type, data } of registry) {
    const id = foldName(`${path}\n${name}`);
    const content = `${type} ${JSON.stringify(data)}`;
    const before = seen.get(id);
    if (before !== undefined && before !== content) {
      return `${path} has "${name}" as ${before} and as ${content}`;
    }
    seen.set(id, content);
  }
  return undefined;
}

function contradictoryUpdates({ updates }: Facts): string | undefined {
  const states = new Map<string, string>();
  for (const { kb, state } of updates) {
    const before = states.get(kb);
    const both = [before, state];
    if (both.includes('installed') && both.includes('not-installed')) {
      return `${kb} is said to be installed and not to be`;
    }
    states.set(kb, state);
  }
  return undefined;
}

/** Builds by the first version number that carries them. */
const buildsOfVersions: readonly {
  readonly version: string;
  readonly from: number;
  readonly to: number;
}[] = [
  { version: '5.1', from: 2600, to: 2600 },
  { version: '5.2', from: 3790, to: 3790 },
  { version: '6.0', from: 6000, to: 6003 },
  { version: '6.1', from: 7600, to: 7601 },
  { version: '6.2', from: 9200, to: 9200 },
  // The registry's CurrentVersion stays at 6.3 on everything newer.
  { version: '6.3', from: 9600, to: Number.MAX_SAFE_INTEGER },
  { version: '10.0', from: 10_240, to: Number.MAX_SAFE_INTEGER },
];

function contradictoryVersion({ os }: Facts): string | undefined {
  if (os?.family !== 'windows' || os.build === undefined || os.version === undefined) {
    return undefined;
  }
  const { build, version } = os;
  const row = buildsOfVersions.find((entry) => entry.version === version);
  if (row === undefined || (build >= row.from && build <= row.to)) return undefined;
  return `Windows ${version} has no build ${build}`;
}

function contradictoryViews({ os, registry }: Facts): string | undefined {
  if (os?.architecture !== 'x86') return undefined;
  const stray = registry.find(({ path }) => /\\WOW6432Node(?:\\|$)/i.test(path));
  return stray && `a 32-bit Windows has no ${stray.path}`;
}

/** Not the other way round: a Windows 10 for many sessions is a client whose SYSTEM says server. */
function contradictoryRoles(facts: Facts): string | undefined {
  const view = viewOf(facts);
  const type = view.find(productOptionsKey, 'ProductType')?.data;
  const installation = view.find(currentVersionKey, 'InstallationType')?.data;
  if (type !== 'WinNT' || typeof installation !== 'string') return undefined;
  return /Server/i.test(installation)
    ? `SYSTEM is of a client (ProductType ${type}), SOFTWARE of a server (InstallationType ${installation})`
    : undefined;
}
