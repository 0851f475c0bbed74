/** Named real clients: what each offers with its defaults, and where that is known from. */

import { capturedClients } from './known-clients/captured.ts';
import { dotnetClients } from './known-clients/dotnet.ts';
import { javaClients } from './known-clients/java.ts';
import type { KnownClient } from './known-clients/known-client.ts';
import { opensslClients } from './known-clients/openssl.ts';
import { schannelClients } from './known-clients/schannel.ts';

export const knownClients: readonly KnownClient[] = [
  ...schannelClients,
  ...dotnetClients,
  ...javaClients,
  ...opensslClients,
  ...capturedClients,
];

const byId: ReadonlyMap<string, KnownClient> = new Map(
  knownClients.map((client) => [client.id, client]),
);

/** By id, whatever the case. */
export function findKnownClient(id: string): KnownClient | undefined {
  return byId.get(id.trim().toLowerCase());
}
