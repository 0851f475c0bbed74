/**
 * A retirement plan as data: what is spoken today, and which capabilities of it end when, for whom.
 * parse-plan.ts makes it from YAML, judge.ts decides with it. Times are milliseconds since 1970.
 */

import type { Policy } from '../policy.ts';

/** What can be retired. A cipher class counts in every version; `no-pq` is key exchange without a hybrid. */
export type Capability =
  | 'tls1.0'
  | 'tls1.1'
  | 'tls1.2'
  | '3des'
  | 'rc4'
  | 'cbc'
  | 'static-rsa'
  | 'sha1'
  | 'no-pq';

export type Phase = 'observe' | 'warn' | 'brownout' | 'enforce';

/** How a brownout says no: a sentence inside TLS (HTTP 403), or the alert of the final state. */
export type BrownoutAnswer = 'http' | 'alert';

export interface BrownoutWindow {
  /** Five cron fields; when the window opens. */
  readonly cron: string;
  readonly timeZone: string;
  readonly durationMs: number;
  readonly answer: BrownoutAnswer;
  /** The windows of this line exist from here, to there; the phase's own ends when left out. */
  readonly fromMs: number | undefined;
  readonly untilMs: number | undefined;
}

/** From `fromMs` on, a stable share of the clients (by hash of client and capability) is refused. */
export interface BrownoutShare {
  readonly fromMs: number;
  readonly percent: number;
  readonly answer: BrownoutAnswer;
}

export interface Wave {
  readonly name: string;
  /** Added to the dates of every phase: negative for a wave that is ahead. */
  readonly offsetMs: number;
  /** A client is in the first wave that names it in any of these ways. */
  readonly clients: readonly string[];
  readonly networks: readonly string[];
  readonly tags: readonly string[];
  /** A stable share of all clients, by hash of the client's name. */
  readonly percent: number | undefined;
}

export interface Exemption {
  /** A client's name, an address or network (CIDR), or a fingerprint (JA4). */
  readonly client: string;
  readonly capability: Capability;
  readonly reason: string;
  /** It ends by itself at this moment. */
  readonly untilMs: number;
}

export interface Retirement {
  readonly capability: Capability;
  /** When each phase begins; a phase that is left out is skipped. */
  readonly phases: Readonly<Partial<Record<Phase, number>>>;
  readonly windows: readonly BrownoutWindow[];
  readonly shares: readonly BrownoutShare[];
  /** Where a client's owner reads what to do. */
  readonly link: string | undefined;
}

/** A date that was moved, with its reason: the plan keeps the history of its promises. */
export interface DateChange {
  readonly atMs: number;
  readonly capability: Capability;
  readonly phase: Phase;
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  readonly reason: string;
}

export interface Plan {
  readonly name: string;
  /** The widest that is spoken; each enforced retirement takes something away from it. */
  readonly policy: Policy;
  readonly retirements: readonly Retirement[];
  readonly waves: readonly Wave[];
  readonly exemptions: readonly Exemption[];
  readonly history: readonly DateChange[];
}

/** Who connects, as far as it is known when the hello arrives. */
export interface Who {
  /** Without port, as the socket tells it; IPv4-mapped addresses as IPv4. */
  readonly address: string;
  /** JA4. */
  readonly fingerprint: string;
  /** Names that certificate or login proved for this address and fingerprint before; usually one. */
  readonly clients: readonly string[];
  readonly tags: readonly string[];
}
