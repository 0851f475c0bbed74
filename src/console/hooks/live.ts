/**
 * Keeps pages up with the vault by its server-sent events: each says what has to be read again. A lost
 * connection is shown, tried again with growing pauses, and afterwards everything is read anew.
 */

import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { apiPrefix, type RouteId } from '../../vault/api/contract.ts';
import { type EventTopic, eventTopics } from '../../vault/api/schemas/events.ts';
import { renew } from './queries.ts';
import { RenewalRounds } from './renewal-rounds.ts';

export type LiveState = 'connecting' | 'live' | 'lost';

const clientViews = ['getOverview', 'listClients', 'getClient'] as const;
const planViews = [
  ...(['getPolicy', 'listRevisions', 'listExemptions', 'getCalendar'] as const),
  ...clientViews,
] as const;

/** What each event makes old. */
const renewals: Readonly<Record<EventTopic, readonly RouteId[]>> = {
  hello: [],
  reset: [],
  'client-seen': [...clientViews, 'listHandshakes'],
  'backup-arrived': [...clientViews, 'listBackups', 'getStorage', 'getGrowth'],
  refusal: [...clientViews, 'listHandshakes'],
  'policy-changed': [...planViews, 'listAudit', 'getVault'],
  'invite-used': [...clientViews, 'listInvites', 'listCertificates'],
  'clients-changed': [...clientViews, 'getClientDoctor', 'listAudit'],
  'accounts-changed': ['listUsers', 'listLogins', 'listInvites', 'listAudit'],
  'storage-measured': ['getStorage', 'getGrowth', 'getVault', 'getOverview'],
  'scrub-changed': ['listScrubs', 'getOverview', 'getVault'],
  'drill-done': clientViews,
};

const firstPauseMs = 1000;
const longestPauseMs = 20_000;

let state: LiveState = 'connecting';
const listeners = new Set<() => void>();

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

/** Follows the vault while the component that calls it is there. */
export function useLive(): void {
  const client = useQueryClient();
  useEffect(() => follow(client), [client]);
}

function follow(client: QueryClient): () => void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = firstPauseMs;
  const renewing = new RenewalRounds<RouteId>((routes) => renew(client, routes));

  const connect = (): void => {
    source = new EventSource(`${apiPrefix}/events`);
    source.addEventListener('open', () => {
      const wasLost = state === 'lost';
      pauseMs = firstPauseMs;
      publish('live');
      // Whatever happened in between was not told.
      if (wasLost) void client.invalidateQueries();
    });
    for (const topic of eventTopics)
      source.addEventListener(topic, () => renewing.add(renewals[topic]));
    source.addEventListener('reset', () => void client.invalidateQueries());
    source.addEventListener('error', () => {
      publish('lost');
      // The browser's own retries end for good on some answers; these do not.
      source?.close();
      clearTimeout(retry);
      retry = setTimeout(connect, pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      // A session that has ended looks the same from here: this tells them apart.
      void renew(client, ['getSession']);
    });
  };

  const hurry = (): void => {
    if (state !== 'lost') return;
    clearTimeout(retry);
    pauseMs = firstPauseMs;
    source?.close();
    connect();
  };

  publish('connecting');
  connect();
  addEventListener('online', hurry);
  addEventListener('focus', hurry);
  return () => {
    removeEventListener('online', hurry);
    removeEventListener('focus', hurry);
    source?.close();
    clearTimeout(retry);
    renewing.stop();
  };
}

function publish(next: LiveState): void {
  if (state === next) return;
  state = next;
  for (const listener of listeners) listener();
}
