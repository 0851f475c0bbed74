/**
 * The updates that TLS 1.2 depends on, by system. An update is proven by a file's version, by its
 * package, or by a later cumulative rollup; a list of hotfixes that lacks it proves nothing, since it
 * leaves out what was superseded.
 */

import type { Facts, Origin } from '../facts/facts.ts';
import { packagesKey } from '../facts/registry-facts.ts';
import { viewOf } from '../facts/registry-view.ts';
import type { SourceId } from './sources.ts';

export type UpdatePurpose =
  | 'schannel-tls12'
  | 'winhttp-tls12'
  | 'gcm-suites'
  | 'sha512'
  | 'dh-size'
  | 'dotnet35-tls12'
  | 'sha2-signing';

export interface UpdateRow {
  readonly kb: string;
  readonly purpose: UpdatePurpose;
  readonly from: number;
  readonly to: number;
  /** The service pack that the package refuses to install without. */
  readonly servicePack?: number;
  /**
   * File versions that prove it: one for each build, since a version is compared only within the same
   * first three numbers.
   */
  readonly files?: Readonly<Record<string, readonly string[]>>;
  /** The first revision of a cumulative rollup of this build that carries it. */
  readonly rollup?: RollupBoundary;
  /** Updates that must be there first. */
  readonly prerequisites?: readonly string[];
  /** Builds that only exist with later rollups: likely, never proven. */
  readonly likelyFrom?: number;
  readonly sources: readonly SourceId[];
}

export interface RollupBoundary {
  readonly build: number;
  readonly revision: number;
  /**
   * `stated`: Microsoft says that such rollups carry or need it. `inferred`: rollups are cumulative from
   * this one on and are younger than the update, but no text says that this one carries the fix, and
   * Microsoft added older fixes to the rollups step by step. An inferred boundary proves nothing.
   */
  readonly basis: 'stated' | 'inferred';
}

/**
 * The rollups of October 2016, KB3185330 and KB3185332. The revisions are those of files that public
 * detection scripts look for (ntoskrnl.exe 6.1.7601.23564, gdiplus.dll 6.2.9200.21976).
 */
const firstRollup7 = { build: 7601, revision: 23_564, basis: 'inferred' } as const;
const firstRollup8 = { build: 9200, revision: 21_976, basis: 'inferred' } as const;

export const updateRows: readonly UpdateRow[] = [
  {
    ...{ kb: 'KB4019276', purpose: 'schannel-tls12', from: 6002, to: 6003, servicePack: 2 },
    // 6003 goes on where the numbers of 6002's update branch ended, in the same branch.
    files: { 'schannel.dll': ['6.0.6002.24129', '6.0.6003.20480'] },
    // KB4493471 of April 2019, the first rollup of this build.
    rollup: { build: 6003, revision: 20_489, basis: 'inferred' },
    prerequisites: ['KB4493730'],
    likelyFrom: 6003,
    sources: ['kb4019276', 'azureBackupTls', 'schannelProtocols', 'server2008Build6003'],
  },
  {
    ...{ kb: 'KB3140245', purpose: 'winhttp-tls12', from: 7600, to: 7601, servicePack: 1 },
    files: { 'winhttp.dll': ['6.1.7601.23375'], 'webio.dll': ['6.1.7601.23375'] },
    rollup: firstRollup7,
    prerequisites: ['KB4474419', 'KB4490628'],
    sources: ['kb3140245', 'azureBackupTls', 'winHttpFileVersions'],
  },
  {
    ...{ kb: 'KB3140245', purpose: 'winhttp-tls12', from: 9200, to: 9200 },
    files: { 'winhttp.dll': ['6.2.9200.21797'], 'webio.dll': ['6.2.9200.21797'] },
    rollup: firstRollup8,
    sources: ['kb3140245', 'azureBackupTls', 'winHttpFileVersions'],
  },
  {
    ...{ kb: 'KB3042058', purpose: 'gcm-suites', from: 7600, to: 7601, servicePack: 1 },
    rollup: firstRollup7,
    sources: ['schannelSuites', 'hives'],
  },
  {
    ...{ kb: 'KB3042058', purpose: 'gcm-suites', from: 9200, to: 9200 },
    rollup: firstRollup8,
    sources: ['schannelSuites'],
  },
  {
    ...{ kb: 'KB2919355', purpose: 'gcm-suites', from: 9600, to: 9600 },
    // "All future updates" of this Windows need it first, and rollups came two years later.
    rollup: { build: 9600, revision: 0, basis: 'stated' },
    sources: ['schannelSuites', 'azureDevOpsTls', 'kb2919355Needed'],
  },
  {
    ...{ kb: 'KB2973337', purpose: 'sha512', from: 7600, to: 9600 },
    sources: ['exchangeTls', 'hives'],
  },
  { ...{ kb: 'KB3174644', purpose: 'dh-size', from: 7600, to: 9600 }, sources: ['tlsRegistry'] },
  dotNet35('KB3154517', 6002, 6003),
  dotNet35('KB3154518', 7600, 7601),
  dotNet35('KB3154519', 9200, 9200),
  dotNet35('KB3154520', 9600, 9600),
  dotNet35('KB3156421', 10_586, 10_586),
];

