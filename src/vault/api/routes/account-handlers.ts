/** Console users, logins of backup programs, invitations of machines. */

import { SealiftError } from '../../../base/errors.ts';
import { Secret } from '../../../base/secret.ts';
import {
  addConsoleUser,
  changeConsoleUser,
  findConsoleUser,
  makePassword,
  removeConsoleUser,
} from '../../accounts/console-users.ts';
import { createInvite } from '../../accounts/invites.ts';
import {
  addUser,
  changeUser,
  findUser,
  listUsers,
  removeUser,
  type User,
} from '../../accounts/users.ts';
import { trustAnchorOf } from '../../certificates/server-certificate.ts';
import type { ConsoleUsersTable } from '../../database/console-tables.ts';
import type { InvitesTable, VaultDatabase } from '../../database/database.ts';
import { inTransaction } from '../../database/in-transaction.ts';
import type { ConsoleUser, Invite, Login } from '../schemas/accounts.ts';
import type { GuardedCall, Handlers } from '../server/api-routes.ts';
import { notFound } from '../server/problem.ts';
import { type ApiParts, audit, type Change, momentOf, momentOrNull } from './api-parts.ts';

type AccountRoutes =
  | 'listUsers'
  | 'addUser'
  | 'changeUser'
  | 'deleteUser'
  | 'listLogins'
  | 'addLogin'
  | 'changeLogin'
  | 'deleteLogin'
  | 'listInvites'
  | 'createInvite'
  | 'deleteInvite';

export function accountHandlers(parts: ApiParts): Pick<Handlers, AccountRoutes> {
  return { ...userHandlers(parts), ...loginHandlers(parts), ...inviteHandlers(parts) };
}

type Changed = 'users' | 'logins' | 'invites';

/**
 * Makes a change and notes it, both or neither, then tells those who watch.
 * @param job works with the transaction only
 */
async function change<T>(
  parts: ApiParts,
  call: GuardedCall,
  what: Changed,
  job: (database: VaultDatabase) => Promise<{ readonly note: Change; readonly result: T }>,
): Promise<T> {
  const result = await inTransaction(parts.database, async (database) => {
    const done = await job(database);
    await audit(parts, call, { database, ...done.note });
    return done.result;
  });
  parts.hub.publish('accounts-changed', { at: momentOf(parts.clock.now()), what });
  return result;
}

/** A password that was given, or a new one, which is told once. */
function passwordFor(given: string | undefined): { password: Secret; told: string | null } {
  if (given !== undefined) return { password: new Secret(given), told: null };
  const password = makePassword();
  return { password, told: password.reveal() };
}

function resetOf(body: { resetPassword?: boolean | undefined; password?: string | undefined }): {
  readonly isReset: boolean;
  readonly password: Secret | undefined;
  readonly told: string | null;
} {
  if (body.resetPassword === true) return { isReset: true, ...passwordFor(undefined) };
  if (body.password !== undefined) return { isReset: true, ...passwordFor(body.password) };
  return { isReset: false, password: undefined, told: null };
}

function userHandlers(
  parts: ApiParts,
): Pick<Handlers, 'listUsers' | 'addUser' | 'changeUser' | 'deleteUser'> {
  const { database, clock } = parts;
  const read = async (database: VaultDatabase, name: string): Promise<ConsoleUser> => {
    const row = await findConsoleUser(database, name);
    if (row === undefined) throw notFound('user');
    return userDocument(row, await countSessions(database, name));
  };
  return {
    async listUsers() {
      const rows = await database.selectFrom('console_users').selectAll().orderBy('name').execute();
      const users = rows.map(async (row) =>
        userDocument(row, await countSessions(database, row.name)),
      );
      return { users: await Promise.all(users) };
    },

    async addUser({ body }, call) {
      const { password, told } = passwordFor(body.password);
      const { name, role, certificateClient } = body;
      return change(parts, call, 'users', async (database) => {
        const user = { name, role, password, mustChange: told !== null, certificateClient };
        await addConsoleUser(database, user, clock);
        const after = await read(database, name);
        const note = { action: 'user/add', target: name, after };
        return { note, result: { ...after, password: told } };
      });
    },

    async changeUser({ params, body }, call) {
      const { name } = params;
      const { isReset, password, told } = resetOf(body);
      return change(parts, call, 'users', async (database) => {
        const before = await read(database, name);
        await changeConsoleUser(database, name, {
          role: body.role,
          certificateClient: body.certificateClient,
          ...(password === undefined ? {} : { password, mustChange: told !== null }),
        });
        const user = await read(database, name);
        const after = { ...user, ...(isReset ? { passwordChanged: true } : {}) };
        const note = { action: 'user/change', target: name, before, after };
        return { note, result: { ...user, password: told } };
      });
    },

    async deleteUser({ params }, call) {
      const { name } = params;
      await change(parts, call, 'users', async (database) => {
        const before = await read(database, name);
        await removeConsoleUser(database, name);
        return { note: { action: 'user/delete', target: name, before }, result: undefined };
      });
    },
  };
}

async function countSessions(database: VaultDatabase, user: string): Promise<number> {
  const { count } = await database
    .selectFrom('console_sessions')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('user', '=', user)
    .executeTakeFirstOrThrow();
  return Number(count);
}

