/** Signing in and out, one's own password, tokens of programs. */

import { SealiftError } from '../../../base/errors.ts';
import { Secret } from '../../../base/secret.ts';
import { findConnection } from '../../../door/door-connection.ts';
import {
  createApiToken,
  listApiTokens,
  removeApiToken,
  type TokenRow,
} from '../../accounts/api-tokens.ts';
import { networkOf } from '../../accounts/authenticator.ts';
import { closeSession, findSession, openSession } from '../../accounts/console-sessions.ts';
import {
  changeConsoleUser,
  findConsoleUser,
  includesRole,
  lesserRole,
} from '../../accounts/console-users.ts';
import { pretendToVerify, verifyPassword } from '../../accounts/password-hash.ts';
import { writeAudit } from '../../audit/audit-log.ts';
import type { ConsoleUsersTable } from '../../database/console-tables.ts';
import { inTransaction } from '../../database/in-transaction.ts';
import type { ApiToken, Session } from '../schemas/session.ts';
import type { Call, Handlers } from '../server/api-routes.ts';
import { type Caller, cookieOf, cookieText } from '../server/caller.ts';
import { notFound } from '../server/problem.ts';
import { type ApiParts, audit, momentOf, momentOrNull } from './api-parts.ts';

type SessionRoutes =
  | 'getSession'
  | 'signIn'
  | 'signOut'
  | 'changePassword'
  | 'listTokens'
  | 'createToken'
  | 'deleteToken';

export function sessionHandlers(parts: ApiParts): Pick<Handlers, SessionRoutes> {
  const { database, clock, hub } = parts;
  return {
    async getSession(_request, call) {
      return sessionDocument(parts, call, call.caller);
    },

    async signIn({ body }, call) {
      const user =
        body.method === 'password'
          ? await byPassword(parts, call, body)
          : await byCertificate(parts, call);
      // The secret of before, whoever set it, is worth nothing from here on.
      const before = cookieOf(call.request.raw);
      if (before !== undefined) await closeSession(database, before);
      const caller = await begin(parts, call, { user: user.name, method: body.method });
      await writeAudit(database, {
        ...{ atMs: clock.now(), by: user.name, role: user.role, via: 'session' },
        ...{ address: call.address, action: 'session/sign-in', target: user.name },
        after: { method: body.method },
      });
      return sessionDocument(parts, call, caller);
    },

    async signOut(_request, call) {
      const secret = cookieOf(call.request.raw);
      if (call.caller.via === 'session' && secret !== undefined)
        await inTransaction(database, async (transaction) => {
          await closeSession(transaction, secret);
          const note = { action: 'session/sign-out', target: call.caller.user };
          await audit(parts, call, { database: transaction, ...note });
        });
      void call.reply.header('set-cookie', cookieText(undefined, 0));
      // Nothing of what the session saw stays in the browser.
      void call.reply.header('clear-site-data', '"cache", "storage"');
    },

    async changePassword({ body }, call) {
      const { user } = call.caller;
      await byPassword(parts, call, { name: user, password: body.current });
      await inTransaction(database, async (transaction) => {
        await changeConsoleUser(transaction, user, {
          password: new Secret(body.next),
          mustChange: false,
        });
        const note = { action: 'user/password', target: user, after: { passwordChanged: true } };
        await audit(parts, call, { database: transaction, ...note });
      });
      const caller = await begin(parts, call, { user, method: 'password' });
      return sessionDocument(parts, call, caller);
    },

    async listTokens(_request, { caller }) {
      const own = includesRole(caller.role, 'owner') ? undefined : caller.user;
      return { tokens: (await listApiTokens(database, own)).map(tokenDocument) };
    },

    async createToken({ body }, call) {
      const { caller } = call;
      if (lesserRole(body.role, caller.role) !== body.role)
        throw new SealiftError('api/forbidden', `a ${caller.role} gives no ${body.role} away`, {
          fields: { role: caller.role, needed: body.role },
        });
      const { made, document } = await inTransaction(database, async (transaction) => {
        const made = await createApiToken(transaction, { ...body, user: caller.user }, clock);
        const document = tokenDocument(made.row);
        const note = { action: 'token/create', target: document.id, after: document };
        await audit(parts, call, { database: transaction, ...note });
        return { made, document };
      });
      hub.publish('accounts-changed', { at: momentOf(clock.now()), what: 'tokens' });
      return { ...document, secret: made.secret.reveal() };
    },

    async deleteToken({ params }, call) {
      const { caller } = call;
      const own = includesRole(caller.role, 'owner') ? undefined : caller.user;
      await inTransaction(database, async (transaction) => {
        const row = await removeApiToken(transaction, params.name, own);
        if (row === undefined) throw notFound('token');
        const note = { action: 'token/delete', target: row.id, before: tokenDocument(row) };
        await audit(parts, call, { database: transaction, ...note });
      });
      hub.publish('accounts-changed', { at: momentOf(clock.now()), what: 'tokens' });
    },
  };
}

