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
import { addUser, changeUser, listUsers, removeUser, type User } from '../../accounts/users.ts';
import { trustAnchorOf } from '../../certificates/server-certificate.ts';
import type { ConsoleUsersTable } from '../../database/console-tables.ts';
import type { InvitesTable, VaultDatabase } from '../../database/database.ts';
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

/** Notes a change and tells those who watch. */
async function note(
  parts: ApiParts,
  call: GuardedCall,
  { what, ...change }: Change & { readonly what: Changed },
): Promise<void> {
  await audit(parts, call, { database: parts.database, ...change });
  parts.hub.publish('accounts-changed', { at: momentOf(parts.clock.now()), what });
}

/** A password that was given, or a new one, which is told once. */
function passwordFor(given: string | undefined): { password: Secret; told: string | null } {
  if (given !== undefined) return { password: new Secret(given), told: null };
  const password = makePassword();
  return { password, told: password.reveal() };
}

function userHandlers(
  parts: ApiParts,
): Pick<Handlers, 'listUsers' | 'addUser' | 'changeUser' | 'deleteUser'> {
  const { database, clock } = parts;
  const read = async (name: string): Promise<ConsoleUser> => {
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
      await addConsoleUser(
        database,
        { name, role, password, mustChange: told !== null, certificateClient },
        clock,
      );
      const user = await read(name);
      await note(parts, call, { what: 'users', action: 'user/add', target: name, after: user });
      return { ...user, password: told };
    },

    async changeUser({ params, body }, call) {
      const before = await read(params.name);
      const isReset = body.resetPassword === true || body.password !== undefined;
      const { password, told } = isReset
        ? passwordFor(body.resetPassword === true ? undefined : body.password)
        : { password: undefined, told: null };
      await changeConsoleUser(database, params.name, {
        role: body.role,
        certificateClient: body.certificateClient,
        ...(password === undefined ? {} : { password, mustChange: told !== null }),
      });
      const user = await read(params.name);
      const after = { ...user, ...(isReset ? { passwordChanged: true } : {}) };
      await note(parts, call, {
        ...{ what: 'users', action: 'user/change', target: params.name, before, after },
      });
      return { ...user, password: told };
    },

    async deleteUser({ params }, call) {
      const before = await read(params.name);
      await removeConsoleUser(database, params.name);
      await note(parts, call, {
        ...{ what: 'users', action: 'user/delete', target: params.name, before },
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
  const read = async (name: string): Promise<Login> => {
    const found = (await listUsers(database)).find((user) => user.name === name);
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
      await addUser(database, { name, password, appendOnly, shared, clock });
      const login = await read(name);
      await note(parts, call, { what: 'logins', action: 'login/add', target: name, after: login });
      return { ...login, password: told };
    },

    async changeLogin({ params, body }, call) {
      const { name } = params;
      const before = await read(name);
      const isReset = body.resetPassword === true || body.password !== undefined;
      const { password, told } = isReset
        ? passwordFor(body.resetPassword === true ? undefined : body.password)
        : { password: undefined, told: null };
      const { appendOnly, shared } = body;
      await changeUser(database, name, { password, appendOnly, shared });
      const login = await read(name);
      const after = { ...login, ...(isReset ? { passwordChanged: true } : {}) };
      await note(parts, call, {
        ...{ what: 'logins', action: 'login/change', target: name, before, after },
      });
      return { ...login, password: told };
    },

    async deleteLogin({ params }, call) {
      const before = await read(params.name);
      await removeUser(database, params.name);
      await note(parts, call, {
        ...{ what: 'logins', action: 'login/delete', target: params.name, before },
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
      await note(parts, call, {
        ...{ what: 'invites', action: 'invite/create', target: name, after: document },
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
      const row = await database
        .deleteFrom('invites')
        .where('secret_hash', 'like', `${params.invite}%`)
        .where('used_ms', 'is', null)
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) throw notFound('invite');
      await note(parts, call, {
        ...{ what: 'invites', action: 'invite/delete', target: row.name },
        before: inviteDocument(row, clock.now()),
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
