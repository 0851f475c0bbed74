/** Changes to clients: tags, notes, the ratchet, the end of an enrolment. */

import { revokeClient } from '../../accounts/clients.ts';
import { inTransaction } from '../../database/in-transaction.ts';
import { ratchetDocument, releaseRatchet } from '../../ratchet/ratchet.ts';
import { configuredTags, readGivenTags } from '../../tags/client-tags.ts';
import type { Handlers } from '../server/api-routes.ts';
import { notFound } from '../server/problem.ts';
import { type ApiParts, audit, momentOf } from './api-parts.ts';

type ClientRoutes = 'changeTags' | 'addNote' | 'deleteNote' | 'releaseRatchet' | 'revokeClient';

export function clientHandlers(parts: ApiParts): Pick<Handlers, ClientRoutes> {
  const { database, clock, hub, config, tags } = parts;
  const tell = (what: 'tags' | 'notes' | 'ratchet' | 'revoked', clients: string[]): void =>
    hub.publish('clients-changed', {
      at: momentOf(clock.now()),
      what,
      clients: clients.slice(0, 100),
    });
  return {
    async changeTags({ body }, call) {
      const configured = configuredTags(config());
      const fixed = new Set<string>();
      const before = await readGivenTags(database);
      let changed = 0;
      await database.transaction().execute(async (transaction) => {
        for (const client of new Set(body.clients)) {
          const own = new Set(before.get(client) ?? []);
          const wanted = new Set(own);
          for (const tag of body.add) wanted.add(tag);
          for (const tag of body.remove) {
            wanted.delete(tag);
            if (configured(client).includes(tag)) fixed.add(tag);
          }
          const gone = [...own].filter((tag) => !wanted.has(tag));
          const come = [...wanted].filter((tag) => !own.has(tag));
          if (gone.length + come.length === 0) continue;
          changed += 1;
          for (const tag of gone)
            await transaction
              .deleteFrom('client_tags')
              .where('client', '=', client)
              .where('tag', '=', tag)
              .execute();
          for (const tag of come)
            await transaction.insertInto('client_tags').values({ client, tag }).execute();
          await audit(parts, call, {
            ...{ database: transaction, action: 'client/tags', target: client },
            before: [...own].sort(),
            after: [...wanted].sort(),
          });
        }
      });
      await tags.refresh();
      if (changed > 0) tell('tags', body.clients);
      return { changed, fixed: [...fixed].sort() };
    },

    async addNote({ params, body }, call) {
      const row = {
        ...{ client: params.id, text: body.text, by: call.caller.user, at_ms: clock.now() },
      };
      const id = await database.transaction().execute(async (transaction) => {
        const made = await transaction
          .insertInto('client_notes')
          .values(row)
          .returning('id')
          .executeTakeFirstOrThrow();
        await audit(parts, call, {
          ...{ database: transaction, action: 'client/note-add', target: params.id },
          after: { text: body.text },
        });
        return made.id;
      });
      tell('notes', [params.id]);
      return { id: String(id), text: row.text, by: row.by, at: momentOf(row.at_ms) };
    },

    async deleteNote({ params }, call) {
      await database.transaction().execute(async (transaction) => {
        const gone = await transaction
          .deleteFrom('client_notes')
          .where('client', '=', params.id)
          .where('id', '=', Number(params.note))
          .returning(['text', 'by'])
          .executeTakeFirst();
        if (gone === undefined) throw notFound('note');
        await audit(parts, call, {
          ...{ database: transaction, action: 'client/note-delete', target: params.id },
          before: gone,
        });
      });
      tell('notes', [params.id]);
    },

    async releaseRatchet({ params, body }, call) {
      const { kind, name } = provedClient(params.id);
      const { reason } = body;
      await inTransaction(database, async (transaction) => {
        const released = await releaseRatchet(transaction, name, { reason, clock, kind });
        await audit(parts, call, {
          ...{ database: transaction, action: 'client/ratchet-release', target: params.id, reason },
          before: released.map(ratchetDocument),
        });
      });
      tell('ratchet', [params.id]);
    },

    async revokeClient({ params }, call) {
      const { kind, name } = provedClient(params.id);
      await inTransaction(database, async (transaction) => {
        const active = await transaction
          .selectFrom('clients')
          .select('serial')
          .where('name', '=', name)
          .where('state', '=', 'active')
          .executeTakeFirst();
        if (kind !== 'certificate' || active === undefined) throw notFound('client');
        const before = await revokeClient(transaction, name);
        await audit(parts, call, {
          ...{ database: transaction, action: 'client/revoke', target: params.id, before },
        });
      });
      tell('revoked', [params.id]);
    },
  };
}

/** @throws SealiftError `api/not-found` for an address: it has proved nothing */
function provedClient(id: string): { kind: 'certificate' | 'login'; name: string } {
  const [, kind = '', name = ''] = /^(certificate|login):(.+)$/s.exec(id) ?? [];
  if (kind !== 'certificate' && kind !== 'login') throw notFound('client');
  return { kind, name };
}
