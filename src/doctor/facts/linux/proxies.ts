/** Proxies that the environment names for programs of Unix. */

import type { FactsDocument } from '../facts.ts';

const names = ['https_proxy', 'http_proxy', 'HTTPS_PROXY', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'];

export function proxiesOf(
  environment: Readonly<Record<string, string | undefined>>,
): NonNullable<FactsDocument['proxies']> {
  return names.flatMap((name) => {
    const server = environment[name];
    if (server === undefined || server === '') return [];
    return [
      {
        scope: 'environment' as const,
        server: withoutPassword(server),
        enabled: true,
        source: { file: name },
      },
    ];
  });
}

/**
 * A name and a password in the address of a proxy are no facts of TLS.
 * @param servers one address, or Windows' list: `http=a:80;https=b:80`
 */
export function withoutPassword(servers: string): string {
  return servers
    .split(';')
    .map((server) => server.replace(/^((?:\w+=)?(?:\w+:\/\/)?)[^/]*@/, '$1'))
    .join(';');
}
