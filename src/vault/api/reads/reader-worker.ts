/** The thread that reads for the API: decodes a question, calls a function, answers. */

import { parentPort, workerData } from 'node:worker_threads';
import { errorToData } from '../../../base/errors.ts';
import { findBaseline } from '../../../tls/baselines.ts';
import { parsePlan } from '../../../tls/retirement/parse-plan.ts';
import type { Plan } from '../../../tls/retirement/plan.ts';
import { openDatabaseFile, type VaultDatabase } from '../../database/database.ts';
import { configuredTags, mergedTags, readGivenTags } from '../../tags/client-tags.ts';
import { contract, type RouteEntry } from '../contract.ts';
import { ReadCache, ReadContext } from './read-context.ts';
import type { ReadFacts } from './read-facts.ts';
import type { FromReader, ToReader } from './reader.ts';
import { readingJobs, readingRoutes } from './reading-routes.ts';

const file = String(workerData);
const cache = new ReadCache();
let database: Promise<VaultDatabase> | undefined;
let kept: { readonly text: string; readonly plan: Plan } | undefined;
let last: Promise<void> = Promise.resolve();

parentPort?.on('message', (message: ToReader) => {
  last = last.then(() => answer(message));
});

async function answer(message: ToReader): Promise<void> {
  const { id } = message;
  try {
    const context = await contextOf(await opened(), message.facts);
    if (message.kind === 'job') {
      const job = readingJobs[message.name] as Job;
      reply({ id, kind: 'done', value: await job(context, message.request) });
      return;
    }
    const route = readingRoutes[message.name] as Job;
    const document = await route(context, message.request);
    replyWith(id, checked(contract[message.name], document));
  } catch (error) {
    reply({ id, kind: 'failed', error: errorToData(error) });
  }
}

/** A database that could not be opened is tried again by the next question. */
function opened(): Promise<VaultDatabase> {
  database ??= openDatabaseFile(file).catch((error: unknown) => {
    database = undefined;
    throw error;
  });
  return database;
}

type Job = (context: ReadContext, request: unknown) => Promise<unknown>;

function checked(route: RouteEntry, document: unknown): unknown {
  return route.answer.kind === 'json' ? route.answer.schema.parse(document) : document;
}

function replyWith(id: number, document: unknown): void {
  // A copy of its own, since a pooled buffer cannot be given away.
  const bytes = new Uint8Array(Buffer.from(JSON.stringify(document)));
  parentPort?.postMessage({ id, kind: 'answer', bytes } satisfies FromReader, [bytes.buffer]);
}

async function contextOf(from: VaultDatabase, facts: ReadFacts): Promise<ReadContext> {
  const { planText, tags } = facts;
  if (kept?.text !== planText)
    kept = { text: planText, plan: parsePlan(planText, { file: 'policy.yaml', findBaseline }) };
  const mutable = Object.fromEntries(Object.entries(tags).map(([tag, names]) => [tag, [...names]]));
  const given = await readGivenTags(from);
  const tagsOf = mergedTags(configuredTags({ tags: mutable }), given);
  const parts = { facts, plan: kept.plan, tagsOf, given: JSON.stringify([...given]), cache };
  return new ReadContext({ database: from, ...parts });
}

function reply(message: FromReader): void {
  parentPort?.postMessage(message);
}
