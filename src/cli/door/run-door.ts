/** A door as the command line starts it: what is judged, what stands behind it, what is remembered. */

import type { TLSSocket } from 'node:tls';
import { messageOf } from '../../base/errors.ts';
import { systemClock } from '../../base/time.ts';
import type { ConnectionObserver, ConnectionRecord } from '../../door/connection.ts';
import type { Door, DoorOptions, Judge, ListenAddress } from '../../door/door.ts';
import { createDoor } from '../../door/door.ts';
import type { Connection } from '../../door/door-connection.ts';
import { fileTicketStore } from '../../door/file-ticket-store.ts';
import { type DoorLimits, defaultLimits } from '../../door/limits.ts';
import { httpProxy } from '../../door/proxy-http.ts';
import { streamProxy } from '../../door/proxy-stream.ts';
import { TicketKeys, type TicketStore } from '../../door/ticket-keys.ts';
import type { Upstream } from '../../door/upstream.ts';
import { certificateTypes } from '../../tls/certificate-types.ts';
import { judge } from '../../tls/retirement/judge.ts';
import { inNetwork, type Network } from '../../tls/retirement/networks.ts';
import type { Plan } from '../../tls/retirement/plan.ts';
import type { Ledger } from '../../vault/ledger/ledger.ts';
import { createMetrics, type Metrics } from '../../vault/server/metrics.ts';
import { listenForMetrics, type MetricsListener } from '../../vault/server/metrics-listener.ts';
import {
  type CertificateFiles,
  type DoorCertificate,
  readDoorCertificate,
} from './door-certificate.ts';
import { readDoorPlan } from './door-plan.ts';

export interface DoorSettings {
  readonly listen: ListenAddress;
  readonly preview: { readonly listen: ListenAddress; readonly atMs: number } | undefined;
  readonly upstream: Upstream;
  /** A baseline's name or a file. */
  readonly policy: string;
  /** Undefined passes TLS through. */
  readonly certificate: CertificateFiles | undefined;
  readonly speaks: 'stream' | 'http';
  /** The upstream is told by a PROXY header. */
  readonly proxyProtocol: boolean;
  readonly trustedProxies: readonly Network[];
  readonly ledger: Ledger | undefined;
  readonly metricsListen: ListenAddress | undefined;
  /** Where ticket keys are kept; in memory when left out. */
  readonly ticketFile: string | undefined;
  /** What is not named is `defaultLimits`. */
  readonly limits: Partial<DoorLimits>;
  readonly onRecord: (record: ConnectionRecord) => void;
  readonly onProblem: (message: string) => void;
}

