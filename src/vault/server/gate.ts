/**
 * What is decided about a connection inside TLS: notices and soft refusals on every answer, and, as
 * soon as a certificate or login has proved who it is, whether the plan admits that very client and
 * whether it comes with less than it has proved before (the ratchet).
 */

import { TLSSocket } from 'node:tls';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../../base/time.ts';
import type { ClientIdentity } from '../../door/connection.ts';
import { type Connection, findConnection } from '../../door/door-connection.ts';
import { bestVersion } from '../../tls/offer.ts';
import { noticeHeaders } from '../../tls/retirement/notice-headers.ts';
import { noticeText, softRefusalText } from '../../tls/retirement/notice-text.ts';
import type { Verdict } from '../../tls/retirement/verdict.ts';
import { versionName } from '../../tls/versions.ts';
import type { Identity } from '../accounts/authenticator.ts';
import type { VaultDatabase } from '../database/database.ts';
import type { NoticeBook } from '../notices/notice-book.ts';
import { downgradeText, turnRatchet } from '../ratchet/ratchet.ts';
import type { Metrics } from './metrics.ts';
import type { PolicyKeeper } from './policy-keeper.ts';
import { Refusal } from './refusal.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route calls {@link Gate.admit} once it knows who is asking. */
    isAdmitted?: boolean;
  }
}

export interface GateParts {
  readonly database: VaultDatabase;
  readonly policy: PolicyKeeper;
  readonly notices: NoticeBook;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether the ratchet holds this client; several machines may share a login. */
  readonly hasRatchet: (identity: Identity) => boolean;
}

/** A client's answer at the gate: what its responses say, or why it gets none. */
type Admission =
  | { readonly kind: 'admitted'; readonly verdict: Verdict | undefined }
  | {
      readonly kind: 'refused';
      readonly cause: RefusalCause;
      readonly text: string;
      readonly verdict: Verdict | undefined;
    };

/** For the header `Sealift-Refusal`, by which an agent tells it from other answers with 403. */
type RefusalCause = 'brownout' | 'retired' | 'ratchet';

/** A connection has one client; a proxy in front of several machines may bring a few. */
const maxClientsOfConnection = 32;

export class Gate {
  readonly #parts: GateParts;
  readonly #admissions = new WeakMap<Connection, Map<string, Promise<Admission>>>();

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /**
   * Before anything else is done with a request.
   * @throws Refusal in a brownout that answers by HTTP; who can still say who it is, is judged by that:
   *   the hello was judged by everybody who was seen behind its address
   */
  enter(request: FastifyRequest, reply: FastifyReply): void {
    const connection = findConnection(request.raw.socket);
    if (connection === undefined) return;
    const isJudgedLater =
      request.routeOptions.config.isAdmitted === true && hasCredentials(request);
    if (isJudgedLater) answerHeaders(reply, connection.verdict);
    else answerWith(reply, connection.verdict);
  }

  /** Once it is known who is asking. @throws Refusal */
  async admit(request: FastifyRequest, reply: FastifyReply, identity: Identity): Promise<void> {
    const connection = findConnection(request.raw.socket);
    if (connection === undefined) return;
    const admission = await this.#admission(connection, identity);
    if (admission.kind === 'refused') {
      answerHeaders(reply, admission.verdict);
      throw refusal(admission.text, admission.cause);
    }
    // Not the notices of others behind the same address.
    for (const name of Object.keys(noticeHeaders(connection.verdict?.notices ?? [])))
      reply.removeHeader(name);
    answerWith(reply, admission.verdict);
  }

