/** Who is asking: a client certificate of the vault, or a login with a password. */

import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Clock, systemClock } from '../../base/time.ts';
import { fingerprintOf } from '../certificates/authority.ts';
import type { VaultDatabase } from '../database/database.ts';
import type { HtpasswdFile } from './htpasswd.ts';
import { pretendToVerify, verifyPassword } from './password-hash.ts';
import { Throttle } from './throttle.ts';

export interface Identity {
  readonly kind: 'user' | 'client';
  readonly name: string;
  readonly appendOnly: boolean;
  /** Several machines use it, so that it has no ratchet. */
  readonly shared: boolean;
}

export type Authentication =
  | { readonly kind: 'known'; readonly identity: Identity }
  | { readonly kind: 'unknown'; readonly reason: string; readonly retryAfterS?: number };

/** A verified password is believed this long without hashing it again. */
const cacheMs = 60_000;
const maxCached = 1000;
const lastSeenStepMs = 60_000;
/** What newer versions of restic (seen with 0.19) send where no login was given: a name and password of nothing. */
const emptyLogin = `Basic ${Buffer.from(':').toString('base64')}`;

export class Authenticator {
  readonly #database: VaultDatabase;
  readonly #htpasswd: HtpasswdFile | undefined;
  readonly #clock: Clock;
  readonly #throttle: Throttle;
  /** HMAC of name, password and stored hash, with the moment it was verified. */
  readonly #verified = new Map<string, number>();
  readonly #cacheKey = randomBytes(32);

  constructor({
    database,
    htpasswd,
    clock = systemClock,
    throttle = new Throttle({ clock }),
  }: {
    database: VaultDatabase;
    htpasswd?: HtpasswdFile;
    clock?: Clock;
    throttle?: Throttle;
  }) {
    this.#database = database;
    this.#htpasswd = htpasswd;
    this.#clock = clock;
    this.#throttle = throttle;
  }

  /** A login, if there is one, counts before the certificate of the connection. */
  async authenticate(request: IncomingMessage): Promise<Authentication> {
    const header = request.headers.authorization;
    if (header !== undefined && header !== emptyLogin)
      return this.#byPassword(header, request.socket.remoteAddress ?? '');
    return this.byCertificate(request);
  }

  /** The enrolled client of a connection. The database decides, so a revocation counts at once. */
  async byCertificate(request: IncomingMessage): Promise<Authentication> {
    const socket = request.socket;
    // `authorized` alone is not enough: Node also says so of a resumed TLS 1.3 session without one.
    const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
    if (!(socket instanceof TLSSocket) || certificate === undefined)
      return { kind: 'unknown', reason: 'a login or a client certificate is needed' };
    if (!socket.authorized)
      return { kind: 'unknown', reason: 'the client certificate is not of this vault' };
    return this.#byFingerprint(fingerprintOf(certificate.raw));
  }

  async #byFingerprint(fingerprint: string): Promise<Authentication> {
    const row = await this.#database
      .selectFrom('clients')
      .select(['id', 'name', 'state', 'append_only', 'not_after_ms', 'last_seen_ms'])
      .where('fingerprint', '=', fingerprint)
      .executeTakeFirst();
    if (row === undefined)
      return { kind: 'unknown', reason: 'the client certificate is not of this vault' };
    if (row.state !== 'active')
      return { kind: 'unknown', reason: `the client certificate was ${row.state}` };
    const nowMs = this.#clock.now();
    if (row.not_after_ms < nowMs)
      return { kind: 'unknown', reason: 'the client certificate has expired' };
    if (nowMs - (row.last_seen_ms ?? 0) > lastSeenStepMs) {
      await this.#database
        .updateTable('clients')
        .set({ last_seen_ms: nowMs })
        .where('id', '=', row.id)
        .execute();
    }
    return {
      kind: 'known',
      identity: {
        kind: 'client',
        name: row.name,
        appendOnly: row.append_only === 1,
        shared: false,
      },
    };
  }

  async #byPassword(header: string, address: string): Promise<Authentication> {
    const login = parseBasic(header);
    if (login === undefined) return { kind: 'unknown', reason: 'the login cannot be read' };
    const stored = await this.#findUser(login.name);
    const identity: Identity = {
      kind: 'user',
      name: login.name,
      appendOnly: stored?.appendOnly ?? false,
      shared: stored?.shared ?? false,
    };
    if (stored !== undefined && this.#isCached(login, stored.hash))
      return { kind: 'known', identity };
    const key = `${networkOf(address)} ${login.name}`;
    const attempt = await this.#throttle.run(key, async () => {
      // Those that waited while one of them was verified need not hash again.
      if (stored !== undefined && this.#isCached(login, stored.hash)) return true;
      const right =
        stored === undefined
          ? await pretendToVerify(login.password)
          : await verifyPassword(login.password, stored.hash);
      if (!right || stored === undefined) return undefined;
      this.#remember(login, stored.hash);
      return true;
    });
    if (attempt.kind === 'busy')
      return { ...failedLogin('too many failed logins'), retryAfterS: attempt.retryAfterS };
    if (attempt.value === true) return { kind: 'known', identity };
    return {
      ...failedLogin('wrong user or password'),
      retryAfterS: this.#throttle.retryAfterS(key),
    };
  }

  async #findUser(name: string): Promise<StoredUser | undefined> {
    const row = await this.#database
      .selectFrom('users')
      .select(['password_hash', 'append_only', 'shared'])
      .where('name', '=', name)
      .executeTakeFirst();
    if (row !== undefined) {
      const { password_hash: hash, append_only, shared } = row;
      return { hash, appendOnly: append_only === 1, shared: shared === 1 };
    }
    const hash = await this.#htpasswd?.find(name);
    return hash === undefined ? undefined : { hash, appendOnly: false, shared: false };
  }

  #isCached(login: Login, hash: string): boolean {
    const at = this.#verified.get(this.#cacheName(login, hash));
    return at !== undefined && this.#clock.now() - at < cacheMs;
  }

  #remember(login: Login, hash: string): void {
    if (this.#verified.size >= maxCached) this.#verified.clear();
    this.#verified.set(this.#cacheName(login, hash), this.#clock.now());
  }

  /** The stored hash is part of it: with a changed password nothing is found any more. */
  #cacheName({ name, password }: Login, hash: string): string {
    return createHmac('sha256', this.#cacheKey)
      .update(JSON.stringify([name, password, hash]))
      .digest('base64');
  }
}

interface StoredUser {
  readonly hash: string;
  readonly appendOnly: boolean;
  readonly shared: boolean;
}

interface Login {
  readonly name: string;
  readonly password: string;
}

/** RFC 7617: `Basic` and base64 of `NAME:PASSWORD`. */
function parseBasic(header: string): Login | undefined {
  const match = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(header);
  const text = Buffer.from(match?.[1] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return undefined;
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** An IPv6 network of 64 bits counts as one address: its owner can take any of them. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail = ''] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  const ends = tail === '' ? [] : tail.split(':');
  const zeros = plain.includes('::') ? Array(8 - groups.length - ends.length).fill('0') : [];
  return `${[...groups, ...zeros, ...ends].slice(0, 4).join(':')}::/64`;
}

function failedLogin(reason: string): { kind: 'unknown'; reason: string } {
  return { kind: 'unknown', reason };
}
