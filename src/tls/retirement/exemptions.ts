/** Exemptions: whom they mean and what they keep. */

import { capabilityVersion } from './capabilities.ts';
import type { Network } from './networks.ts';
import { inNetwork, parseNetwork } from './networks.ts';
import type { Capability, Exemption, Who } from './plan.ts';

/**
 * The latest end among the exemptions that hold for the client now; undefined when none does. Of several
 * names behind one address, one that is exempt is enough.
 */
export function exemptUntil(
  exemptions: readonly Exemption[],
  { who, nowMs, of }: { readonly who: Who; readonly nowMs: number; readonly of: Capability },
): number | undefined {
  if (exemptions.length === 0) return undefined;
  const { byText, networks } = indexOf(exemptions);
  const named = [...who.clients, who.fingerprint, who.address].flatMap(
    (text) => byText.get(text) ?? [],
  );
  const nearby = networks
    .filter(({ network }) => inNetwork(who.address, network))
    .map(({ exemption }) => exemption);
  const ends = [...named, ...nearby]
    .filter(({ capability, untilMs }) => nowMs < untilMs && covers(capability, of))
    .map(({ untilMs }) => untilMs);
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/**
 * True if an exemption from `exempt` is one from `retired` too: one from a version carries the newer ones
 * with it, since whoever may speak TLS 1.0 is not kept out by the end of TLS 1.1.
 */
export function covers(exempt: Capability, retired: Capability): boolean {
  const [older, newer] = [capabilityVersion(exempt), capabilityVersion(retired)];
  return exempt === retired || (older !== undefined && newer !== undefined && older <= newer);
}

/** The list as it is asked: every hello asks, and it may be long. */
interface Index {
  /** By client's name, fingerprint or address as it is written. */
  readonly byText: ReadonlyMap<string, readonly Exemption[]>;
  readonly networks: readonly { readonly network: Network; readonly exemption: Exemption }[];
}

const indexes = new WeakMap<readonly Exemption[], Index>();

function indexOf(exemptions: readonly Exemption[]): Index {
  const known = indexes.get(exemptions);
  if (known !== undefined) return known;
  const networks = exemptions.flatMap((exemption) => {
    const network = parseNetwork(exemption.client);
    return network === undefined ? [] : [{ network, exemption }];
  });
  const index = { byText: Map.groupBy(exemptions, ({ client }) => client), networks };
  indexes.set(exemptions, index);
  return index;
}
