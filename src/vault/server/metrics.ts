/**
 * What a door and a vault count, as Prometheus metrics. They are fed by the records of connections
 * and by a few readings that are taken when somebody asks. docs/guide/metrics.md describes each one;
 * a test holds that none is missing there. Every label has a bounded number of values.
 */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ConnectionObserver, ConnectionRecord } from '../../door/connection.ts';
import { findGroup } from '../../tls/groups.ts';
import { bestVersion } from '../../tls/offer.ts';
import { findVersion } from '../../tls/versions.ts';

/** Reasons come from the outside in part (OpenSSL's codes): the first ones keep their name. */
const maxReasons = 60;
const other = 'other';
const none = 'none';
/** A handshake takes 0.5 ms of work and one or two round trips. */
const handshakeBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Readings that are taken when the metrics are asked for; each must be cheap. */
export interface MetricsReadings {
  /** Connections that are open, and those of them whose handshake is not over. */
  readonly connections?: () => { readonly open: number; readonly halfOpen: number };
  /** How old the oldest entry is that the ledger has not written yet, in milliseconds; 0 for none. */
  readonly ledgerLagMs?: () => number;
  /** The storage as last measured; undefined before the first time. */
  readonly storage?: () => StorageReading | undefined;
}

export interface StorageReading {
  readonly repositories: number;
  /** Bytes that repositories take. */
  readonly usedBytes: number;
  /** Bytes that are free where they lie. */
  readonly freeBytes: number;
}

export interface Metrics {
  readonly observer: ConnectionObserver;
  /** A client came back with less than it had proved: refused, and suspected of a downgrade. */
  countDowngrade(): void;
  /** A message to an owner was sent, or not. */
  countNotice(channel: 'webhook' | 'email', result: 'sent' | 'failed'): void;
  /** Registered names, for the test of their documentation. */
  names(): string[];
  readonly contentType: string;
  /** The exposition text. */
  text(): Promise<string>;
}

/** @param options.processMetrics memory, CPU and event loop of this process as well */
export function createMetrics(
  readings: MetricsReadings = {},
  { processMetrics = true }: { processMetrics?: boolean } = {},
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const connections = new Counter({
    name: 'sealift_connections_total',
    help: 'Connections that are over, by what came of them.',
    labelNames: ['listener', 'verdict', 'version', 'group'],
    registers,
  });
  const handshake = new Histogram({
    name: 'sealift_handshake_seconds',
    help: 'Time from the complete hello to the end of the handshake.',
    labelNames: ['listener'],
    buckets: handshakeBuckets,
    registers,
  });
  const refused = new Counter({
    name: 'sealift_refused_total',
    help: 'Connections that were refused or failed, by reason and alert.',
    labelNames: ['listener', 'verdict', 'reason', 'alert'],
    registers,
  });
  const bytes = new Counter({
    name: 'sealift_bytes_total',
    help: 'Bytes of connections that are over, as seen from this side.',
    labelNames: ['listener', 'direction'],
    registers,
  });
  const downgrades = new Counter({
    name: 'sealift_suspected_downgrades_total',
    help: 'Requests refused because the client had proved a higher version before.',
    registers,
  });
  const notices = new Counter({
    name: 'sealift_notices_total',
    help: 'Messages to owners of clients.',
    labelNames: ['channel', 'result'],
    registers,
  });
  addReadings(readings, registers);
  const reasons = boundedNames(maxReasons);
  return {
    observer: {
      onEnd(record) {
        const { listener, outcome } = record;
        connections.inc({
          listener,
          verdict: outcome,
          version: versionLabel(record),
          group: groupLabel(record),
        });
        if (record.handshakeMs !== undefined)
          handshake.observe({ listener }, record.handshakeMs / 1000);
        if (['brownout', 'refused', 'failed', 'not-tls'].includes(outcome)) {
          const reason = record.reason === undefined ? none : reasons(record.reason);
          refused.inc({ listener, verdict: outcome, reason, alert: record.alert ?? none });
        }
        bytes.inc({ listener, direction: 'in' }, record.bytesRead);
        bytes.inc({ listener, direction: 'out' }, record.bytesWritten);
      },
    },
    countDowngrade: () => downgrades.inc(),
    countNotice: (channel, result) => notices.inc({ channel, result }),
    names: () => registry.getMetricsAsArray().map(({ name }) => name),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

function addReadings(readings: MetricsReadings, registers: Registry[]): void {
  const gauge = (name: string, help: string, read: () => number | undefined): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const value = read();
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  };
  const { connections, ledgerLagMs, storage } = readings;
  if (connections !== undefined) {
    gauge('sealift_open_connections', 'Connections that are open now.', () => connections().open);
    gauge(
      'sealift_half_open_connections',
      'Open connections whose handshake is not over.',
      () => connections().halfOpen,
    );
  }
  if (ledgerLagMs !== undefined)
    gauge(
      'sealift_ledger_lag_seconds',
      'Age of the oldest entry that is not in the ledger on disk yet.',
      () => ledgerLagMs() / 1000,
    );
  if (storage === undefined) return;
  gauge('sealift_repositories', 'Repositories, as last counted.', () => storage()?.repositories);
  gauge(
    'sealift_storage_bytes',
    'Bytes that repositories take, as last counted.',
    () => storage()?.usedBytes,
  );
  gauge(
    'sealift_storage_free_bytes',
    'Bytes that are free where the repositories lie, as last counted.',
    () => storage()?.freeBytes,
  );
}

/** What was negotiated, else the best that was offered. */
function versionLabel({ negotiated, offer }: ConnectionRecord): string {
  const code = negotiated?.version ?? (offer === undefined ? undefined : bestVersion(offer));
  if (code === undefined) return none;
  return findVersion(code)?.name ?? other;
}

function groupLabel({ negotiated }: ConnectionRecord): string {
  const code = negotiated?.group;
  if (code === undefined) return none;
  return findGroup(code)?.name ?? other;
}

/** Keeps the first names it is given, and calls all later ones `other`. */
function boundedNames(max: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    const plain = name.slice(0, 80);
    if (known.has(plain)) return plain;
    if (known.size >= max) return other;
    known.add(plain);
    return plain;
  };
}
