/** Pass-through: the client's TLS goes on to another server; the door only reads along. */

import type { AlertName } from '../tls/alerts.ts';
import { findAlert } from '../tls/alerts.ts';
import { type DoorConnection, endsOf } from './door-connection.ts';
import { joinSockets } from './join-streams.ts';
import { giveBack } from './peek-hello.ts';
import { encodeProxyHeader } from './proxy-protocol.ts';
import { connectUpstream, type Upstream } from './upstream.ts';
import { watchServerFlight } from './watch-server-flight.ts';

export interface PassThrough {
  readonly kind: 'pass-through';
  readonly upstream: Upstream;
  /** Begins with a PROXY protocol header (version 2), which the upstream must expect. */
  readonly proxyProtocol?: boolean;
}

/** What a hello brought that the splice needs. */
export interface PeekedHello {
  readonly sessionId: Uint8Array;
  /** What was read from the socket. */
  readonly taken: Uint8Array | undefined;
}

/** @param onFailed the upstream could not be reached; the client has not had a byte yet */
export function splice(
  connection: DoorConnection,
  { upstream, proxyProtocol = false }: PassThrough,
  { sessionId, taken }: PeekedHello,
  more: { readonly connectMs: number; readonly onFailed: (reason: string) => void },
): void {
  const { socket } = connection;
  // At once: a client that has ended its side would otherwise be at its end, with nothing unread.
  giveBack(socket, taken);
  socket.allowHalfOpen = true;
  socket.setNoDelay(true);
  connectUpstream(upstream, more.connectMs, {
    isWanted: () => !socket.destroyed,
    onConnect(server) {
      if (proxyProtocol) server.write(encodeProxyHeader(endsOf(connection)));
      watchServerFlight(server, sessionId, (seen) => {
        if (seen.kind === 'hello') connection.negotiated = seen.negotiated;
        else if (seen.kind === 'alert') {
          const alert = findAlert(seen.alert.code)?.name as AlertName | undefined;
          connection.fail(`upstream/${seen.alert.name}`, alert);
        } else connection.fail('upstream/not-tls');
      });
      server.once('close', () => {
        if (connection.negotiated === undefined) connection.fail('upstream/closed');
      });
      joinSockets(socket, server);
    },
    onFailed: (reason) => more.onFailed(reason),
  });
}
