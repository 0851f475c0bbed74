/**
 * The door: reads every ClientHello, asks the judge, then gives the untouched socket to TLS, passes it
 * through to another server, or refuses it with the precise alert. It knows nothing of plans and of the
 * ledger: who judges and who is told are handed in.
 */

import type { AddressInfo } from 'node:net';
import net, { type Socket } from 'node:net';
import { messageOf, SealiftError, systemCodeOf } from '../base/errors.ts';
import { type Clock, systemClock } from '../base/time.ts';
import type { HelloFault } from '../tls/client-hello.ts';
import type { HelloGist } from '../tls/hello-memo.ts';
import { bestVersion, type Offer } from '../tls/offer.ts';
import type { Verdict } from '../tls/retirement/verdict.ts';
import { tls12 } from '../tls/versions.ts';
import type { ConnectionObserver, ConnectionRecord, Outcome } from './connection.ts';
import type { Caller } from './door-connection.ts';
import { attachConnection, connectionOf, DoorConnection, plainAddress } from './door-connection.ts';
import { type DoorLimits, defaultLimits } from './limits.ts';
import { HelloPeeker } from './peek-hello.ts';
import { faultBytes, Refuser, refusalBytes } from './refuse.ts';
import { type PassThrough, type PeekedHello, splice } from './splice.ts';
import { type Terminate, Terminator } from './terminate.ts';

export type Judge = (offer: Offer, caller: Caller) => Verdict;

export interface ListenAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface DoorOptions {
  readonly listen: ListenAddress;
  readonly judge: Judge;
  /** A second listener that serves the same, as it will be judged at another date. */
  readonly preview?: { readonly listen: ListenAddress; readonly judge: Judge };
  readonly serve: Terminate | PassThrough;
  /** Who begins with a PROXY protocol header (and must), by its address. */
  readonly isTrustedProxy?: (address: string) => boolean;
  readonly limits?: Partial<DoorLimits>;
  /**
   * `look` (the rule): a hello is looked at and left in the system's buffer, where that works (Linux,
   * with koffi); `script`: it is always read and put back.
   */
  readonly helloReading?: 'look' | 'script';
  readonly observer?: ConnectionObserver;
  readonly clock?: Clock;
  /** Hears of errors that no client has caused: a context that cannot be made, a judge that throws. */
  readonly onProblem?: (error: unknown) => void;
}

export interface Door {
  readonly host: string;
  readonly port: number;
  readonly preview: ListenAddress | undefined;
  /** Connections that have not said hello. */
  readonly halfOpenCount: number;
  /** All connections, refused ones that are still read from included. */
  readonly openCount: number;
  /**
   * Takes up new certificates and keys for new connections; nothing is dropped.
   * @throws when they cannot be used; then those before stay in use
   */
  reload(): void;
  /** Stops listening, ends what has not said hello, and after the grace all the rest. */
  close(graceMs: number): Promise<void>;
}

/** @throws SealiftError `door/listen` */
export async function createDoor(options: DoorOptions): Promise<Door> {
  const door = new RunningDoor(options);
  try {
    await door.listen();
  } catch (error) {
    await door.close(0);
    throw error;
  }
  return door;
}

interface Listener {
  readonly name: ConnectionRecord['listener'];
  readonly judge: Judge;
  readonly server: net.Server;
}

class RunningDoor implements Door {
  readonly #options: DoorOptions;
  readonly #clock: Clock;
  readonly #observer: ConnectionObserver;
  readonly #peeker: HelloPeeker;
  readonly #refuser: Refuser;
  readonly #terminator: Terminator | undefined;
  readonly #connectMs: number;
  /** One function for all sockets, as in the peeker. */
  readonly #onSocketClose: (this: Socket) => void;
  readonly #onSecureClose: (this: Socket) => void;
  readonly #main: Listener;
  readonly #preview: Listener | undefined;
  readonly #open = new Set<DoorConnection>();
  /** Verdicts that were found right for their offer; judges give the same object for the same case. */
  readonly #checked = new WeakMap<Verdict, Offer>();
  readonly #onEmpty: (() => void)[] = [];

