/**
 * The plan that the vault decides by: reads it, judges hellos with it, and takes up a changed file
 * without dropping a connection. A file that is wrong or gone leaves the plan before in use.
 */

import type { Logger } from 'pino';
import type { Clock } from '../../base/time.ts';
import type { ConnectionRecord } from '../../door/connection.ts';
import type { Judge } from '../../door/door.ts';
import { findBaseline } from '../../tls/baselines.ts';
import type { CertificateType } from '../../tls/certificate-types.ts';
import type { Offer } from '../../tls/offer.ts';
import { judge } from '../../tls/retirement/judge.ts';
import { parsePlan } from '../../tls/retirement/parse-plan.ts';
import type { Plan, Who } from '../../tls/retirement/plan.ts';
import type { Verdict } from '../../tls/retirement/verdict.ts';
import type { VaultConfig } from '../config.ts';
import { defaultPlan, planPath, readPlanText } from '../plan-store.ts';

export interface PolicyKeeperParts {
  readonly dataDir: string;
  /** Of a vault without a plan. */
  readonly minVersion: VaultConfig['tls']['minVersion'];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Names that clients have proved at an address with a fingerprint. */
  readonly findNames: (address: string, fingerprint: string) => readonly string[];
  readonly findTags: (name: string) => readonly string[];
  /** Of the certificate in use; undefined while there is none. */
  readonly certificates: () => readonly CertificateType[] | undefined;
  /** The date by which the preview decides. */
  readonly previewMs?: number | undefined;
}

/** docs/decisions/002: HTTP/1.1 only. */
export const applicationProtocols = ['http/1.1'];

type Listener = ConnectionRecord['listener'];

export class PolicyKeeper {
  readonly #parts: PolicyKeeperParts;
  readonly #file: string;
  #plan: Plan;
  /** What the file held when it was read last, good or not. */
  #text: string | undefined;

  private constructor(parts: PolicyKeeperParts) {
    this.#parts = parts;
    this.#file = planPath(parts.dataDir);
    this.#plan = defaultPlan(parts.minVersion);
  }

  /** @throws SealiftError `tls/policy` if the file is wrong: at the start there is no plan before */
  static async open(parts: PolicyKeeperParts): Promise<PolicyKeeper> {
    const keeper = new PolicyKeeper(parts);
    const text = await readPlanText(parts.dataDir);
    if (text !== undefined) keeper.#take(text);
    return keeper;
  }

  get plan(): Plan {
    return this.#plan;
  }

  /** Judges what the door has read. */
  judgeOf(listener: Listener): Judge {
    const { findNames, findTags } = this.#parts;
    return (offer, caller) => {
      // Asked for only by a plan that retires something.
      const names = (): readonly string[] => findNames(caller.address, caller.fingerprint);
      return this.#judge(offer, listener, {
        address: caller.address,
        get fingerprint() {
          return caller.fingerprint;
        },
        get clients() {
          return names();
        },
        get tags() {
          return names().flatMap((name) => findTags(name));
        },
      });
    };
  }

  /** Judges again, for who it has turned out to be and for nobody else behind the same address. */
  judgeClient(
    offer: Offer,
    {
      listener,
      address,
      fingerprint,
      name,
    }: {
      listener: Listener;
      address: string;
      fingerprint: string;
      name: string;
    },
  ): Verdict {
    const tags = this.#parts.findTags(name);
    return this.#judge(offer, listener, { address, fingerprint, clients: [name], tags });
  }

  /**
   * Takes up a changed file; a wrong one is logged, once.
   * @param options.always reads it even if it is the same (and says so again)
   * @returns the text that it took up
   */
  async refresh({ always = false }: { always?: boolean } = {}): Promise<string | undefined> {
    const { logger } = this.#parts;
    const file = this.#file;
    let text: string | undefined;
    try {
      text = await readPlanText(this.#parts.dataDir);
      if (text === this.#text && !always) return undefined;
      if (text === undefined) {
        if (this.#text !== undefined)
          logger.error({ file }, 'the plan is gone; the plan before stays in use');
        this.#text = undefined;
        return undefined;
      }
      this.#take(text);
      logger.info({ file, plan: this.#plan.name }, 'plan loaded');
      return text;
    } catch (error) {
      this.#text = text;
      logger.error({ err: error, file }, 'the plan cannot be used; the plan before stays in use');
      return undefined;
    }
  }

  #judge(offer: Offer, listener: Listener, who: Who): Verdict {
    const { clock, previewMs, certificates } = this.#parts;
    const nowMs = listener === 'preview' ? (previewMs ?? clock.now()) : clock.now();
    const atHand = certificates();
    return judge(offer, who, this.#plan, nowMs, {
      alpn: applicationProtocols,
      ...(atHand === undefined ? {} : { certificates: atHand }),
    });
  }

  #take(text: string): void {
    this.#plan = parsePlan(text, { file: this.#file, findBaseline });
    this.#text = text;
  }
}
