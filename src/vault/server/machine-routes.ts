/**
 * What an enrolled machine says of itself, below `/_sealift/v1/`: `PUT facts`, what its TLS is like;
 * `POST drills`, how a restore went.
 */

import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isSealiftError } from '../../base/errors.ts';
import type { Clock } from '../../base/time.ts';
import { parseFacts } from '../../doctor/facts/parse-facts.ts';
import { findConnection } from '../../door/door-connection.ts';
import type { Authenticator } from '../accounts/authenticator.ts';
import type { VaultDatabase } from '../database/database.ts';
import { type DrillReport, drillReport, recordDrill } from '../drills/drill-store.ts';
import { saveFacts } from '../facts/facts-store.ts';
import type { Gate } from './gate.ts';
import { Refusal, unauthorized } from './refusal.ts';

/** A machine's facts have some tens of KiB. */
const maxFactsBytes = 1024 ** 2;
const maxDrillBytes = 4096;

export interface MachineDependencies {
  readonly database: VaultDatabase;
  readonly authenticator: Authenticator;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly onFacts: (client: string) => void;
  readonly onDrill: (drill: { client: string; address: string; ok: boolean }) => void;
}

export function addMachineRoutes(app: FastifyInstance, dependencies: MachineDependencies): void {
  const { database, clock, onFacts, onDrill } = dependencies;
  const config = { isAdmitted: true };

  app.put('/_sealift/v1/facts', { config }, async (request, reply) => {
    const client = await admitMachine(dependencies, request, reply);
    const json = await readText(request.raw, maxFactsBytes);
    try {
      parseFacts(json, 'the request');
    } catch (error) {
      if (isSealiftError(error)) throw new Refusal(400, error.message);
      throw error;
    }
    await saveFacts(database, { client, json, nowMs: clock.now() });
    onFacts(client);
    return reply.code(204).send();
  });

  app.post('/_sealift/v1/drills', { config }, async (request, reply) => {
    const client = await admitMachine(dependencies, request, reply);
    const report = parseDrill(await readText(request.raw, maxDrillBytes));
    await recordDrill(database, { client, report, nowMs: clock.now() });
    const address = findConnection(request.raw.socket)?.address ?? request.ip;
    onDrill({ client, address, ok: report.ok });
    return reply.code(204).send();
  });
}

/** The name that the machine's certificate proves, once the plan lets it in. */
async function admitMachine(
  { authenticator, gate }: MachineDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<string> {
  const authentication = await authenticator.byCertificate(request.raw);
  if (authentication.kind === 'unknown') throw unauthorized(authentication.reason);
  const { name } = authentication.identity;
  request.client = `client:${name}`;
  await gate.admit(request, reply, authentication.identity);
  return name;
}

function parseDrill(json: string): DrillReport {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Refusal(400, 'the report of a drill is not JSON');
  }
  const result = drillReport.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Refusal(400, `the report of a drill: ${issue?.path.join('.')}: ${issue?.message}`);
}

async function readText(body: Readable, maxBytes: number): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxBytes) throw new Refusal(413, `the body is larger than ${maxBytes} bytes`);
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}
