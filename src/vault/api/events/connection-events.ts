/** Connections as events: who was seen, who was refused; rarely, whatever somebody does at the door. */

import type { Clock } from '../../../base/time.ts';
import type { ConnectionObserver, ConnectionRecord } from '../../../door/connection.ts';
import { idOf, momentOf, versionOrNull } from '../reads/read-context.ts';
import type { EventHub } from './event-hub.ts';

const seenEveryMs = 60_000;
const refusedEveryMs = 10_000;
const maxKeys = 10_000;

export function connectionEvents(
  hub: EventHub,
  { clock, findNames }: { clock: Clock; findNames: (address: string, ja4: string) => string[] },
): ConnectionObserver {
  const seen = new Map<string, number>();
  const refused = new Map<string, { atMs: number; count: number }>();
  const tellRefusal = (record: ConnectionRecord): void => {
    const { verdict, address, fingerprint = '', client } = record;
    if (record.listener !== 'main') return;
    const names = client === undefined ? findNames(address, fingerprint) : [client.name];
    const name = names.length === 1 ? (names[0] ?? null) : null;
    const key = name ?? `${address}|${fingerprint}`;
    const nowMs = clock.now();
    const before = refused.get(key);
    if (before !== undefined && nowMs - before.atMs < refusedEveryMs) {
      before.count += 1;
      return;
    }
    if (refused.size >= maxKeys) refused.clear();
    refused.set(key, { atMs: nowMs, count: 0 });
    const kind = client?.kind ?? 'address';
    hub.publish('refusal', {
      at: momentOf(nowMs),
      id: idOf({ kind, name: client?.name ?? address, fingerprint }),
      name,
      address,
      fingerprint: fingerprint === '' ? null : fingerprint,
      cause: verdict?.kind === 'refuse' ? verdict.cause : (record.reason ?? record.outcome),
      capabilities: (verdict?.notices ?? []).map(({ capability }) => capability),
      alert: verdict?.kind === 'refuse' ? verdict.alert : null,
      count: (before?.count ?? 0) + 1,
    });
  };
  return {
    onVerdict(record) {
      if (record.verdict?.kind === 'refuse') tellRefusal(record);
    },
    onIdentity({ client, address, negotiated }) {
      if (client === undefined) return;
      const nowMs = clock.now();
      const id = idOf({ ...client, fingerprint: undefined });
      if (nowMs - (seen.get(id) ?? Number.NEGATIVE_INFINITY) < seenEveryMs) return;
      if (seen.size >= maxKeys) seen.clear();
      seen.set(id, nowMs);
      const version = versionOrNull(negotiated?.version);
      hub.publish('client-seen', { at: momentOf(nowMs), id, name: client.name, address, version });
    },
    onEnd(record) {
      const isRefused = record.outcome === 'refused' || record.outcome === 'brownout';
      // A verdict that refuses was told when it fell.
      if (isRefused && record.verdict?.kind !== 'refuse') tellRefusal(record);
    },
  };
}
