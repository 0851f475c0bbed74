/** One log line for each request: who, what, how much, how long, over which TLS. Never a secret. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import { findConnection } from '../../door/door-connection.ts';
import { groupName } from '../../tls/groups.ts';

const maxPathLength = 300;

/** @param clientOf the identity, known once the request was authenticated */
export function logRequest(
  logger: Logger,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  clientOf: () => string | undefined,
): void {
  const startMs = performance.now();
  const { socket } = request;
  const { bytesRead, bytesWritten } = socket;
  const from = socket.remoteAddress;
  const tls = tlsFacts(request);
  response.once('close', () => {
    logger.info(
      {
        client: clientOf() ?? null,
        from,
        verb: request.method,
        // The query says nothing that the verb does not, and may hold what should not be kept.
        path: (request.url ?? '').split('?')[0]?.slice(0, maxPathLength),
        status: response.headersSent ? response.statusCode : null,
        complete: response.writableFinished,
        bytesIn: socket.bytesRead - bytesRead,
        bytesOut: socket.bytesWritten - bytesWritten,
        ms: Math.round((performance.now() - startMs) * 10) / 10,
        tls,
      },
      'request',
    );
  });
}

/** Version, suite and group of a request's connection. */
export function tlsFacts(
  request: IncomingMessage,
): { version: string | null; cipher: string; group: string | null; resumed: boolean } | undefined {
  const { socket } = request;
  if (!(socket instanceof TLSSocket)) return undefined;
  const group = findConnection(socket)?.negotiated?.group;
  return {
    version: socket.getProtocol(),
    cipher: socket.getCipher().standardName,
    group: group === undefined ? null : groupName(group),
    resumed: socket.isSessionReused(),
  };
}
