/** The audit log, and events as they happen. */

import { parsePlanTime } from '../../../tls/retirement/plan-times.ts';
import type { AuditTable } from '../../database/console-tables.ts';
import { streamEvents } from '../events/event-stream.ts';
import type { AuditEntry } from '../schemas/audit.ts';
import type { Handlers } from '../server/api-routes.ts';
import { findCaller } from '../server/caller.ts';
import { type ApiParts, momentOf } from './api-parts.ts';

export function auditHandlers(parts: ApiParts): Pick<Handlers, 'listAudit' | 'watchEvents'> {
  const { database, hub, clock } = parts;
  return {
    async listAudit({ query }) {
      const { limit, before, by, action, target, from, until } = query;
      let rows = database.selectFrom('audit');
      if (by !== undefined) rows = rows.where('by', '=', by);
      if (action !== undefined)
        rows = rows.where('action', '>=', action).where('action', '<', `${action}\uffff`);
      if (target !== undefined) rows = rows.where('target', '=', target);
      if (from !== undefined) rows = rows.where('at_ms', '>=', parsePlanTime(from) ?? 0);
      if (until !== undefined) rows = rows.where('at_ms', '<', parsePlanTime(until) ?? 0);
      const { total } = await rows
        .select((select) => select.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const page = before === undefined ? rows : rows.where('id', '<', Number(before));
      const found = await page
        .selectAll()
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      const shown = found.slice(0, limit);
      return {
        rows: shown.map(entryDocument),
        total: Number(total),
        next: found.length > limit ? String(shown.at(-1)?.id) : null,
      };
    },

    async watchEvents(_request, { request, reply }) {
      streamEvents(request, reply, {
        hub,
        clock,
        // A session that was ended must not go on listening.
        isStillAllowed: async () => (await findCaller(request.raw, parts)) !== undefined,
      });
    },
  };
}

type Row = { [K in keyof AuditTable]: K extends 'id' ? number : AuditTable[K] };

function entryDocument(row: Row): AuditEntry {
  const { by, role, via, address, action, target, reason } = row;
  return {
    ...{ id: String(row.id), at: momentOf(row.at_ms), by, role, via, address, action, target },
    before: JSON.parse(row.before),
    after: JSON.parse(row.after),
    reason,
  };
}