  /** Decided once for each client of a connection: a changed plan drops no connection. */
  #admission(connection: Connection, identity: Identity): Promise<Admission> {
    const known = this.#admissions.get(connection) ?? new Map<string, Promise<Admission>>();
    this.#admissions.set(connection, known);
    const key = `${identity.kind} ${identity.name}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    if (known.size >= maxClientsOfConnection) known.clear();
    const decided = this.#decide(connection, identity);
    known.set(key, decided);
    // A database that fails once must not decide for the connection's whole life.
    decided.catch(() => known.delete(key));
    return decided;
  }

  async #decide(connection: Connection, identity: Identity): Promise<Admission> {
    const client = clientIdentity(identity);
    connection.identify(client);
    const verdict = this.#verdictFor(connection, client);
    if (verdict?.kind === 'refuse') {
      const reason = `${verdict.cause}/${verdict.notices[0]?.capability ?? verdict.alert}`;
      connection.mark({ outcome: 'refused', reason });
      return {
        kind: 'refused',
        cause: 'retired',
        text: refusedText(verdict, client.name),
        verdict,
      };
    }
    connection.mark(outcomeOf(verdict));
    return (await this.#ratchet(connection, identity)) ?? { kind: 'admitted', verdict };
  }

  /** The hello was judged by who had come from that address before; this one by who it is. */
  #verdictFor(connection: Connection, { name }: ClientIdentity): Verdict | undefined {
    const { offer, fingerprint = '', listener, address } = connection;
    if (offer === undefined) return connection.verdict;
    return this.#parts.policy.judgeClient(offer, { listener, address, fingerprint, name });
  }

  async #ratchet(connection: Connection, identity: Identity): Promise<Admission | undefined> {
    const { database, clock, logger, notices, metrics, hasRatchet } = this.#parts;
    const { address, offer, negotiated } = connection;
    if (offer === undefined || negotiated === undefined || !hasRatchet(identity)) return undefined;
    const { version } = negotiated;
    const client = clientIdentity(identity);
    const shown = { address, version, offered: bestVersion(offer) ?? version };
    const turned = await turnRatchet(database, client, { shown, clock });
    if (turned.kind === 'holds') return undefined;
    connection.mark({ outcome: 'refused', reason: 'ratchet' });
    notices.addDowngrade({ client: client.name, version, address });
    metrics.countDowngrade();
    logger.warn(
      {
        client: `${identity.kind}:${identity.name}`,
        from: address,
        version: versionName(version),
        proved: versionName(turned.proved),
        fingerprint: connection.fingerprint,
      },
      'suspected downgrade: the client has proved a higher TLS version before; refused',
    );
    const text = downgradeText(client.name, turned.proved, version);
    return { kind: 'refused', cause: 'ratchet', text, verdict: undefined };
  }
}

/** As the ledger and the ratchet call an account. */
export function clientIdentity({ kind, name }: Identity): ClientIdentity {
  return { kind: kind === 'client' ? 'certificate' : 'login', name };
}

function outcomeOf(verdict: Verdict | undefined): Parameters<Connection['mark']>[0] {
  if (verdict?.kind === 'warn') return { outcome: 'warned' };
  if (verdict?.kind !== 'soft-refuse') return { outcome: 'accepted' };
  const notice = verdict.notices.find(({ brownout }) => brownout !== undefined);
  return {
    outcome: 'brownout',
    reason: notice === undefined ? undefined : `brownout/${notice.capability}`,
  };
}

function hasCredentials({ raw }: FastifyRequest): boolean {
  if (raw.headers.authorization !== undefined) return true;
  return raw.socket instanceof TLSSocket && raw.socket.getPeerX509Certificate() !== undefined;
}

/** @throws Refusal in a brownout: 403, because 429 and 503 vanish in clients that try again */
function answerWith(reply: FastifyReply, verdict: Verdict | undefined): void {
  answerHeaders(reply, verdict);
  if (verdict?.kind === 'soft-refuse') throw refusal(softRefusalText(verdict.notices), 'brownout');
}

function answerHeaders(reply: FastifyReply, verdict: Verdict | undefined): void {
  if (verdict !== undefined && verdict.notices.length > 0)
    void reply.headers({ ...noticeHeaders(verdict.notices) });
}

function refusal(text: string, cause: RefusalCause): Refusal {
  return new Refusal(403, text, { connection: 'close', 'sealift-refusal': cause });
}

function refusedText(verdict: Extract<Verdict, { kind: 'refuse' }>, name: string): string {
  const notices = verdict.notices.map((notice) => noticeText(notice));
  return [`The plan does not admit ${name} with this connection.`, ...notices].join(' ');
}
