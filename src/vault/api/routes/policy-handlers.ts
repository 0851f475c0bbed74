/** Changes of the plan: applied, put back, exemptions. Reading it is in ../reads/policy-reads.ts. */

import { findBaseline } from '../../../tls/baselines.ts';
import { encodePlan, parsePlan } from '../../../tls/retirement/parse-plan.ts';
import type { Exemption, Plan } from '../../../tls/retirement/plan.ts';
import { parsePlanTime } from '../../../tls/retirement/plan-times.ts';
import {
  latestRevision,
  type PlanRevision,
  recordRevision,
  revisionOf,
} from '../../plan-revisions.ts';
import { applyPlan, readPlanText } from '../../plan-store.ts';
import { exemptionIdOf } from '../reads/exemption-id.ts';
import { planDocumentOf, readDraft } from '../reads/policy-reads.ts';
import type { PolicyRevision } from '../schemas/policy.ts';
import type { GuardedCall, Handlers } from '../server/api-routes.ts';
import { conflict, notFound } from '../server/problem.ts';
import { invalid } from '../server/read-request.ts';
import { type ApiParts, audit, type Change, momentOf } from './api-parts.ts';
import type { ReadingParts } from './reading-handlers.ts';

type PolicyRoutes =
  | 'applyPolicy'
  | 'listRevisions'
  | 'getRevision'
  | 'restoreRevision'
  | 'addExemption'
  | 'endExemption';

export function policyHandlers(
  parts: ApiParts,
  { reader, readFacts }: ReadingParts,
): Pick<Handlers, PolicyRoutes> {
  const { database } = parts;
  const writer = new PlanWriter(parts);
  const current = async (lang: 'en' | 'zh-CN') =>
    reader.route('getPolicy', { request: { query: { lang } }, facts: await readFacts() }, false);
  const find = async (id: string): Promise<PlanRevision> => {
    const row = await database
      .selectFrom('plan_revisions')
      .selectAll()
      .where('id', '=', Number(id))
      .executeTakeFirst();
    if (row === undefined) throw notFound('revision');
    return row;
  };
  return {
    async applyPolicy({ query, body }, call) {
      const draft = readDraft(body.draft);
      await writer.put(call, { ...draft, base: body.base, reason: body.reason }, 'policy/apply');
      return current(query.lang);
    },

    async listRevisions() {
      const rows = await database
        .selectFrom('plan_revisions')
        .selectAll()
        .orderBy('id', 'desc')
        .limit(1000)
        .execute();
      return { revisions: rows.map((row, index) => revisionDocument(row, index === 0)) };
    },

    async getRevision({ params }) {
      const row = await find(params.revision);
      const latest = await latestRevision(database);
      return {
        ...revisionDocument(row, latest?.id === row.id),
        yaml: row.yaml,
        plan: documentOf(row.yaml),
      };
    },

    async restoreRevision({ params, query, body }, call) {
      const { yaml } = await find(params.revision);
      const plan = parsePlan(yaml, { file: 'policy', findBaseline });
      await writer.put(
        call,
        { plan, yaml, base: body.base, reason: body.reason },
        'policy/restore',
      );
      return current(query.lang);
    },

    async addExemption({ body }, call) {
      const untilMs = parsePlanTime(body.until);
      if (untilMs === undefined || untilMs <= parts.clock.now())
        throw invalid('body.until', 'is not in the future');
      const { client, capability, reason } = body;
      const exemption: Exemption = { client, capability, reason, untilMs };
      await writer.change(
        call,
        (plan) => {
          const id = exemptionIdOf(exemption);
          if (plan.exemptions.some((one) => exemptionIdOf(one) === id))
            throw conflict('this exemption is there already');
          return { ...plan, exemptions: [...plan.exemptions, exemption] };
        },
        { action: 'exemption/add', target: client, reason, after: body },
      );
      return {
        ...{ id: exemptionIdOf(exemption), client, clientId: null, capability, reason },
        ...{ until: momentOf(untilMs), active: true, readiness: null },
        leftMs: untilMs - parts.clock.now(),
      };
    },

    async endExemption({ params, body }, call) {
      const isIt = (one: Exemption): boolean => exemptionIdOf(one) === params.exemption;
      const known = parts.policy.plan.exemptions.find(isIt);
      if (known === undefined) throw notFound('exemption');
      await writer.change(
        call,
        (plan) => ({ ...plan, exemptions: plan.exemptions.filter((one) => !isIt(one)) }),
        {
          ...{ action: 'exemption/end', target: known.client, reason: body.reason },
          before: { ...known, untilMs: momentOf(known.untilMs) },
        },
      );
    },
  };
}

