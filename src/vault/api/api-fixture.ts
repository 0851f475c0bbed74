/** For tests: console users of each role, and calls of the API as each of them. */

import type { ConsoleRole } from '../accounts/console-users.ts';
import { hashPassword } from '../accounts/password-hash.ts';
import type { VaultDatabase } from '../database/database.ts';
import type { TestAnswer, TestRequest, TestVault } from '../vault-fixture.ts';
import { apiPrefix, csrfHeader, type ResponseOf, type RouteId } from './contract.ts';

/** Cheap hashes: the tests verify many. */
const testWork = { log2N: 4, blockSize: 8, parallelization: 1 };

export const testRoles = ['viewer', 'operator', 'owner'] as const;

/** The console user of a role is called like it; so is its password, four times over. */
export function consolePasswordOf(name: string): string {
  return `${name} `.repeat(4).trim();
}

export async function addConsoleUsers(database: VaultDatabase): Promise<void> {
  for (const role of testRoles) await addTestConsoleUser(database, { name: role, role });
}

export async function addTestConsoleUser(
  database: VaultDatabase,
  { name, role, certificate }: { name: string; role: ConsoleRole; certificate?: string },
): Promise<void> {
  await database
    .insertInto('console_users')
    .values({
      ...{ name, role, must_change: 0, created_ms: 0, last_sign_in_ms: null },
      password_hash: await hashPassword(consolePasswordOf(name), testWork),
      certificate_client: certificate ?? null,
    })
    .execute();
}

export interface ApiTestRequest extends Omit<TestRequest, 'body'> {
  /** Sent as JSON, unless it is bytes. */
  readonly body?: unknown;
}

export interface ApiUser {
  readonly cookie: string;
  readonly csrf: string;
  /** With the session's cookie and, for changes, its token. */
  call(method: string, path: string, options?: ApiTestRequest): Promise<TestAnswer>;
  /** The document of a route that must answer with success. */
  read<I extends RouteId>(id: I, path: string): Promise<Exclude<ResponseOf<I>, undefined>>;
}

/** A call without any session. */
export function callApi(
  vault: TestVault,
  method: string,
  path: string,
  { body, headers = {}, ...options }: ApiTestRequest = {},
): Promise<TestAnswer> {
  const isBytes = body instanceof Uint8Array;
  const bytes = body === undefined || isBytes ? body : Buffer.from(JSON.stringify(body));
  return vault.call(method, `${apiPrefix}${path}`, {
    ...options,
    ...(bytes === undefined ? {} : { body: bytes }),
    headers: {
      ...(body === undefined || isBytes ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  });
}

export async function signInAs(
  vault: TestVault,
  name: string,
  options: ApiTestRequest = {},
): Promise<ApiUser> {
  const answer = await callApi(vault, 'POST', '/session', {
    body: { method: 'password', name, password: consolePasswordOf(name) },
    ...options,
  });
  if (answer.status !== 201) throw new Error(`no session: ${answer.body.toString()}`);
  const cookie = cookieOfAnswer(answer);
  const { csrfToken } = answer.json() as { csrfToken: string };
  return userOf(vault, cookie, csrfToken);
}

export function userOf(vault: TestVault, cookie: string, csrf: string): ApiUser {
  const call: ApiUser['call'] = (method, path, { headers = {}, ...options } = {}) =>
    callApi(vault, method, path, {
      ...options,
      headers: { cookie, ...(method === 'GET' ? {} : { [csrfHeader]: csrf }), ...headers },
    });
  return {
    cookie,
    csrf,
    call,
    async read(_id, path) {
      const answer = await call('GET', path);
      if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.body.toString()}`);
      return answer.json() as never;
    },
  };
}

/** `name=value` of the first cookie that an answer sets. */
export function cookieOfAnswer({ headers }: TestAnswer): string {
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}
