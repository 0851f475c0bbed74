/** The words of a diagnosis: statuses, what is missing, findings with their evidence. */

import type { Negotiation } from '../../tls/negotiate.ts';
import type { Offer } from '../../tls/offer.ts';
import type { TlsVersion } from '../../tls/versions.ts';
import type { Facts, Origin, RegistryFact } from '../facts/facts.ts';
import type { SourceId } from '../rules/sources.ts';
import type { FindingId } from '../texts/en.ts';

export type Status = 'ready' | 'not-ready' | 'unknown';

/** What would have to be known for a surer verdict. */
export type MissingFact =
  | { readonly kind: 'os-build' }
  /** A build that no rule knows. */
  | { readonly kind: 'old-build'; readonly build: number }
  | { readonly kind: 'value'; readonly path: string; readonly name: string }
  | { readonly kind: 'key'; readonly path: string }
  | { readonly kind: 'update'; readonly kb: string }
  | { readonly kind: 'dotnet-version' }
  /** Which .NET a program was built for decides its defaults. */
  | { readonly kind: 'program-target' }
  /** Which SDK a program was built with decides whether App Transport Security holds for it. */
  | { readonly kind: 'program-sdk' }
  /** Microsoft's texts disagree about what the value does. */
  | { readonly kind: 'disputed'; readonly path: string; readonly name: string }
  /** Microsoft's texts do not say what this system does by default. */
  | { readonly kind: 'unstated'; readonly what: string }
  | { readonly kind: 'version'; readonly what: string }
  /** A release that is neither measured nor described. */
  | { readonly kind: 'no-rule'; readonly what: string }
  | { readonly kind: 'not-found'; readonly what: string };

export const stackIds = [
  'schannel',
  'winhttp-64',
  'winhttp-32',
  'wininet',
  'dotnet4-64',
  'dotnet4-32',
  'dotnet2-64',
  'dotnet2-32',
] as const;
export type StackId = (typeof stackIds)[number];

export const consumerIds = [
  'azure-backup',
  'dpm',
  'sealift',
  'restic',
  'dotnet',
  'powershell',
  'java',
  'system',
] as const;
export type ConsumerId = (typeof consumerIds)[number];

/** One way that the machine may behave, given what is known; two that agree make a verdict. */
export interface Scenario {
  readonly versions: readonly TlsVersion[];
  readonly offer: Offer;
}

export interface Prediction {
  /** Empty when nothing can be said. */
  readonly scenarios: readonly Scenario[];
  /** What decides between the scenarios. */
  readonly missing: readonly MissingFact[];
  /** What was taken to be at its default since it was not read. */
  readonly assumed: readonly MissingFact[];
}

export interface Outcome {
  readonly scenario: Scenario;
  readonly negotiation: Negotiation;
  /** The server chose a version that the client does not speak. */
  readonly refusedByClient: boolean;
}

export interface StackVerdict {
  readonly stack: string;
  readonly status: Status;
  readonly outcomes: readonly Outcome[];
  readonly missing: readonly MissingFact[];
  readonly assumed: readonly MissingFact[];
}

export interface ConsumerVerdict {
  readonly consumer: ConsumerId;
  /** undefined: the facts do not tell whether it is on the machine. */
  readonly installed: boolean | undefined;
  readonly status: Status;
  readonly policy: string;
  readonly stacks: readonly StackVerdict[];
  readonly missing: readonly MissingFact[];
}

export type Severity = 'error' | 'warning' | 'note';

export interface Evidence {
  /**
   * A value as it was found; one with a name and no `value` is absent. A path alone is a key that is there,
   * a file alone is the place itself.
   */
  readonly path?: string;
  readonly name?: string;
  readonly value?: string;
  readonly file?: string | undefined;
  readonly offset?: number | undefined;
  readonly line?: number | undefined;
}

export interface Finding {
  readonly id: FindingId;
  readonly severity: Severity;
  /** Values of the texts. */
  readonly fields: Readonly<Record<string, string>>;
  readonly stacks: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly sources: readonly SourceId[];
  /** Of remedies/; undefined where nothing can be changed. */
  readonly remedy?: string;
}

export interface Diagnosis {
  readonly facts: Facts;
  readonly system: string | undefined;
  readonly status: Status;
  readonly stacks: readonly StackVerdict[];
  readonly consumers: readonly ConsumerVerdict[];
  readonly findings: readonly Finding[];
}

/** The worst of several; `ready` for none. */
export function worstOf(statuses: readonly Status[]): Status {
  if (statuses.includes('not-ready')) return 'not-ready';
  return statuses.includes('unknown') ? 'unknown' : 'ready';
}

export function evidenceOf({ path, name, type, data, source }: RegistryFact): Evidence {
  return { path, name, value: `${type} ${formatData(data)}`, ...source };
}

export function absent(path: string, name: string): Evidence {
  return { path, name };
}

export function formatData(data: RegistryFact['data']): string {
  if (typeof data === 'number') return data > 9 ? `0x${data.toString(16)}` : String(data);
  if (typeof data === 'string') return JSON.stringify(data);
  if ('hex' in data) return `hex:${data.hex}`;
  return data.join(', ');
}

/** The versions of files that an update is judged by, and the rollup that should carry it. */
export function updateFacts(
  facts: Facts,
  { files = {} }: { readonly files?: Readonly<Record<string, unknown>> },
  source: Origin | undefined,
): Evidence[] {
  const versions = Object.keys(files).flatMap((name): Evidence[] => {
    const value = facts.fileVersions[name];
    return value === undefined ? [] : [{ name, value, file: facts.filePaths[name] }];
  });
  return source === undefined ? versions : [...versions, source];
}

/** Without repetitions, in the order of first appearance. */
export function distinct<T>(entries: readonly T[]): T[] {
  const seen = new Map(entries.map((entry): [string, T] => [JSON.stringify(entry), entry]));
  return [...seen.values()];
}