/** Opens a session and sets its cookie. */
async function begin(
  { database, clock, limits }: ApiParts,
  { request, reply }: Call,
  { user, method }: { readonly user: string; readonly method: 'password' | 'certificate' },
): Promise<Caller> {
  findConnection(request.raw.socket)?.serveConsole();
  const secret = await openSession(database, { user, method }, clock);
  void reply.header('set-cookie', cookieText(secret, limits().wholeMs));
  const session = await findSession(database, secret, { clock, limits: limits() });
  if (session === undefined) throw failedSignIn();
  return { user: session.user, role: session.role, via: 'session', session };
}

async function byPassword(
  { database, throttle, failures, clock }: ApiParts,
  { address }: Call,
  { name, password }: { readonly name: string; readonly password: string },
): Promise<ConsoleUsersTable> {
  const network = networkOf(address);
  const verify = async (): Promise<ConsoleUsersTable | undefined> => {
    const user = await findConsoleUser(database, name);
    const isRight =
      user === undefined
        ? await pretendToVerify(password)
        : await verifyPassword(password, user.password_hash);
    return isRight ? user : undefined;
  };
  // Slower with each failure of one name; an end for somebody who tries many names.
  const waitS = failures.waitS(network);
  if (waitS > 0) throw throttled(waitS);
  const key = `console ${network} ${name}`;
  const attempt = await throttle.run(key, verify);
  if (attempt.kind === 'busy') throw throttled(attempt.retryAfterS);
  if (attempt.value !== undefined) return attempt.value;
  failures.note(network);
  await writeAudit(database, {
    ...{ atMs: clock.now(), via: 'session', address, action: 'session/refused', target: name },
  });
  throw failedSignIn();
}

/** The user of the enrolled client whose certificate the connection shows. */
async function byCertificate(parts: ApiParts, call: Call): Promise<ConsoleUsersTable> {
  const user = await userOfCertificate(parts, call);
  if (user === undefined) throw failedSignIn();
  return user.row;
}

async function userOfCertificate(
  { database, authenticator }: ApiParts,
  { request }: Call,
): Promise<{ readonly client: string; readonly row: ConsoleUsersTable } | undefined> {
  const proved = await authenticator.byCertificate(request.raw);
  if (proved.kind === 'unknown') return undefined;
  const client = proved.identity.name;
  const row = await database
    .selectFrom('console_users')
    .selectAll()
    .where('certificate_client', '=', client)
    .executeTakeFirst();
  return row && { client, row };
}

async function sessionDocument(
  parts: ApiParts,
  call: Call,
  caller: Caller | undefined,
): Promise<Session> {
  const certificate = await userOfCertificate(parts, call);
  const session = caller?.session;
  return {
    user:
      caller === undefined
        ? null
        : {
            name: caller.user,
            role: caller.role,
            by: caller.via === 'token' ? 'token' : (session?.method ?? 'password'),
            mustChangePassword: session?.mustChangePassword ?? false,
          },
    csrfToken: session?.csrfToken ?? null,
    expiresAt: momentOrNull(session?.expiresMs),
    idleAt: momentOrNull(session?.idleEndsMs),
    certificate: certificate ? { client: certificate.client, user: certificate.row.name } : null,
  };
}

function tokenDocument(row: TokenRow): ApiToken {
  const { id, name, user, role } = row;
  return {
    ...{ id, name, user, role },
    createdAt: momentOf(row.created_ms),
    expiresAt: momentOf(row.expires_ms),
    lastUsedAt: momentOrNull(row.last_used_ms),
  };
}

function failedSignIn(): SealiftError {
  return new SealiftError(
    'api/sign-in',
    'name or password is wrong, or the certificate signs nobody in',
    { hint: 'Try again; an owner can make a new password.' },
  );
}

function throttled(seconds: number): SealiftError {
  return new SealiftError('api/throttled', 'too many attempts', {
    fields: { seconds },
    hint: `Wait for ${seconds} seconds.`,
  });
}
