/**
 * What this machine tells its vault about its TLS: the doctor's facts, without where each was read.
 * On by default; off by `agent: {facts: false}` in the configuration or by SEALIFT_NO_FACTS=1.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { messageOf, SealiftError, systemCodeOf } from '../base/errors.ts';
import type { Facts } from '../doctor/facts/facts.ts';
import { readLiveMachine } from '../doctor/facts/read-machines.ts';
import type { Enrolment } from './identity-store.ts';
import { callVault } from './vault-call.ts';

/** In the folder of the configuration. Other settings of the agent may stand in it. */
export const agentConfigFile = 'config.yaml';
/** The vault takes no more. */
const maxFactsBytes = 1024 ** 2;

const configSchema = z.looseObject({
  agent: z.looseObject({ facts: z.boolean().optional() }).nullish(),
});

type Environment = Readonly<Record<string, string | undefined>>;

export interface FactsChoice {
  readonly isSent: boolean;
  /** What switched them off. */
  readonly because?: string;
}

/** @throws SealiftError `usage/invalid` for a configuration that cannot be read: it may say no */
export async function factsChoice(configDir: string, env: Environment): Promise<FactsChoice> {
  const variable = env['SEALIFT_NO_FACTS'];
  if (variable !== undefined && variable !== '' && variable !== '0') {
    return { isSent: false, because: `SEALIFT_NO_FACTS=${variable}` };
  }
  const file = join(configDir, agentConfigFile);
  try {
    const config = configSchema.nullable().parse(parse(await readFile(file, 'utf8')));
    if (config?.agent?.facts === false) return { isSent: false, because: `${file}: agent.facts` };
    return { isSent: true };
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return { isSent: true };
    throw new SealiftError('usage/invalid', `cannot read ${file}: ${messageOf(error)}`, {
      cause: error,
      fields: { file },
      hint: 'It says `agent: {facts: false}` to send no facts.',
    });
  }
}

/**
 * The JSON that is sent; undefined on a system that the doctor cannot read live. It carries the time of
 * this machine's clock once all is read, which the vault compares with its own.
 */
export async function machineFactsJson(env: Environment): Promise<string | undefined> {
  const machine = await readLiveMachine(env);
  if (machine === undefined) return undefined;
  const collectedAt = new Date().toISOString();
  const json = JSON.stringify(compactFacts({ ...machine.facts, collectedAt }));
  return Buffer.byteLength(json) > maxFactsBytes ? undefined : json;
}

/** Without origins, user names in proxies' addresses, problems and empty lists. */
export function compactFacts(facts: Facts): Record<string, unknown> {
  const { sources: _, problems: __, ...rest } = facts;
  return Object.fromEntries(
    Object.entries(withoutOrigins(rest) as Record<string, unknown>).filter(
      ([, value]) =>
        !(Array.isArray(value) && value.length === 0) &&
        !(isPlain(value) && Object.keys(value).length === 0),
    ),
  );
}

function withoutOrigins(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOrigins);
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'source' && name !== 'origins')
      .map(([name, inner]) => [name, withoutOrigins(inner)]),
  );
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns false if the vault did not take them, for one that is older */
export async function sendFacts(enrolment: Enrolment, json: string): Promise<boolean> {
  const { url, ca, certificate, key } = enrolment;
  const body: unknown = JSON.parse(json);
  const path = '/_sealift/v1/facts';
  const { status } = await callVault({ url, path, method: 'PUT', body, ca, certificate, key });
  return status === 204;
}
