/** Behind a door that ends TLS: the plain bytes go on to another server, who may learn the client. */

import type { TLSSocket } from 'node:tls';
import { type Connection, endsOf } from './door-connection.ts';
import { joinSockets } from './join-streams.ts';
import { encodeProxyHeader, type ProxyTls } from './proxy-protocol.ts';
import { connectUpstream, type Upstream } from './upstream.ts';

export interface StreamProxyOptions {
  readonly upstream: Upstream;
  /** Begins with a PROXY protocol header (version 2), which the upstream must expect. */
  readonly proxyProtocol: boolean;
  readonly connectMs: number;
}

/** An `onSecure` for `allowHalfOpen: true`. */
export function streamProxy({ upstream, proxyProtocol, connectMs }: StreamProxyOptions) {
  return (socket: TLSSocket, connection: Connection): void => {
    socket.setNoDelay(true);
    connectUpstream(upstream, connectMs, {
      isWanted: () => !socket.destroyed,
      onConnect(server) {
        if (proxyProtocol) server.write(encodeProxyHeader(endsOf(connection), tlsOf(socket)));
        joinSockets(socket, server);
      },
      onFailed(reason) {
        connection.mark({ outcome: 'failed', reason });
        socket.destroy();
      },
    });
  };
}

function tlsOf(socket: TLSSocket): ProxyTls {
  const subject = socket.getPeerX509Certificate()?.toLegacyObject().subject;
  const commonName = subject?.CN;
  return {
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    alpn: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : undefined,
    serverName: typeof socket.servername === 'string' ? socket.servername : undefined,
    commonName: Array.isArray(commonName) ? commonName[0] : commonName,
    verified: socket.authorized,
  };
}
