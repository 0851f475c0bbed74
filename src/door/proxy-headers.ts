/** What a reverse proxy does to the headers of a request and of an answer. */

import { isIPv6 } from 'node:net';

export type Headers = Record<string, string | string[]>;

/** Of one connection only (RFC 9110 §7.6.1), besides those that `Connection` names. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What a client says of itself is not believed: the door is the first that knows. */
const ofProxies = /^(?:forwarded|x-forwarded-.*|x-real-ip)$/;

export interface Forwarding {
  readonly address: string;
  readonly host: string | undefined;
}

/**
 * The headers for the upstream: `X-Forwarded-For`, `X-Forwarded-Proto` and `Forwarded` (RFC 7239) are the
 * door's own; a body keeps its framing.
 */
export function requestHeaders(raw: readonly string[], { address, host }: Forwarding): Headers {
  const received = endToEnd(raw);
  const headers = Object.fromEntries(
    Object.entries(received).filter(([name]) => !ofProxies.test(name) && name !== 'expect'),
  );
  const node = isIPv6(address) ? `"[${address}]"` : address;
  const byHost = host === undefined ? '' : `;host="${host.replaceAll(/["\\]/g, '\\$&')}"`;
  return {
    ...headers,
    'x-forwarded-for': address,
    'x-forwarded-proto': 'https',
    forwarded: `for=${node};proto=https${byHost}`,
  };
}

/** Headers without those of one connection, names in lower case, repeated ones as lists. */
export function endToEnd(raw: readonly string[]): Headers {
  const headers: Headers = {};
  const named = new Set<string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]?.toLowerCase() ?? '';
    const value = raw[index + 1] ?? '';
    if (name === 'connection')
      for (const one of value.split(',')) named.add(one.trim().toLowerCase());
    if (hopByHop.has(name)) continue;
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  // `Connection: content-length` would change how the body is read.
  named.delete('content-length');
  named.delete('host');
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !named.has(name)));
}