  constructor(options: DoorOptions) {
    const limits = { ...defaultLimits, ...options.limits };
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#observer = this.#guarded(options.observer);
    this.#refuser = new Refuser(limits);
    this.#connectMs = limits.connectMs;
    const onProblem = (error: unknown): void => this.#problem(error);
    const { handshakeMs } = limits;
    this.#terminator =
      options.serve.kind === 'terminate'
        ? new Terminator(options.serve, { handshakeMs, onProblem })
        : undefined;
    this.#peeker = new HelloPeeker(limits, {
      onHello: (connection, hello, taken) => this.#onHello(connection, hello, taken),
      onFault: (connection, fault, bytes) => this.#onFault(connection, fault, bytes),
      onGivenUp: (connection, cause) => this.#onGivenUp(connection, cause),
    });
    const onClose = this.#onClose.bind(this);
    this.#onSocketClose = function onSocketClose() {
      const connection = connectionOf(this);
      if (connection !== undefined) onClose(connection);
    };
    const end = this.#end.bind(this);
    this.#onSecureClose = function onSecureClose() {
      const connection = connectionOf(this);
      if (connection !== undefined) end(connection);
    };
    this.#main = this.#makeListener('main', options.judge);
    this.#preview = options.preview && this.#makeListener('preview', options.preview.judge);
  }

  get host(): string {
    return addressOf(this.#main.server).host;
  }

  get port(): number {
    return addressOf(this.#main.server).port;
  }

  get preview(): ListenAddress | undefined {
    return this.#preview && addressOf(this.#preview.server);
  }

  get halfOpenCount(): number {
    return this.#peeker.count;
  }

  get openCount(): number {
    return this.#open.size;
  }

  async listen(): Promise<void> {
    await listenOn(this.#main.server, this.#options.listen);
    if (this.#options.helloReading !== 'script') await this.#peeker.lookThrough(this.#main.server);
    if (this.#preview !== undefined && this.#options.preview !== undefined) {
      await listenOn(this.#preview.server, this.#options.preview.listen);
    }
  }

  reload(): void {
    this.#terminator?.reload();
  }

  async close(graceMs: number): Promise<void> {
    const servers = [this.#main, this.#preview].flatMap((listener) => listener?.server ?? []);
    // The error says that it was not listening, which is what is wanted.
    const closed = servers.map((server) => new Promise<void>((done) => server.close(() => done())));
    for (const { socket } of [...this.#peeker.connections]) socket.destroy();
    const timer = setTimeout(() => {
      for (const { socket, secureSocket } of this.#open) (secureSocket ?? socket).destroy();
    }, graceMs);
    await Promise.all(closed);
    // A TLS socket outlives the one under it for a moment, and its record must be told before we end.
    if (this.#open.size > 0) await new Promise<void>((done) => this.#onEmpty.push(done));
    clearTimeout(timer);
    this.#peeker.close();
  }

  #makeListener(name: Listener['name'], judge: Judge): Listener {
    const server = net.createServer({ pauseOnConnect: true });
    const listener: Listener = { name, judge, server };
    server.on('connection', (socket: Socket) => this.#accept(socket, listener));
    server.on('error', (error) => this.#problem(error));
    return listener;
  }

  #accept(socket: Socket, listener: Listener): void {
    const { remoteAddress, remotePort } = socket;
    const connection = new DoorConnection(socket, {
      listener: listener.name,
      judge: listener.judge,
      startedMs: this.#clock.now(),
      address: plainAddress(remoteAddress),
      port: remotePort ?? 0,
      observer: this.#observer,
    });
    attachConnection(socket, connection);
    if (this.#options.isTrustedProxy?.(connection.address)) {
      connection.proxyBytes = new Uint8Array(0);
    }
    this.#open.add(connection);
    socket.on('error', ignore);
    socket.on('close', this.#onSocketClose);
    if (this.#peeker.start(connection)) return;
    connection.fail('half-open/address');
    this.#refuser.refuse(socket, undefined);
  }

  #onHello(connection: DoorConnection, hello: HelloGist, taken: Uint8Array | undefined): void {
    connection.helloAtMs = performance.now();
    const { offer } = hello;
    connection.offer = offer;
    let verdict: Verdict;
    try {
      verdict = this.#asServed(connection.judge(offer, new ConnectionCaller(connection)));
      if (this.#checked.get(verdict) !== offer) {
        checkPath(offer, verdict);
        this.#checked.set(verdict, offer);
      }
    } catch (error) {
      this.#breakOff(connection, error);
      return;
    }
    connection.verdict = verdict;
    connection.outcome = outcomeOf(verdict);
    if (verdict.kind === 'refuse') {
      connection.alert = verdict.alert;
      connection.reason = refusalReason(verdict);
      this.#refuser.refuse(connection.socket, refusalBytes(verdict.alert, offer));
      connection.tellVerdict();
      return;
    }
    if (verdict.kind === 'soft-refuse') connection.reason = softReason(verdict);
    connection.tellVerdict();
    const { serve } = this.#options;
    try {
      if (serve.kind === 'terminate') this.#terminator?.serve(connection, verdict.policy, taken);
      else this.#pass(connection, serve, { sessionId: hello.sessionId.slice(), taken });
    } catch (error) {
      this.#breakOff(connection, error);
    }
  }

  #pass(connection: DoorConnection, serve: PassThrough, hello: PeekedHello): void {
    splice(connection, serve, hello, {
      connectMs: this.#connectMs,
      onFailed: (reason) => {
        connection.fail(reason, 'internal_error');
        const { offer, socket } = connection;
        this.#refuser.refuse(socket, offer && refusalBytes('internal_error', offer));
      },
    });
  }

  /** A brownout inside TLS, where nobody is inside who could answer, refuses by alert. */
  #asServed(verdict: Verdict): Verdict {
    const { serve } = this.#options;
    const canAnswer = serve.kind === 'terminate' && serve.softRefuse !== 'alert';
    if (verdict.kind !== 'soft-refuse' || canAnswer) return verdict;
    const { notices, agreement } = verdict;
    const isVersion = notices.some(
      ({ brownout, capability }) => brownout !== undefined && capability.startsWith('tls'),
    );
    const alert = isVersion ? 'protocol_version' : 'insufficient_security';
    const negotiation = {
      ...({
        kind: 'refused',
        alert,
        insufficientSecurity: !isVersion,
        why: agreement.why,
      } as const),
    };
    return { kind: 'refuse', alert, cause: 'brownout', negotiation, notices };
  }

  /** Our own fault: the client learns that much (RFC 8446 §6.2). */
  #breakOff(connection: DoorConnection, error: unknown): void {
    this.#problem(error);
    connection.fail('internal', 'internal_error');
    const { offer, socket } = connection;
    this.#refuser.refuse(socket, offer && refusalBytes('internal_error', offer));
  }

  #onFault(connection: DoorConnection, fault: HelloFault, bytes: Uint8Array): void {
    connection.outcome = 'not-tls';
    connection.reason = fault.kind;
    connection.alert = fault.alert;
    this.#refuser.refuse(connection.socket, faultBytes(fault, bytes));
  }

  #onGivenUp(connection: DoorConnection, cause: 'timeout' | 'crowded'): void {
    const { socket } = connection;
    const isEmpty = socket.bytesRead <= connection.headerSize;
    connection.fail(`half-open/${cause}`);
    if (isEmpty) connection.outcome = 'empty';
    this.#refuser.refuse(socket, undefined);
  }

  #onClose(connection: DoorConnection): void {
    this.#peeker.stop(connection);
    const { secureSocket } = connection;
    // What the client sent last may still be on its way through TLS to whoever serves it.
    if (secureSocket === undefined || secureSocket.closed) this.#end(connection);
    else secureSocket.once('close', this.#onSecureClose);
  }

  #end(connection: DoorConnection): void {
    const isHandshake = connection.verdict !== undefined && connection.verdict.kind !== 'refuse';
    if (isHandshake && connection.negotiated === undefined) connection.fail('handshake/closed');
    else if (
      connection.outcome === 'empty' &&
      connection.socket.bytesRead > connection.headerSize
    ) {
      connection.fail('half-open/closed');
    }
    this.#open.delete(connection);
    connection.endedMs = this.#clock.now();
    connection.tellEnd();
    if (this.#open.size === 0) for (const done of this.#onEmpty.splice(0)) done();
  }

  /** An observer's failure must not reach a socket's event, where it would end the process. */
  #guarded(observer: ConnectionObserver | undefined): ConnectionObserver {
    const tell = (name: keyof ConnectionObserver) => (record: ConnectionRecord) => {
      try {
        observer?.[name]?.(record);
      } catch (error) {
        this.#problem(error);
      }
    };
    return {
      onEnd: tell('onEnd'),
      ...(observer?.onVerdict && { onVerdict: tell('onVerdict') }),
      ...(observer?.onIdentity && { onIdentity: tell('onIdentity') }),
    };
  }

  #problem(error: unknown): void {
    this.#options.onProblem?.(error);
  }
}

/** The fingerprint is made when somebody asks for it. */
class ConnectionCaller implements Caller {
  readonly #connection: DoorConnection;

  constructor(connection: DoorConnection) {
    this.#connection = connection;
  }

  get listener(): Caller['listener'] {
    return this.#connection.listener;
  }

  get address(): string {
    return this.#connection.address;
  }

  get fingerprint(): string {
    return this.#connection.fingerprint ?? '';
  }
}

/** The one rule that no judge may break: who can speak TLS 1.2 is never served by the legacy context. */
function checkPath(offer: Offer, verdict: Verdict): void {
  if (verdict.kind === 'refuse') return;
  const versions = verdict.policy.versions;
  const isModern = (bestVersion(offer) ?? 0) >= tls12;
  const speaksOld = versions.some((version) => version < tls12);
  if (isModern ? verdict.path === 'legacy' || speaksOld : verdict.path === 'strict') {
    throw new RangeError(`the ${verdict.path} path is not for this offer`);
  }
}

function outcomeOf(verdict: Verdict): Outcome {
  switch (verdict.kind) {
    case 'accept':
      return 'accepted';
    case 'warn':
      return 'warned';
    case 'soft-refuse':
      return 'brownout';
    case 'refuse':
      return verdict.cause === 'brownout' ? 'brownout' : 'refused';
  }
}

/** `retired/tls1.0`, `brownout/3des`, or `policy/protocol_version` for what was never spoken. */
function refusalReason(verdict: Extract<Verdict, { kind: 'refuse' }>): string {
  if (verdict.cause === 'policy') return `policy/${verdict.alert}`;
  if (verdict.cause === 'brownout') return softReason(verdict);
  return `retired/${verdict.notices[0]?.capability ?? verdict.alert}`;
}

function softReason({ notices }: Verdict): string {
  const notice = notices.find(({ brownout }) => brownout !== undefined) ?? notices[0];
  return `brownout/${notice?.capability ?? 'unknown'}`;
}

async function listenOn(server: net.Server, { host, port }: ListenAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onError = (error: unknown): void => {
      reject(
        new SealiftError('door/listen', `cannot listen on ${host}:${port}: ${messageOf(error)}`, {
          hint: 'choose another address or port, or stop the program that has it',
          fields: { address: `${host}:${port}`, code: systemCodeOf(error) ?? '' },
          cause: error,
        }),
      );
    };
    server.once('error', onError);
    server.listen({ host, port, backlog: 1024 }, () => {
      server.removeListener('error', onError);
      resolve();
    });
  });
}

function addressOf(server: net.Server): ListenAddress {
  // A server that listens on a host and port has an AddressInfo; one that does not listen has null.
  const address = server.address() as AddressInfo | null;
  return { host: address?.address ?? '', port: address?.port ?? 0 };
}

function ignore(): void {
  // 'close' follows and is what counts.
}
