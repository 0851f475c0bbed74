/** What the handlers of the API work with; api.ts puts it together. */

import type { Logger } from 'pino';
import type { Clock } from '../../../base/time.ts';
import type { Authenticator } from '../../accounts/authenticator.ts';
import type { SessionLimits } from '../../accounts/console-sessions.ts';
import type { FailureLimit } from '../../accounts/failure-limit.ts';
import type { Throttle } from '../../accounts/throttle.ts';
import { writeAudit } from '../../audit/audit-log.ts';
import type { VaultConfig } from '../../config.ts';
import type { VaultPaths } from '../../data-folder.ts';
import type { VaultDatabase } from '../../database/database.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { PolicyKeeper } from '../../server/policy-keeper.ts';
import type { StorageMeter } from '../../server/storage-meter.ts';
import type { TlsKeeper } from '../../server/tls-keeper.ts';
import type { TagBook } from '../../tags/client-tags.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { GuardedCall } from '../server/api-routes.ts';

export interface ApiParts {
  readonly database: VaultDatabase;
  readonly authenticator: Authenticator;
  readonly throttle: Throttle;
  /** Of signing in, by network. */
  readonly failures: FailureLimit;
  readonly ledger: Ledger;
  readonly policy: PolicyKeeper;
  readonly storage: StorageMeter;
  readonly tls: TlsKeeper;
  readonly tags: TagBook;
  readonly hub: EventHub;
  readonly paths: VaultPaths;
  /** The repositories' folder. */
  readonly root: string;
  readonly config: () => VaultConfig;
  readonly limits: () => SessionLimits;
  /** Known once the door listens. */
  readonly addresses: () => VaultAddresses;
  readonly connections: () => { readonly open: number; readonly halfOpen: number };
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface VaultAddresses {
  readonly url: string;
  readonly preview: { readonly url: string; readonly at: number } | undefined;
}

export interface Change {
  readonly action: string;
  readonly target: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly reason?: string | undefined;
}

/** Notes a change in the audit log as made by the caller. @param database a transaction with the change */
export async function audit(
  parts: Pick<ApiParts, 'clock'>,
  { caller, address }: GuardedCall,
  { database, ...change }: Change & { readonly database: VaultDatabase },
): Promise<void> {
  await writeAudit(database, {
    ...change,
    ...{ atMs: parts.clock.now(), by: caller.user, role: caller.role, via: caller.via, address },
  });
}

/** RFC 3339, UTC. */
export function momentOf(ms: number): string {
  return new Date(ms).toISOString();
}

export function momentOrNull(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : momentOf(ms);
}
