/** The server behind the door. */

import net, { type Socket } from 'node:net';
import { systemCodeOf } from '../base/errors.ts';

export interface Upstream {
  readonly host: string;
  readonly port: number;
}

export interface UpstreamEvents {
  /** False when the client has gone in the meantime. */
  isWanted(): boolean;
  onConnect(server: Socket): void;
  /** @param reason `upstream/ECONNREFUSED`, `upstream/timeout` */
  onFailed(reason: string): void;
}

/** Connects to the server behind the door, in bounded time. */
export function connectUpstream(
  upstream: Upstream,
  connectMs: number,
  events: UpstreamEvents,
): void {
  const server = net.connect({ ...upstream, allowHalfOpen: true, noDelay: true });
  let isConnected = false;
  let reason = 'upstream/closed';
  const timer = setTimeout(() => {
    reason = 'upstream/timeout';
    server.destroy();
  }, connectMs).unref();
  server.on('error', (error) => {
    reason = `upstream/${systemCodeOf(error) ?? 'failed'}`;
  });
  server.once('close', () => {
    clearTimeout(timer);
    if (!isConnected) events.onFailed(reason);
  });
  server.once('connect', () => {
    clearTimeout(timer);
    isConnected = true;
    if (events.isWanted()) events.onConnect(server);
    else server.destroy();
  });
}
