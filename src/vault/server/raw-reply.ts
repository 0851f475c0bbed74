/** Replies whose body is written by the handler itself, piece by piece. */

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** Takes the reply over and sends its head, with the headers that hooks have set. */
export function startReply(
  reply: FastifyReply,
  status: number,
  headers: OutgoingHttpHeaders,
): ServerResponse {
  const { raw } = reply;
  reply.hijack();
  const gathered = Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined);
  raw.writeHead(status, { ...Object.fromEntries(gathered), ...headers });
  return raw;
}
