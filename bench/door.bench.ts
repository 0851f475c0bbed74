/**
 * Question: what does the door cost, beside Node's own `tls.createServer` with the same settings?
 *
 *     node bench/door.bench.ts [--rounds 27] [--handshakes 400] [--mib 96] [--idle 4000]
 *       [--only bulk] [--reading look|script]
 *
 * Both servers run in processes of their own and are asked in turn, round by round, by the clients of
 * this process. What counts is the processor time of the server for each handshake and each byte: it
 * depends less on what else the machine does than the clock. Memory is what stays resident after a
 * collection. A ratio is bare Node's cost by the door's in the same round: 1 is as cheap, 0.85 is 15 %
 * fewer. Rounds are short and many, since the speed of a shared processor changes within seconds, and
 * the median of their ratios is the answer; bulk varies most and has three times as many.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { cpus } from 'node:os';
import tls from 'node:tls';
import { parseArgs } from 'node:util';
import { createDoor } from '../src/door/door.ts';
import { getBaseline } from '../src/tls/baselines.ts';
import { contextOptions } from '../src/tls/policy.ts';
import { judgeOf, planOf } from '../test/support/door.ts';
import { makeSelfSigned } from '../test/support/self-signed.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '27' },
    handshakes: { type: 'string', default: '400' },
    mib: { type: 'string', default: '96' },
    /** Connections: few would weigh the heap's own steps. */
    idle: { type: 'string', default: '4000' },
    /** Questions whose name holds this. */
    only: { type: 'string', default: '' },
    /** How the door comes to its hello. */
    reading: { type: 'string', default: 'look' },
  },
});
const mib = 1024 ** 2;
const policy = getBaseline('intermediate');
const parallel = 8;
const secureContext = tls.createSecureContext();

interface ServerState {
  /** Microseconds of processor time since the process began. */
  readonly cpu: number;
  readonly rss: number;
}

interface Server {
  readonly name: string;
  readonly port: number;
  state(question?: 'state' | 'collect'): Promise<ServerState>;
  stop(): void;
}

if (positionals[0] === undefined) await compare();
else await serve(positionals[0], JSON.parse(positionals[1] ?? ''));

/** The child's part. */
async function serve(kind: string, identity: { cert: string; key: string }): Promise<void> {
  const onSecure = (socket: tls.TLSSocket): void => {
    socket.on('error', () => {});
    socket.resume();
  };
  let port: number;
  if (kind === 'door') {
    const door = await createDoor({
      listen: { host: '127.0.0.1', port: 0 },
      judge: judgeOf(planOf(policy)),
      limits: { maxHalfOpenPerAddress: 10_000 },
      helloReading: values.reading === 'script' ? 'script' : 'look',
      serve: { kind: 'terminate', secureContextOptions: () => identity, onSecure },
    });
    ({ port } = door);
  } else {
    const server = tls.createServer({ ...contextOptions(policy), ...identity }, onSecure);
    server.on('tlsClientError', () => {});
    server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 });
    await once(server, 'listening');
    // A server that listens on a host and port has an AddressInfo.
    ({ port } = server.address() as AddressInfo);
  }
  process.on('message', (message) => {
    // Not before what is timed: a full collection throws compiled code away.
    if (message === 'collect') globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: user + system, rss: process.memoryUsage().rss });
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ port });
}

async function compare(): Promise<void> {
  const identity = await makeSelfSigned('ecdsa-p256');
  const servers = [await start('bare', identity), await start('door', identity)];
  const handshakes = Number(values.handshakes);
  const bytes = Number(values.mib) * mib;
  // TLS 1.2 wants the curve of the certificate, too.
  const modern: tls.ConnectionOptions = { ecdhCurve: 'X25519:P-256' };
  const older: tls.ConnectionOptions = { ...modern, maxVersion: 'TLSv1.2' };
  const questions: readonly (readonly [string, string, (server: Server) => Promise<number>])[] = [
    ...([
      ['full handshake, TLS 1.3', 'µs', (server) => shake(server, handshakes, modern)],
      ['full handshake, TLS 1.3, hybrid', 'µs', (server) => shake(server, handshakes, {})],
      ['full handshake, TLS 1.2', 'µs', (server) => shake(server, handshakes, older)],
      ['resumed, TLS 1.3', 'µs', (server) => resume(server, handshakes, modern)],
      ['resumed, TLS 1.2', 'µs', (server) => resume(server, handshakes, older)],
      ['bulk, 1 connection', 'ms/GiB', (server) => pour(server, bytes, 1)],
      ['bulk, 8 connections', 'ms/GiB', (server) => pour(server, bytes, 8)],
    ] as const satisfies readonly (readonly [string, string, (s: Server) => Promise<number>])[]),
  ];
  console.log(`Node ${process.version}, OpenSSL ${process.versions.openssl}, ${cpus()[0]?.model}`);
  console.log(
    'server cost'.padEnd(36),
    'bare'.padStart(9),
    'door'.padStart(9),
    '  bare/door: median of the rounds (quarter, three quarters)',
  );
  try {
    // A server runs for days: its code is compiled before anything counts.
    for (const server of servers) await shake(server, 10 * handshakes, modern);
    for (const [name, unit, ask] of questions.filter(([name]) => name.includes(values.only))) {
      const costs: number[][] = [[], []];
      for (const server of servers) await ask(server);
      const rounds = Number(values.rounds) * (name.startsWith('bulk') ? 3 : 1);
      for (let round = 0; round < rounds; round += 1) {
        // Who begins changes, so that neither always finds the machine as the other left it.
        for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) {
          const server = servers[index];
          if (server !== undefined) costs[index]?.push(await ask(server));
        }
      }
      report(`${name}, ${unit}`, costs);
    }
  } finally {
    for (const server of servers) server.stop();
  }
  if (!'idle connection'.includes(values.only)) return;
  const idle: number[][] = [[], []];
  for (let round = 0; round < 3; round += 1) {
    for (const [index, kind] of ['bare', 'door'].entries()) {
      const server = await start(kind, identity);
      idle[index]?.push(await rest(server, Number(values.idle)));
      server.stop();
    }
  }
  report('idle connection, KiB', idle);
}

