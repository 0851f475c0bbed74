/** A door for tests: a certificate of its own, a plan that only has a policy, and a list of what happened. */

import { once } from 'node:events';
import net from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ConnectionRecord } from '../../src/door/connection.ts';
import type { Door, DoorOptions, Judge } from '../../src/door/door.ts';
import { createDoor } from '../../src/door/door.ts';
import type { Connection } from '../../src/door/door-connection.ts';
import type { Terminate } from '../../src/door/terminate.ts';
import type { Policy } from '../../src/tls/policy.ts';
import { judge } from '../../src/tls/retirement/judge.ts';
import type { Plan } from '../../src/tls/retirement/plan.ts';
import type { SelfSignedType } from './self-signed.ts';
import { makeSelfSigned } from './self-signed.ts';

export interface TestDoor {
  readonly door: Door;
  readonly port: number;
  /** One for each connection that is over. */
  readonly records: readonly ConnectionRecord[];
  readonly verdicts: readonly ConnectionRecord[];
  readonly problems: readonly unknown[];
  /** The record of the nth connection that ended, counted from 0; waits for it. */
  ended(index: number): Promise<ConnectionRecord>;
}

export interface TestDoorOptions extends Partial<Omit<DoorOptions, 'serve'>> {
  readonly policy?: Policy;
  readonly certificate?: SelfSignedType;
  readonly serve?: Partial<Terminate>;
}

/** How the doors of a test come to their hellos: test/transport/hello-reading.test.ts runs both ways. */
export const helloReading =
  process.env['SEALIFT_TEST_HELLO_READING'] === 'script' ? 'script' : 'look';

const identities = new Map<SelfSignedType, ReturnType<typeof makeSelfSigned>>();

/** Made once in each process: an RSA key takes a while. */
export function testIdentity(type: SelfSignedType): ReturnType<typeof makeSelfSigned> {
  const known = identities.get(type);
  if (known !== undefined) return known;
  const made = makeSelfSigned(type);
  identities.set(type, made);
  return made;
}

export function planOf(policy: Policy): Plan {
  return {
    ...{ name: policy.name, policy, retirements: [], waves: [], exemptions: [], history: [] },
  };
}

export function judgeOf(plan: Plan, nowMs = 0): Judge {
  return (offer, { address, fingerprint }) =>
    judge(offer, { address, fingerprint, clients: [], tags: [] }, plan, nowMs);
}

/** Collects what an observer hears. */
export function recorder() {
  const records: ConnectionRecord[] = [];
  const verdicts: ConnectionRecord[] = [];
  const waiting: (() => void)[] = [];
  return {
    records,
    verdicts,
    observer: {
      onVerdict: (record: ConnectionRecord): void => {
        verdicts.push(record);
      },
      onEnd: (record: ConnectionRecord): void => {
        records.push(record);
        for (const wake of waiting.splice(0)) wake();
      },
    },
    async ended(index: number): Promise<ConnectionRecord> {
      for (;;) {
        const record = records[index];
        if (record !== undefined) return record;
        await new Promise<void>((wake) => waiting.push(wake));
      }
    },
  };
}

/** A terminating door that echoes, on a free port; it is closed when the test ends. */
export async function startDoor(
  context: { after(cleanUp: () => Promise<void>): void },
  { policy, certificate = 'ecdsa-p256', serve, ...options }: TestDoorOptions & { policy: Policy },
): Promise<TestDoor> {
  const { cert, key } = await testIdentity(certificate);
  const { records, verdicts, observer, ended } = recorder();
  const problems: unknown[] = [];
  const own: Policy = { ...policy, certificates: [certificate] };
  const door = await createDoor({
    listen: { host: '127.0.0.1', port: 0 },
    judge: judgeOf(planOf(own)),
    helloReading,
    observer,
    onProblem: (error) => problems.push(error),
    ...options,
    serve: {
      kind: 'terminate',
      secureContextOptions: () => ({ cert, key }),
      onSecure: echo,
      ...serve,
    },
  });
  context.after(() => door.close(0));
  return { door, port: door.port, records, verdicts, problems, ended };
}

export function echo(socket: TLSSocket, _connection?: Connection): void {
  socket.pipe(socket);
}

/** A raw client that keeps all it is sent, and how the connection ended. */
export async function rawClient(port: number) {
  const socket = net.connect({ host: '127.0.0.1', port });
  const chunks: Buffer[] = [];
  let failure: string | undefined;
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    failure = error.code ?? error.message;
  });
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  await once(socket, 'connect');
  return {
    socket,
    /** Waits for the end of the connection. */
    async end(): Promise<{ readonly received: Buffer; readonly failure: string | undefined }> {
      await closed;
      return { received: Buffer.concat(chunks), failure };
    },
  };
}