function dotNet35(kb: string, from: number, to: number): UpdateRow {
  return { kb, purpose: 'dotnet35-tls12', from, to, sources: ['dotNetTls'] };
}

export function updateFor(purpose: UpdatePurpose, build: number): UpdateRow | undefined {
  return updateRows.find((row) => row.purpose === purpose && build >= row.from && build <= row.to);
}

export type UpdateEvidence =
  | {
      readonly kind: 'proven';
      readonly by: 'file' | 'package' | 'rollup';
      readonly source?: Origin;
    }
  /** A package that takes effect with the next start. */
  | { readonly kind: 'pending'; readonly source?: Origin }
  /** Every package was read, and neither it nor a later rollup is among them. */
  | { readonly kind: 'missing' }
  /** A rollup that should carry it, or a build that only exists with such rollups. */
  | { readonly kind: 'likely'; readonly source?: Origin }
  | { readonly kind: 'not-proven' };

export function updateEvidence(facts: Facts, row: UpdateRow): UpdateEvidence {
  const byFile = fileEvidence(facts, row);
  if (byFile !== undefined) return byFile;
  const entry = facts.updates.find((update) => update.kb === row.kb);
  if (entry?.state === 'installed' || entry?.state === 'superseded') {
    return { kind: 'proven', by: 'package', ...sourceOf(entry) };
  }
  const rollup = facts.rollups.find(
    ({ build, revision, state }) =>
      (state === 'installed' || state === 'superseded') &&
      build === row.rollup?.build &&
      revision >= row.rollup.revision,
  );
  if (rollup !== undefined && row.rollup?.basis === 'stated') {
    return { kind: 'proven', by: 'rollup', ...sourceOf(rollup) };
  }
  if (entry?.state === 'pending') return { kind: 'pending', ...sourceOf(entry) };
  if (rollup !== undefined) return { kind: 'likely', ...sourceOf(rollup) };
  if (row.likelyFrom !== undefined && (facts.os?.build ?? 0) >= row.likelyFrom) {
    return { kind: 'likely' };
  }
  const isMissing = entry?.state === 'not-installed' || viewOf(facts).wasRead(packagesKey);
  return { kind: isMissing ? 'missing' : 'not-proven' };
}

/** Every file named must be new enough; a file of another build proves nothing. */
function fileEvidence(facts: Facts, { files = {} }: UpdateRow): UpdateEvidence | undefined {
  const comparisons = Object.entries(files).map(([name, least]) => {
    const found = facts.fileVersions[name];
    return found === undefined
      ? undefined
      : least.map((one) => compareRevision(found, one)).find((sign) => sign !== undefined);
  });
  if (comparisons.length === 0 || comparisons.includes(undefined)) return undefined;
  return comparisons.every((result) => result !== undefined && result >= 0)
    ? { kind: 'proven', by: 'file' }
    : { kind: 'missing' };
}

/** The sign of a file version against another of the same build; undefined across builds. */
export function compareRevision(found: string, least: string): number | undefined {
  const a = found.split('.').map(Number);
  const b = least.split('.').map(Number);
  for (let i = 0; i < 3; i += 1) if (a[i] !== b[i]) return undefined;
  return (a[3] ?? 0) - (b[3] ?? 0);
}

function sourceOf({ source }: { readonly source?: Origin | undefined }): { source?: Origin } {
  return source === undefined ? {} : { source };
}