export interface RunningFront {
  readonly door: Door;
  /** `http://host:port/metrics` */
  readonly metricsUrl: string | undefined;
  /** Plan and certificate anew. What is wrong is told, and what was before stays in use. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Requests and streams in flight may take this long when the door is asked to stop. */
const graceMs = 10_000;
const ticketCheckMs = 60_000;
const httpOnly = ['http/1.1'];

/** What a reload replaces; read by the door whenever it needs it. */
interface Current {
  plan: Plan;
  certificate: DoorCertificate | undefined;
}

/** @throws SealiftError `usage/invalid` | `tls/policy` | `door/certificate` | `door/listen` */
export async function runDoor(settings: DoorSettings): Promise<RunningFront> {
  const { certificate: files, policy, onProblem } = settings;
  const current: Current = {
    plan: await readDoorPlan(policy),
    certificate: files && (await readDoorCertificate(files)),
  };
  const tickets = await openTickets(settings);
  const behind = behindDoor(settings, current, tickets);
  const metrics = createMetrics(
    {
      connections: () => ({ open: door.openCount, halfOpen: door.halfOpenCount }),
      ledgerLagMs: () => settings.ledger?.lagMs ?? 0,
    },
    { processMetrics: settings.metricsListen !== undefined },
  );
  const door: Door = await createDoor({
    listen: settings.listen,
    judge: judgeAt(settings, current, () => Date.now()),
    ...(settings.preview && {
      preview: {
        listen: settings.preview.listen,
        judge: judgeAt(settings, current, () => settings.preview?.atMs ?? Date.now()),
      },
    }),
    serve: behind.serve,
    limits: settings.limits,
    ...(settings.trustedProxies.length > 0 && {
      isTrustedProxy: (address) =>
        settings.trustedProxies.some((network) => inNetwork(address, network)),
    }),
    observer: observerOf(settings, metrics.observer),
    onProblem: (error) => onProblem(messageOf(error)),
  });
  const metricsListener = await openMetrics(settings, metrics, door);
  const timer = setInterval(() => {
    tickets.refresh().then(
      (isNew) => isNew && door.reload(),
      (error: unknown) => onProblem(messageOf(error)),
    );
  }, ticketCheckMs).unref();
  return {
    door,
    metricsUrl: metricsListener?.url,
    reload: () => reload({ settings, current, door }),
    async close() {
      clearInterval(timer);
      behind.close();
      await door.close(graceMs);
      await metricsListener?.close();
    },
  };
}

async function reload({
  settings,
  current,
  door,
}: {
  readonly settings: DoorSettings;
  readonly current: Current;
  readonly door: Door;
}): Promise<void> {
  const { policy, certificate: files, onProblem } = settings;
  try {
    current.plan = await readDoorPlan(policy);
  } catch (error) {
    onProblem(messageOf(error));
  }
  const before = current.certificate;
  try {
    if (files !== undefined) current.certificate = await readDoorCertificate(files);
    door.reload();
  } catch (error) {
    current.certificate = before;
    onProblem(messageOf(error));
  }
}

function judgeAt(settings: DoorSettings, current: Current, now: () => number): Judge {
  const { ledger, speaks } = settings;
  return (offer, caller) =>
    judge(
      offer,
      {
        address: caller.address,
        get fingerprint() {
          return caller.fingerprint;
        },
        get clients() {
          return ledger?.whoIs(caller.address, caller.fingerprint) ?? [];
        },
        tags: [],
      },
      current.plan,
      now(),
      {
        // Whatever certificate the upstream has: the door does not decide by it.
        certificates: current.certificate?.types ?? certificateTypes,
        ...(current.certificate !== undefined && speaks === 'http' && { alpn: httpOnly }),
      },
    );
}

function behindDoor(
  settings: DoorSettings,
  current: Current,
  tickets: TicketKeys,
): { readonly serve: DoorOptions['serve']; close(): void } {
  const { upstream, speaks, proxyProtocol } = settings;
  if (current.certificate === undefined) {
    return { serve: { kind: 'pass-through', upstream, proxyProtocol }, close: () => {} };
  }
  const { connectMs } = defaultLimits;
  const http = speaks === 'http' ? httpProxy({ upstream, connectMs }) : undefined;
  const next = http?.onSecure ?? streamProxy({ upstream, proxyProtocol, connectMs });
  return {
    serve: {
      kind: 'terminate',
      secureContextOptions() {
        const { cert, key, ca } = current.certificate ?? {};
        return {
          ...(cert !== undefined && { cert }),
          ...(key !== undefined && { key }),
          ...(ca !== undefined && { ca }),
          ticketKeys: tickets.current,
        };
      },
      serverOptions: {
        requestCert: settings.certificate?.clientCa !== undefined,
        rejectUnauthorized: true,
        ...(speaks === 'http' && { ALPNProtocols: httpOnly }),
      },
      allowHalfOpen: speaks === 'stream',
      softRefuse: speaks === 'http' ? 'serve' : 'alert',
      onSecure(socket, connection) {
        identify(socket, connection);
        next(socket, connection);
      },
    },
    close: () => http?.close(),
  };
}

function identify(socket: TLSSocket, connection: Connection): void {
  if (!socket.authorized) return;
  const { CN: name } = socket.getPeerCertificate().subject ?? {};
  const first = Array.isArray(name) ? name[0] : name;
  if (first !== undefined) connection.identify({ kind: 'certificate', name: first });
}

/** A door whose metrics cannot be served does not begin either. */
async function openMetrics(
  { metricsListen }: DoorSettings,
  metrics: Metrics,
  door: Door,
): Promise<MetricsListener | undefined> {
  if (metricsListen === undefined) return undefined;
  try {
    return await listenForMetrics(metrics, metricsListen);
  } catch (error) {
    await door.close(0);
    throw error;
  }
}

function observerOf(
  { ledger, onRecord }: DoorSettings,
  metrics: ConnectionObserver,
): ConnectionObserver {
  return {
    onVerdict(record) {
      ledger?.onVerdict(record);
      metrics.onVerdict?.(record);
    },
    onIdentity: (record) => ledger?.onIdentity(record),
    onEnd(record) {
      ledger?.onEnd(record);
      metrics.onEnd(record);
      onRecord(record);
    },
  };
}

function openTickets({ ticketFile }: DoorSettings): Promise<TicketKeys> {
  const store = ticketFile === undefined ? memoryStore() : fileTicketStore(ticketFile);
  return TicketKeys.open({ store, clock: systemClock });
}

function memoryStore(): TicketStore {
  let kept: Uint8Array | undefined;
  return {
    load: async () => kept,
    async save(bytes) {
      kept = bytes;
    },
  };
}