function userDocument(row: ConsoleUsersTable, sessions: number): ConsoleUser {
  return {
    name: row.name,
    role: row.role,
    certificateClient: row.certificate_client,
    createdAt: momentOf(row.created_ms),
    lastSignInAt: momentOrNull(row.last_sign_in_ms),
    mustChangePassword: row.must_change === 1,
    sessions,
  };
}

function loginHandlers(
  parts: ApiParts,
): Pick<Handlers, 'listLogins' | 'addLogin' | 'changeLogin' | 'deleteLogin'> {
  const { database, clock } = parts;
  const read = async (database: VaultDatabase, name: string): Promise<Login> => {
    const found = await findUser(database, name);
    if (found === undefined) throw notFound('login');
    return loginDocument(found);
  };
  return {
    async listLogins() {
      return { logins: (await listUsers(database)).map(loginDocument) };
    },

    async addLogin({ body }, call) {
      const { password, told } = passwordFor(body.password);
      const { name, appendOnly, shared } = body;
      return change(parts, call, 'logins', async (database) => {
        await addUser(database, { name, password, appendOnly, shared, clock });
        const after = await read(database, name);
        const note = { action: 'login/add', target: name, after };
        return { note, result: { ...after, password: told } };
      });
    },

    async changeLogin({ params, body }, call) {
      const { name } = params;
      const { appendOnly, shared } = body;
      const { isReset, password, told } = resetOf(body);
      return change(parts, call, 'logins', async (database) => {
        const before = await read(database, name);
        await changeUser(database, name, { password, appendOnly, shared });
        const login = await read(database, name);
        const after = { ...login, ...(isReset ? { passwordChanged: true } : {}) };
        const note = { action: 'login/change', target: name, before, after };
        return { note, result: { ...login, password: told } };
      });
    },

    async deleteLogin({ params }, call) {
      const { name } = params;
      await change(parts, call, 'logins', async (database) => {
        const before = await read(database, name);
        await removeUser(database, name);
        return { note: { action: 'login/delete', target: name, before }, result: undefined };
      });
    },
  };
}

function loginDocument({ name, appendOnly, shared, createdMs }: User): Login {
  return { name, appendOnly, shared, createdAt: momentOf(createdMs) };
}

/** What an invited machine calls this vault, so that the commands after the first can name it too. */
const vaultName = 'vault';
const hourMs = 3_600_000;
/** Of the secret's hash: enough to tell invitations apart. */
const inviteIdLength = 16;

function inviteHandlers(
  parts: ApiParts,
): Pick<Handlers, 'listInvites' | 'createInvite' | 'deleteInvite'> {
  const { database, clock, paths, config, addresses } = parts;
  return {
    async listInvites() {
      const rows = await database
        .selectFrom('invites')
        .selectAll()
        .orderBy('created_ms', 'desc')
        .limit(1000)
        .execute();
      return { invites: rows.map((row) => inviteDocument(row, clock.now())) };
    },

    async createInvite({ body }, call) {
      const { name, appendOnly, hours } = body;
      const url = body.url ?? urlOfRequest(call.request.headers.host) ?? addresses().url;
      const anchor = await trustAnchorOf(paths.root, config());
      const { made, document } = await change(parts, call, 'invites', async (database) => {
        const made = await createInvite(database, {
          ...{ name, anchor, url, appendOnly, lifeMs: hours * hourMs, clock },
        });
        const [row] = await database
          .selectFrom('invites')
          .selectAll()
          .where('name', '=', name)
          .orderBy('created_ms', 'desc')
          .execute();
        if (row === undefined) throw new SealiftError('api/internal', 'the invitation is gone');
        const document = inviteDocument(row, clock.now());
        const note = { action: 'invite/create', target: name, after: document };
        return { note, result: { made, document } };
      });
      const token = made.token.reveal();
      const command = `sealift enroll ${url} --token ${token} --name ${vaultName}`;
      const repository = `sealift:${vaultName}`;
      return {
        ...{ ...document, token, url, command },
        commands: [
          command,
          `sealift init -r ${repository}`,
          `sealift backup -r ${repository} FOLDER`,
        ],
      };
    },

    async deleteInvite({ params }, call) {
      await change(parts, call, 'invites', async (database) => {
        const row = await database
          .deleteFrom('invites')
          .where('secret_hash', 'like', `${params.invite}%`)
          .where('used_ms', 'is', null)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) throw notFound('invite');
        const before = inviteDocument(row, clock.now());
        return { note: { action: 'invite/delete', target: row.name, before }, result: undefined };
      });
    },
  };
}

function inviteDocument(row: InvitesTable, nowMs: number): Invite {
  return {
    id: row.secret_hash.slice(0, inviteIdLength),
    name: row.name,
    appendOnly: row.append_only === 1,
    state: row.used_ms !== null ? 'used' : row.expires_ms <= nowMs ? 'expired' : 'open',
    createdAt: momentOf(row.created_ms),
    expiresAt: momentOf(row.expires_ms),
    usedAt: momentOrNull(row.used_ms),
  };
}

/** The address by which the operator's browser reaches the vault is a good guess for machines too. */
function urlOfRequest(host: string | undefined): string | undefined {
  if (host === undefined || !/^[A-Za-z0-9.:[\]-]{1,260}$/.test(host)) return undefined;
  return URL.canParse(`https://${host}/`) ? new URL(`https://${host}/`).href : undefined;
}
