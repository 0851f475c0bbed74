/** How a machine becomes a client, and stays one: `POST /_sealift/v1/enrol` and `…/renew`. */

import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { Secret } from '../../base/secret.ts';
import type { Clock } from '../../base/time.ts';
import { type Authenticator, networkOf } from '../accounts/authenticator.ts';
import { recordClient } from '../accounts/clients.ts';
import { redeemInvite } from '../accounts/invites.ts';
import type { Throttle } from '../accounts/throttle.ts';
import { writeAudit } from '../audit/audit-log.ts';
import { checkCertificateRequest, issueClientCertificate } from '../certificates/authority.ts';
import { readAuthority } from '../certificates/server-certificate.ts';
import type { VaultPaths } from '../data-folder.ts';
import type { VaultDatabase } from '../database/database.ts';
import { inTransaction } from '../database/in-transaction.ts';
import type { Gate } from './gate.ts';
import { Refusal, refusalOf, unauthorized } from './refusal.ts';

const maxBodyBytes = 64 * 1024;

const enrolBody = z.object({
  secret: z.string().min(32).max(128),
  request: z.string().max(16_384),
});
const renewBody = z.object({ request: z.string().max(16_384) });

/** The answer to both. */
export interface IssuedCertificate {
  readonly name: string;
  readonly certificate: string;
}

export interface EnrolmentDependencies {
  readonly database: VaultDatabase;
  readonly authenticator: Authenticator;
  readonly gate: Gate;
  readonly paths: VaultPaths;
  readonly throttle: Throttle;
  readonly clock: Clock;
  readonly logger: Logger;
  /** An invitation was used. */
  readonly onEnrolled: (name: string) => void;
}

export function addEnrolmentRoutes(
  app: FastifyInstance,
  {
    database,
    authenticator,
    gate,
    paths,
    throttle,
    clock,
    logger,
    onEnrolled,
  }: EnrolmentDependencies,
): void {
  const issue = async (
    request: string,
    {
      address,
      ...client
    }: { name: string; appendOnly: boolean; replaceOthers: boolean; address: string },
  ): Promise<IssuedCertificate> => {
    const authority = await readAuthority(paths);
    const { name } = client;
    const certificate = await issueClientCertificate(authority, { request, name, clock });
    await inTransaction(database, async (transaction) => {
      const { recorded, replaced } = await recordClient(transaction, certificate, {
        ...{ ...client, clock },
      });
      // Renewals change nothing of who may come.
      if (!client.replaceOthers) return;
      await writeAudit(transaction, {
        ...{ atMs: clock.now(), by: name, via: 'invite', address },
        ...{ action: 'client/enrol', target: `certificate:${name}` },
        before: replaced.length === 0 ? undefined : replaced,
        after: { ...recorded, appendOnly: client.appendOnly },
      });
    });
    return { name, certificate };
  };

  app.post('/_sealift/v1/enrol', async (request): Promise<IssuedCertificate> => {
    const body = await readJson(request.raw, enrolBody);
    // Before the invitation is used up: the request and the authority must be good.
    await checkCertificateRequest(body.request);
    await readAuthority(paths);
    let refusal: unknown;
    const attempt = await throttle.run(`enrol ${networkOf(request.ip)}`, async () => {
      try {
        return await redeemInvite(database, { secret: new Secret(body.secret), clock });
      } catch (error) {
        refusal = error;
        return undefined;
      }
    });
    if (attempt.kind === 'busy')
      throw new Refusal(429, 'too many attempts to enrol', {
        'retry-after': String(attempt.retryAfterS),
      });
    if (attempt.value === undefined) throw refusalOf(refusal);
    const { name, appendOnly } = attempt.value;
    const issued = await issue(body.request, {
      ...{ name, appendOnly, replaceOthers: true, address: request.ip },
    });
    request.client = `client:${name}`;
    logger.info({ client: name }, 'client enrolled');
    onEnrolled(name);
    return issued;
  });

  app.post(
    '/_sealift/v1/renew',
    { config: { isAdmitted: true } },
    async (request, reply): Promise<IssuedCertificate> => {
      const authentication = await authenticator.byCertificate(request.raw);
      if (authentication.kind === 'unknown') throw unauthorized(authentication.reason);
      const { name, appendOnly } = authentication.identity;
      request.client = `client:${name}`;
      await gate.admit(request, reply, authentication.identity);
      const body = await readJson(request.raw, renewBody);
      const issued = await issue(body.request, {
        ...{ name, appendOnly, replaceOthers: false, address: request.ip },
      });
      logger.info({ client: name }, 'client certificate renewed');
      return issued;
    },
  );
}

async function readJson<T>(body: Readable, schema: z.ZodType<T>): Promise<T> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxBodyBytes) throw new Refusal(413, 'the request is too large');
    parts.push(bytes);
  }
  let document: unknown;
  try {
    document = JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new Refusal(400, 'the request is no JSON');
  }
  const result = schema.safeParse(document);
  if (!result.success) throw new Refusal(400, z.prettifyError(result.error));
  return result.data;
}
