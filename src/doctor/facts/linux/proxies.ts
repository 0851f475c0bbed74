/** Proxies that the environment names for programs of Unix. */

import type { FactsDocument } from '../facts.ts';

const names = ['https_proxy', 'http_proxy', 'HTTPS_PROXY', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'];

export function proxiesOf(
  environment: Readonly<Record<string, string | undefined>>,
): NonNullable<FactsDocument['proxies']> {
  return names.flatMap((name) => {
    const server = environment[name];
    if (server === undefined || server === '') return [];
    // A password in the address is no fact of TLS.
    const shown = server.replace(/\/\/[^@/]*@/, '//');
    return [
      { scope: 'environment' as const, server: shown, enabled: true, source: { file: name } },
    ];
  });
}
