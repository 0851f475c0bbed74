/** `--server` of `doctor` and `fix`: a policy by its name, one in a file, or a server that is asked. */

import { existsSync } from 'node:fs';
import type { ServerCheck } from '../doctor/explain/server/check-server.ts';
import { policyOfServer, serverName } from '../doctor/explain/server/server-facts.ts';
import { findServerPolicy } from '../doctor/rules/server-policies.ts';
import type { Policy } from '../tls/policy.ts';
import { askServer } from './ask-server.ts';
import type { Context } from './context.ts';
import { NegotiateSides } from './negotiate-sides.ts';

export interface DoctorServer {
  /** undefined for each program's usual server. */
  readonly policy: Policy | undefined;
  readonly check?: ServerCheck;
}

export async function readServer(
  context: Context,
  given: string | undefined,
): Promise<DoctorServer> {
  if (given === undefined) return { policy: undefined };
  const known = findServerPolicy(given);
  if (known !== undefined) return { policy: known };
  if (/:\d+$/.test(given) && !existsSync(given)) return askedServer(context, given);
  const sides = new NegotiateSides({ data: undefined, certificates: undefined });
  return { policy: await sides.server(given) };
}

/** A server that speaks no TLS now may do so tomorrow: the machine is judged all the same. */
async function askedServer(context: Context, given: string): Promise<DoctorServer> {
  const check = await askServer(context, given);
  const policy = policyOfServer(check);
  const server = serverName(check);
  if (policy === undefined) context.out.warn(context.say('doctor.noServer', { server }));
  else if (check.clock === undefined) context.out.warn(context.say('doctor.noClock', { server }));
  return { policy, check };
}
