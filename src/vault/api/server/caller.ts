/**
 * Who calls the API: a session's cookie or a bearer token. A certificate alone does not: a browser
 * shows it to every page that asks, so it only signs in.
 */

import type { IncomingMessage } from 'node:http';
import { SealiftError } from '../../../base/errors.ts';
import type { Clock } from '../../../base/time.ts';
import { findApiToken } from '../../accounts/api-tokens.ts';
import type { Authenticator } from '../../accounts/authenticator.ts';
import {
  type ConsoleSession,
  findSession,
  isSameToken,
  type SessionLimits,
} from '../../accounts/console-sessions.ts';
import { type ConsoleRole, includesRole } from '../../accounts/console-users.ts';
import type { VaultDatabase } from '../../database/database.ts';
import { type Access, csrfHeader, sessionCookie } from '../contract.ts';

export interface Caller {
  readonly user: string;
  readonly role: ConsoleRole;
  readonly via: 'session' | 'token';
  readonly session: ConsoleSession | undefined;
}

export interface CallerParts {
  readonly database: VaultDatabase;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly limits: () => SessionLimits;
}

export async function findCaller(
  raw: IncomingMessage,
  { database, authenticator, clock, limits }: CallerParts,
): Promise<Caller | undefined> {
  const bearer = /^Bearer +([\x21-\x7e]{1,200})$/i.exec(raw.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) {
    const token = await findApiToken(database, bearer, clock);
    return token && { ...token, via: 'token', session: undefined };
  }
  const secret = cookieOf(raw);
  if (secret === undefined) return undefined;
  const session = await findSession(database, secret, { clock, limits: limits() });
  if (session === undefined) return undefined;
  if (session.method === 'certificate') {
    // A stolen cookie is worth nothing without the certificate that signed in.
    const proved = await authenticator.byCertificate(raw);
    if (proved.kind === 'unknown' || proved.identity.name !== session.certificateClient)
      return undefined;
  }
  return { user: session.user, role: session.role, via: 'session', session };
}

/** @throws SealiftError `api/unauthenticated`, `api/forbidden` */
export function checkAccess(access: Access, caller: Caller | undefined): void {
  if (access === 'public') return;
  if (caller === undefined)
    throw new SealiftError('api/unauthenticated', 'nobody is signed in', {
      hint: 'Sign in again; programs need a token that is still good.',
    });
  if (!includesRole(caller.role, access))
    throw new SealiftError(
      'api/forbidden',
      `the role ${caller.role} may not do this; it needs ${access}`,
      { fields: { role: caller.role, needed: access } },
    );
}

/**
 * That a change is meant: not sent by a page of somebody else (Fetch metadata, Origin), and with the
 * session's own token where there is a session.
 * @throws SealiftError `api/forgery`
 */
export function checkForgery(raw: IncomingMessage, caller: Caller | undefined): void {
  if (raw.method === 'GET' || raw.method === 'HEAD') return;
  const { headers } = raw;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') throw forgery('it comes from another site');
  const { origin } = headers;
  if (origin !== undefined && origin !== `https://${headers.host ?? ''}`)
    throw forgery('it comes from another origin');
  if (caller?.session === undefined) return;
  const given = headers[csrfHeader];
  if (!isSameToken(typeof given === 'string' ? given : undefined, caller.session.csrfToken))
    throw forgery(`${csrfHeader} is not the token of this session`);
}

function forgery(problem: string): SealiftError {
  return new SealiftError(
    'api/forgery',
    `the request does not come from a page of this vault: ${problem}`,
    { fields: { problem } },
  );
}

/** The session's secret; the prefix `__Host-` binds it to this origin and to TLS. */
export function cookieOf(raw: IncomingMessage): string | undefined {
  for (const part of (raw.headers.cookie ?? '').split(';')) {
    const [name, value = ''] = part.trim().split('=', 2);
    if (name === sessionCookie && /^[A-Za-z0-9_-]{20,100}$/.test(value)) return value;
  }
  return undefined;
}

/** @param secret undefined to take the cookie away */
export function cookieText(secret: string | undefined, maxAgeMs: number): string {
  const age = secret === undefined ? 0 : Math.floor(maxAgeMs / 1000);
  return `${sessionCookie}=${secret ?? ''}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${age}`;
}
