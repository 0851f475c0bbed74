/** `negotiate` with a memory: the same offer and policy, as objects, give the same answer. */

import type { Negotiation, ServerSide } from './negotiate.ts';
import { negotiate } from './negotiate.ts';
import type { Offer } from './offer.ts';
import type { Policy } from './policy.ts';

interface Remembered {
  readonly server: ServerSide;
  readonly negotiation: Negotiation;
}

/** Goes with its offer; those of the door come back as the same objects (hello-memo.ts). */
const remembered = new WeakMap<Offer, WeakMap<Policy, Remembered>>();

/** As {@link negotiate}; lists of the server are compared by identity. */
export function negotiateOnce(offer: Offer, policy: Policy, server: ServerSide): Negotiation {
  const known = remembered.get(offer) ?? new WeakMap<Policy, Remembered>();
  const before = known.get(policy);
  if (before !== undefined && isSame(before.server, server)) return before.negotiation;
  const negotiation = negotiate(offer, policy, server);
  known.set(policy, { server, negotiation });
  remembered.set(offer, known);
  return negotiation;
}

function isSame(a: ServerSide, b: ServerSide): boolean {
  return a.certificates === b.certificates && a.alpn === b.alpn;
}
