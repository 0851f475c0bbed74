/**
 * Tells owners what the notice book holds: at most one message per period, owner and channel. When
 * each was sent stands in the database, so that a restart repeats nothing; a message that failed is
 * tried again a few times, later and later, and then waits for the next period.
 */

import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { messageOf } from '../../base/errors.ts';
import type { Clock } from '../../base/time.ts';
import type { VaultDatabase } from '../database/database.ts';
import type { NoticeDeliveriesTable, NoticesTable } from '../database/notice-tables.ts';
import { type Digest, digestLetter, makeDigest, type Urgency } from './digest.ts';
import { mailDigest } from './email.ts';
import { ratchetTopic } from './notice-book.ts';
import { type NoticesConfig, type Owner, ownerOf } from './notice-config.ts';
import { postDigest } from './webhook.ts';

const minute = 60_000;
/** Waits after the first, second … failure; after the last one the next period counts. */
const retryMs = [minute, 5 * minute, 30 * minute, 120 * minute];
/** What nobody has done any more for so long is forgotten. */
const forgetMs = 180 * 24 * 60 * minute;
const maxProblemLength = 300;
/** Of one message; the rest is in the ledger. */
const maxNoticesPerDigest = 1000;

type Channel = NoticeDeliveriesTable['channel'];

export interface NoticeSenderParts {
  readonly database: VaultDatabase;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: NoticesConfig;
  readonly onResult?: (channel: Channel, result: 'sent' | 'failed') => void;
}

interface Errand {
  readonly owner: Owner;
  readonly channel: Channel;
  readonly urgency: Urgency;
}

export class NoticeSender {
  readonly #parts: NoticeSenderParts;
  #config: NoticesConfig;

  constructor(parts: NoticeSenderParts) {
    this.#parts = parts;
    this.#config = parts.config;
  }

  /** Counts from the next run on. */
  configure(config: NoticesConfig): void {
    this.#config = config;
  }

  /** Sends what is due. A failure is logged and noted; it never throws for one. */
  async run(signal?: AbortSignal): Promise<void> {
    const { database, clock } = this.#parts;
    const channels = this.#channels();
    if (channels.length === 0) return;
    const nowMs = clock.now();
    await database
      .deleteFrom('notices')
      .where('last_ms', '<', nowMs - forgetMs)
      .execute();
    const notices = await database.selectFrom('notices').selectAll().orderBy('client').execute();
    for (const urgency of ['alarm', 'digest'] as const) {
      const wanted = notices.filter(
        ({ topic }) => (topic === ratchetTopic) === (urgency === 'alarm'),
      );
      const byOwner = Map.groupBy(wanted, ({ client }) => ownerOf(client, this.#config).name);
      for (const rows of byOwner.values()) {
        const owner = ownerOf(rows[0]?.client ?? '', this.#config);
        for (const channel of channels) {
          if (channel === 'email' && owner.email.length === 0) continue;
          signal?.throwIfAborted();
          await this.#tell({ owner, channel, urgency }, rows, signal);
        }
      }
    }
  }

  async #tell(
    errand: Errand,
    rows: readonly NoticesTable[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { clock, logger, onResult } = this.#parts;
    const { owner, channel, urgency } = errand;
    const nowMs = clock.now();
    const before = await this.#delivery(errand);
    if (nowMs < before.next_ms) return;
    const untold = rows.filter(({ last_ms }) => last_ms > before.sent_ms);
    if (untold.length === 0) return;
    const periodMs = urgency === 'alarm' ? this.#config.alarmPeriod : this.#config.period;
    const attempts = before.attempts + 1;
    const waitMs = retryMs[attempts - 1];
    const failed: NoticeDeliveriesTable = {
      ...before,
      attempts: waitMs === undefined ? 0 : attempts,
      next_ms: nowMs + Math.min(waitMs ?? periodMs, periodMs),
      problem: 'the vault ended while it was sent',
    };
    // Before it is sent: a vault that ends in between does not send it again at each start.
    await this.#note(failed);
    const digest = makeDigest(untold.slice(0, maxNoticesPerDigest), {
      id: digestId(errand, before.sent_ms),
      urgency,
      vault: this.#config.vaultName ?? hostname(),
      owner: owner.name,
      nowMs,
    });
    try {
      await this.#send(digest, errand, signal);
      await this.#note({
        ...before,
        sent_ms: nowMs,
        attempts: 0,
        next_ms: nowMs + periodMs,
        problem: null,
      });
      onResult?.(channel, 'sent');
      logger.info(
        { owner: owner.name, channel, urgency, clients: digest.clients.length },
        'notice sent',
      );
    } catch (error) {
      await this.#note({ ...failed, problem: messageOf(error).slice(0, maxProblemLength) });
      onResult?.(channel, 'failed');
      logger.warn(
        { err: error, owner: owner.name, channel, attempts },
        waitMs === undefined
          ? 'a notice could not be sent; the next period tries again'
          : 'a notice could not be sent; it is tried again',
      );
    }
  }

  async #send(
    digest: Digest,
    { owner, channel }: Errand,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { webhook, email, language } = this.#config;
    if (channel === 'webhook' && webhook !== undefined)
      await postDigest(digest, webhook, { nowMs: this.#parts.clock.now(), signal });
    if (channel === 'email' && email !== undefined) {
      const letter = digestLetter(digest, language);
      await mailDigest({ ...letter, id: digest.id, to: owner.email }, email, { signal });
    }
  }

  #channels(): Channel[] {
    const { webhook, email } = this.#config;
    return [
      ...(webhook === undefined ? [] : (['webhook'] as const)),
      ...(email === undefined ? [] : (['email'] as const)),
    ];
  }

  async #delivery({ owner, channel, urgency }: Errand): Promise<NoticeDeliveriesTable> {
    const found = await this.#parts.database
      .selectFrom('notice_deliveries')
      .selectAll()
      .where('owner', '=', owner.name)
      .where('channel', '=', channel)
      .where('urgency', '=', urgency)
      .executeTakeFirst();
    return (
      found ?? {
        owner: owner.name,
        channel,
        urgency,
        sent_ms: 0,
        attempts: 0,
        next_ms: 0,
        problem: null,
      }
    );
  }

  async #note(row: NoticeDeliveriesTable): Promise<void> {
    const { sent_ms, attempts, next_ms, problem } = row;
    await this.#parts.database
      .insertInto('notice_deliveries')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['owner', 'channel', 'urgency'])
          .doUpdateSet({ sent_ms, attempts, next_ms, problem }),
      )
      .execute();
  }
}

/** The same until one message has arrived, so that a receiver can tell a repetition. */
function digestId({ owner, channel, urgency }: Errand, sentMs: number): string {
  const text = JSON.stringify([owner.name, channel, urgency, sentMs]);
  return `msg_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}
