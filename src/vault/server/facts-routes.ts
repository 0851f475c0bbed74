/** `PUT /_sealift/v1/facts`: an enrolled machine says what its TLS is like. */

import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { isSealiftError } from '../../base/errors.ts';
import type { Clock } from '../../base/time.ts';
import { parseFacts } from '../../doctor/facts/parse-facts.ts';
import type { Authenticator } from '../accounts/authenticator.ts';
import type { VaultDatabase } from '../database/database.ts';
import { saveFacts } from '../facts/facts-store.ts';
import type { Gate } from './gate.ts';
import { Refusal, unauthorized } from './refusal.ts';

/** A machine's facts have some tens of KiB. */
export const maxFactsBytes = 1024 ** 2;

export interface FactsDependencies {
  readonly database: VaultDatabase;
  readonly authenticator: Authenticator;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly onFacts: (client: string) => void;
}

export function addFactsRoute(
  app: FastifyInstance,
  { database, authenticator, gate, clock, onFacts }: FactsDependencies,
): void {
  app.put('/_sealift/v1/facts', { config: { isAdmitted: true } }, async (request, reply) => {
    const authentication = await authenticator.byCertificate(request.raw);
    if (authentication.kind === 'unknown') throw unauthorized(authentication.reason);
    const { name } = authentication.identity;
    request.client = `client:${name}`;
    await gate.admit(request, reply, authentication.identity);
    const json = await readText(request.raw);
    try {
      parseFacts(json, 'the request');
    } catch (error) {
      if (isSealiftError(error)) throw new Refusal(400, error.message);
      throw error;
    }
    await saveFacts(database, { client: name, json, nowMs: clock.now() });
    onFacts(name);
    return reply.code(204).send();
  });
}

async function readText(body: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxFactsBytes) throw new Refusal(413, 'the facts are too large');
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}