function report(name: string, [bare = [], door = []]: readonly number[][]): void {
  const ratios = bare.map((cost, round) => cost / (door[round] ?? cost));
  const columns = [bare, door]
    .map((costs) => quantile(costs, 0.5).toFixed(1).padStart(9))
    .join(' ');
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(ratios, share).toFixed(2));
  console.log(`${name.padEnd(36)} ${columns}   ${middle} (${low}, ${high})`);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}

async function start(name: string, identity: object): Promise<Server> {
  const child = fork(
    import.meta.filename,
    [name, JSON.stringify(identity), '--reading', values.reading],
    {
      execArgv: ['--expose-gc'],
    },
  );
  const [{ port }] = await once(child, 'message');
  return {
    name,
    port,
    async state(question = 'state') {
      child.send(question);
      const [state] = await once(child, 'message');
      return state;
    },
    stop: () => child.disconnect(),
  };
}

/** The server's processor time for a job, in microseconds. */
async function cost(server: Server, job: () => Promise<unknown>): Promise<number> {
  const before = await server.state();
  await job();
  return (await server.state()).cpu - before.cpu;
}

function connect({ port }: Server, options: tls.ConnectionOptions): tls.TLSSocket {
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  socket.on('error', () => {});
  return socket;
}

async function inParallel(count: number, job: () => Promise<void>): Promise<void> {
  let left = count;
  const workers = Array.from({ length: parallel }, async () => {
    while (left > 0) {
      left -= 1;
      await job();
    }
  });
  await Promise.all(workers);
}

async function handshake(server: Server, options: tls.ConnectionOptions): Promise<void> {
  const socket = connect(server, options);
  await once(socket, 'secureConnect');
  socket.resume().end();
  await once(socket, 'close');
}

/** Microseconds for each full handshake. */
async function shake(
  server: Server,
  count: number,
  options: tls.ConnectionOptions,
): Promise<number> {
  const shared =
    Object.keys(options).length === 0 ? { secureContext } : { secureContext: contextOf(options) };
  const used = await cost(server, () => inParallel(count, () => handshake(server, shared)));
  return used / count;
}

/** Making a context for each connection would be the client's cost, not the server's, but slow. */
function contextOf(options: tls.ConnectionOptions): tls.SecureContext {
  return tls.createSecureContext(options as tls.SecureContextOptions);
}

/** Microseconds for each resumed handshake, of a session that one full handshake gave. */
async function resume(
  server: Server,
  count: number,
  options: tls.ConnectionOptions,
): Promise<number> {
  const shared = { secureContext: contextOf(options) };
  const first = connect(server, shared);
  const [session] = (await once(first, 'session')) as [Buffer];
  first.destroy();
  const used = await cost(server, () =>
    inParallel(count, async () => {
      const socket = connect(server, { ...shared, session });
      await once(socket, 'secureConnect');
      if (!socket.isSessionReused()) throw new Error(`${server.name} did not resume`);
      socket.resume().end();
      await once(socket, 'close');
    }),
  );
  return used / count;
}

/** Milliseconds for each GiB that clients send. */
async function pour(server: Server, bytes: number, connections: number): Promise<number> {
  const chunk = Buffer.alloc(256 * 1024, 'sealift');
  const used = await cost(server, () =>
    Promise.all(
      Array.from({ length: connections }, async () => {
        const socket = connect(server, { secureContext });
        await once(socket, 'secureConnect');
        for (let sent = 0; sent < bytes / connections; sent += chunk.byteLength) {
          if (!socket.write(chunk)) await once(socket, 'drain');
        }
        socket.resume().end();
        await once(socket, 'close');
      }),
    ),
  );
  return used / 1000 / (bytes / 1024 / mib);
}

/** KiB of resident memory for each connection that has shaken hands and is silent. */
async function rest(server: Server, count: number): Promise<number> {
  const sockets: tls.TLSSocket[] = [];
  // What the first connections make is not theirs alone.
  await inParallel(200, () => handshake(server, { secureContext }));
  const before = await server.state('collect');
  await inParallel(count, async () => {
    const socket = connect(server, { secureContext });
    sockets.push(socket);
    await once(socket, 'secureConnect');
  });
  const after = await server.state('collect');
  for (const socket of sockets) socket.destroy();
  return (after.rss - before.rss) / count / 1024;
}