/** Writes the plan, one change after the other, so that nobody overwrites what they have not seen. */
class PlanWriter {
  readonly #parts: ApiParts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: ApiParts) {
    this.#parts = parts;
  }

  /** Puts a whole plan in force. @throws SealiftError `api/conflict` if another one came in between */
  put(
    call: GuardedCall,
    draft: { plan: Plan; yaml: string; base: string; reason: string },
    action: string,
  ): Promise<void> {
    return this.#inTurn(async () => {
      const before = await this.#text();
      if (revisionOf(before) !== draft.base)
        throw conflict('another plan was put in force in between');
      await this.#apply(draft.plan, { text: draft.yaml, reason: draft.reason, call });
      await audit(this.#parts, call, {
        ...{ database: this.#parts.database, action, target: draft.plan.name },
        ...{ before, after: await this.#text(), reason: draft.reason },
      });
    });
  }

  /** Changes a part of the plan in force. */
  change(call: GuardedCall, edit: (plan: Plan) => Plan, note: Change): Promise<void> {
    return this.#inTurn(async () => {
      const { reason = '' } = note;
      await this.#apply(edit(this.#parts.policy.plan), { text: undefined, reason, call });
      await audit(this.#parts, call, { ...note, database: this.#parts.database });
    });
  }

  async #apply(
    plan: Plan,
    {
      text,
      reason,
      call,
    }: { readonly text: string | undefined; readonly reason: string; readonly call: GuardedCall },
  ): Promise<void> {
    const { paths, policy, clock, database, hub } = this.#parts;
    const nowMs = clock.now();
    await this.#keepBefore(nowMs);
    await applyPlan(paths.root, plan, { nowMs, reason, text });
    await policy.refresh();
    const yaml = await this.#text();
    const revision = revisionOf(yaml);
    const by = call.caller.user;
    await recordRevision(database, {
      ...{ revision, name: plan.name, yaml, at_ms: nowMs, by, source: 'api', reason },
    });
    hub.publish('policy-changed', { at: momentOf(nowMs), name: plan.name, revision, by });
  }

  /** What is in force now may be of a command or an editor: it can be put back as well. */
  async #keepBefore(nowMs: number): Promise<void> {
    const { database, policy } = this.#parts;
    const yaml = await this.#text();
    await recordRevision(database, {
      ...{ revision: revisionOf(yaml), name: policy.plan.name, yaml, at_ms: nowMs },
      ...{ by: null, source: 'file', reason: '' },
    });
  }

  async #text(): Promise<string> {
    const { paths, policy } = this.#parts;
    return (await readPlanText(paths.root)) ?? encodePlan(policy.plan, { findBaseline });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

function revisionDocument(row: PlanRevision, isCurrent: boolean): PolicyRevision {
  const { revision, name, by, source, reason } = row;
  return {
    ...{ id: String(row.id), revision, name, by, source, reason, isCurrent },
    at: momentOf(row.at_ms),
  };
}

/** Null for a text that this version does not read. */
function documentOf(yaml: string) {
  try {
    return planDocumentOf(parsePlan(yaml, { file: 'policy', findBaseline }));
  } catch {
    return null;
  }
}
