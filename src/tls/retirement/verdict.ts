/** What the judge decides on one hello, with the rule that decided. */

import type { AlertName } from '../alerts.ts';
import type { Negotiation } from '../negotiate.ts';
import type { Policy } from '../policy.ts';
import type { BrownoutAnswer, Capability, Phase } from './plan.ts';

/** Something that the client uses and that will end: said in headers, by the agent, to the owner. */
export interface Notice {
  readonly capability: Capability;
  readonly phase: Phase;
  /** When it is refused for this client for good; undefined while no date is set. */
  readonly enforceMs: number | undefined;
  /** When the warning began (the `Deprecation` header). */
  readonly warnMs: number | undefined;
  readonly link: string | undefined;
  /** A brownout that applies right now to this client, and how it answers. */
  readonly brownout: BrownoutAnswer | undefined;
  /** The exemption that keeps the client connected, until then. */
  readonly exemptUntilMs: number | undefined;
}

export type Agreement = Extract<Negotiation, { kind: 'agreed' }>;

export type Verdict =
  | {
      /** `soft-refuse`: the handshake is done so that HTTP 403 can say why. */
      readonly kind: 'accept' | 'warn' | 'soft-refuse';
      /** Legacy only when the best version offered is TLS 1.1 or 1.0. */
      readonly path: 'strict' | 'legacy';
      /** What the context for this connection speaks: that path's part of the plan's policy. */
      readonly policy: Policy;
      readonly agreement: Agreement;
      readonly notices: readonly Notice[];
    }
  | {
      readonly kind: 'refuse';
      readonly alert: AlertName;
      /** `policy`: the plan's widest policy has nothing in common; the others name a retirement. */
      readonly cause: 'policy' | 'enforce' | 'brownout';
      readonly negotiation: Extract<Negotiation, { kind: 'refused' }>;
      readonly notices: readonly Notice[];
    };
