/** One watcher's connection: headers, heartbeats, an end when it reads too slowly. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { SealiftError } from '../../../base/errors.ts';
import type { Clock } from '../../../base/time.ts';
import { startReply } from '../../server/raw-reply.ts';
import { apiHeaders } from '../server/security-headers.ts';
import { type EventHub, eventText, type StoredEvent } from './event-hub.ts';

/** Below the idle timeouts of vault and proxies. */
const heartbeatMs = 20_000;
/** A watcher that is so far behind reads no more; it comes back and goes on. */
const maxWaitingBytes = 1024 ** 2;
const retryMs = 2000;

export interface StreamParts {
  readonly hub: EventHub;
  readonly clock: Clock;
  /** False when the session or token has ended: asked at each heartbeat. */
  readonly isStillAllowed: () => Promise<boolean>;
}

/**
 * Answers with events until either side ends it.
 * @throws SealiftError `api/unavailable` with too many watchers
 */
export function streamEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  { hub, clock, isStillAllowed }: StreamParts,
): void {
  const { raw } = reply;
  const early: StoredEvent[] = [];
  let write = (event: StoredEvent): void => {
    early.push(event);
  };
  const end = (): void => {
    raw.end();
    // The connection is ended too, or a stop would wait for it to be idle.
    raw.socket?.destroySoon();
  };
  const last = request.headers['last-event-id'];
  const unwatch = hub.watch(
    { send: (event) => write(event), end },
    { lastId: typeof last === 'string' ? last : undefined, nowMs: clock.now() },
  );
  if (unwatch === undefined)
    throw new SealiftError('api/unavailable', 'too many pages follow the vault', {
      fields: { detail: 'too many pages follow it' },
      hint: 'Close some of them.',
    });
  startReply(reply, 200, {
    ...apiHeaders,
    'content-type': 'text/event-stream; charset=utf-8',
    'x-accel-buffering': 'no',
  });
  raw.write(`retry: ${retryMs}\n\n`);
  write = (event) => {
    raw.write(eventText(event));
    if (raw.writableLength > maxWaitingBytes) end();
  };
  for (const event of early) write(event);
  const heartbeat = setInterval(() => {
    isStillAllowed().then(
      (isAllowed) => (isAllowed ? raw.write(': still here\n\n') : end()),
      () => end(),
    );
  }, heartbeatMs).unref();
  raw.once('close', () => {
    clearInterval(heartbeat);
    unwatch();
  });
}
