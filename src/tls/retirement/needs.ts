/** What a refused client would need, from the reason of the refusal; and who it probably is. */

import { fallbackScsv, findCipherSuite, renegotiationScsv } from '../cipher-suites.ts';
import { findGroup } from '../groups.ts';
import { knownClients } from '../known-clients.ts';
import type { Negotiation } from '../negotiate.ts';
import type { Offer } from '../offer.ts';
import { offeredVersions } from '../offer.ts';
import type { Policy } from '../policy.ts';
import { policySuites } from '../policy.ts';
import type { TlsVersion } from '../versions.ts';
import { tls10, tls12, tls13 } from '../versions.ts';

/** Codes are those of the registries. */
export type Need =
  | { readonly kind: 'version'; readonly version: TlsVersion }
  | { readonly kind: 'suites'; readonly version: TlsVersion; readonly suites: readonly number[] }
  | { readonly kind: 'groups'; readonly groups: readonly number[]; readonly postQuantum: boolean }
  | { readonly kind: 'signatures'; readonly schemes: readonly number[] }
  | { readonly kind: 'extension'; readonly extension: string }
  /** Something on the way, or the client itself, lowers the version. */
  | { readonly kind: 'no-fallback' }
  /** The hello breaks the rules of the protocol: a fault of the program. */
  | { readonly kind: 'repair' };

/**
 * @param policy the one that refused
 */
export function needOf(
  { why }: Extract<Negotiation, { kind: 'refused' }>,
  offer: Offer,
  policy: Policy,
): Need {
  const reason = why.at(-1);
  switch (reason?.rule) {
    case 'suite/none-in-common': {
      const version = offeredVersions(offer).findLast((code) => policy.versions.includes(code));
      return version === undefined ? versionNeed(policy) : suitesNeed(policy, version);
    }
    case 'group/none-in-common': {
      const groups = policy.groups.flat();
      const postQuantum = groups.every((code) => findGroup(code)?.postQuantum === true);
      return { kind: 'groups', groups, postQuantum };
    }
    case 'signature/none-in-common':
      return { kind: 'signatures', schemes: policy.signatureSchemes };
    case 'extension/missing':
      return { kind: 'extension', extension: reason.extension };
    case 'version/fallback-signal':
      return { kind: 'no-fallback' };
    case 'group/share-not-offered':
      return { kind: 'repair' };
    default:
      return versionNeed(policy);
  }
}

/** The lowest that is accepted, but nobody is sent to TLS 1.1, which ends next. */
function versionNeed({ versions }: Policy): Need {
  const lasting = versions.find((version) => version >= tls12);
  return { kind: 'version', version: lasting ?? versions[0] ?? tls13 };
}

function suitesNeed(policy: Policy, version: TlsVersion): Need {
  const suites = policySuites(policy)
    .filter((suite) => suite.inNode)
    .filter((suite) => (suite.min ?? tls13) <= version && (suite.max ?? tls10) >= version)
    .map((suite) => suite.code);
  return { kind: 'suites', version, suites };
}

/** Programs that carry a TLS library of their own kind; the remedy differs between them. */
export type StackFamily = 'windows' | 'dotnet' | 'java' | 'openssl' | 'gnutls' | 'go' | 'node';

/** A known client that offers the same cipher suites in the same order: a guess, never an identity. */
export interface LikelyStack {
  readonly id: string;
  readonly name: string;
  readonly family: StackFamily | undefined;
}

/** Whom an offer looks like, best guess first; several Windows editions share one list. */
export function likelyStacks(offer: Offer): LikelyStack[] {
  const wanted = suitesText(offer);
  if (wanted === '') return [];
  return knownClients
    .filter((client) => suitesText(client.offer) === wanted)
    .map(({ id, name }) => ({ id, name, family: familyOf(id) }));
}

function suitesText({ cipherSuites }: Offer): string {
  return cipherSuites
    .filter((code) => code !== renegotiationScsv && code !== fallbackScsv)
    .filter((code) => findCipherSuite(code) !== undefined)
    .join(',');
}

const families: readonly (readonly [RegExp, StackFamily])[] = [
  [/^windows/, 'windows'],
  [/^(?:dotnet|net)-/, 'dotnet'],
  [/^java/, 'java'],
  [/^(?:openssl|curl|python)/, 'openssl'],
  [/^gnutls/, 'gnutls'],
  [/^(?:go|restic|rclone)-/, 'go'],
  [/^node/, 'node'],
];

function familyOf(id: string): StackFamily | undefined {
  return families.find(([pattern]) => pattern.test(id))?.[1];
}
