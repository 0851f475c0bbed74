/**
 * Looks at what a socket has received without taking it, so that TLS can read it later as if nobody had
 * looked. Node offers no such thing: sockets that wait are put into an epoll set of our own, whose
 * descriptor (itself readable when one of them is) the event loop watches through a handle that never
 * reads; `recv` with MSG_PEEK does the looking. Linux only, through koffi, which is optional.
 */

import type { Server, Socket } from 'node:net';
import { loadKoffi } from '../base/koffi.ts';

/** Libuv's handle of a socket, as far as it is used; Node keeps it in `_handle`. */
interface Handle {
  readonly fd: number;
  onread: () => void;
  open(fd: number): number;
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): number;
  unref(): void;
  close(): void;
}

interface SystemCalls {
  readonly createEpoll: (flags: number) => number;
  readonly controlEpoll: (epoll: number, what: number, fd: number, event: Uint8Array) => number;
  readonly waitEpoll: (epoll: number, events: Uint8Array, count: number, ms: number) => number;
  readonly receive: (fd: number, buffer: Uint8Array, size: number, flags: number) => number;
  readonly makePair: (family: number, type: number, protocol: number, fds: Uint8Array) => number;
  readonly send: (fd: number, buffer: Uint8Array, size: number, flags: number) => number;
  readonly close: (fd: number) => number;
}

// <sys/epoll.h>, <sys/socket.h>
const closeOnExec = 0x80000;
const addToEpoll = 1;
const readable = 0x001;
const failed = 0x008 | 0x010;
const oneShot = 0x4000_0000;
const peekFlag = 2;
const unixFamily = 1;
const streamType = 1;

/** `struct epoll_event` is packed on x86-64 only: 32 bits of events, then 64 bits of ours. */
const dataOffset = process.arch === 'x64' ? 4 : 8;
const eventSize = dataOffset + 8;
const eventsAtOnce = 64;
const selfTestMs = 2000;

/** @param isBroken the connection was reset: there is nothing to look at */
type OnReady<Item> = (item: Item, isBroken: boolean) => void;

interface WatchOptions<Item> {
  readonly onReady: OnReady<Item>;
  /** The most that is looked at. */
  readonly peekBytes: number;
}

export class SocketWatch<Item> {
  readonly #calls: SystemCalls;
  readonly #handle: Handle;
  readonly #epoll: number;
  readonly #onReady: OnReady<Item>;
  readonly #peeked: Buffer;
  readonly #event = Buffer.alloc(eventSize);
  readonly #events = Buffer.alloc(eventSize * eventsAtOnce);
  /** By descriptor. */
  readonly #items: (Item | undefined)[] = [];

  private constructor(
    calls: SystemCalls,
    { handle, epoll }: { handle: Handle; epoll: number },
    { onReady, peekBytes }: WatchOptions<Item>,
  ) {
    this.#calls = calls;
    this.#handle = handle;
    this.#epoll = epoll;
    this.#onReady = onReady;
    this.#peeked = Buffer.alloc(peekBytes);
    this.#event.writeUInt32LE((readable | oneShot) >>> 0, 0);
  }

  /**
   * Undefined where it does not work, which is tried out.
   * @param server one that listens: its handle is of the class that is needed
   */
  static async open<Item>(
    server: Server,
    options: WatchOptions<Item>,
  ): Promise<SocketWatch<Item> | undefined> {
    try {
      const calls = loadCalls();
      if (calls === undefined || !(await isWorking(calls, server))) return undefined;
      return SocketWatch.start(calls, server, options);
    } catch {
      // No koffi, another C library, a handle of Node's that is not as it was.
      return undefined;
    }
  }

  /** Without trying it out. */
  static start<Item>(
    calls: SystemCalls,
    server: Server,
    options: WatchOptions<Item>,
  ): SocketWatch<Item> | undefined {
    const handle = newHandle(server);
    const epoll = calls.createEpoll(closeOnExec);
    if (epoll < 0) return undefined;
    if (handle.open(epoll) !== 0) {
      calls.close(epoll);
      return undefined;
    }
    const watch = new SocketWatch(calls, { handle, epoll }, options);
    // An empty buffer that lies somewhere: libuv calls back with ENOBUFS and does not read.
    handle.useUserBuffer(Buffer.alloc(1).subarray(0, 0));
    handle.onread = () => watch.#collect();
    if (handle.readStart() !== 0) {
      handle.close();
      return undefined;
    }
    handle.unref();
    return watch;
  }

  /** Tells once when the socket has something to read, or has ended or failed. It must not be reading. */
  add(fd: number, item: Item): boolean {
    this.#event.writeUInt32LE(fd, dataOffset);
    if (this.#calls.controlEpoll(this.#epoll, addToEpoll, fd, this.#event) !== 0) return false;
    this.#items[fd] = item;
    return true;
  }

  /** A closed descriptor leaves the set by itself, and may have come back as another's. */
  remove(fd: number, item: Item): void {
    if (this.#items[fd] === item) this.#items[fd] = undefined;
  }

  /** What has come and is not read: a view that is good until the next call. Empty at the end. */
  peek(fd: number): Uint8Array {
    const size = this.#calls.receive(fd, this.#peeked, this.#peeked.byteLength, peekFlag);
    return this.#peeked.subarray(0, Math.max(size, 0));
  }

  /** Takes so much away, which must have come. */
  skip(fd: number, size: number): boolean {
    return this.#calls.receive(fd, this.#peeked, size, 0) === size;
  }

  close(): void {
    this.#handle.close();
  }

  /** Each socket is told once, so that one which stays readable does not wake us again and again. */
  #collect(): void {
    const events = this.#events;
    const count = this.#calls.waitEpoll(this.#epoll, events, eventsAtOnce, 0);
    for (let at = 0; at < count * eventSize; at += eventSize) {
      const fd = events.readUInt32LE(at + dataOffset);
      const item = this.#items[fd];
      if (item === undefined) continue;
      this.#items[fd] = undefined;
      this.#onReady(item, (events.readUInt32LE(at) & failed) !== 0);
    }
  }
}

/** The descriptor of a socket; undefined when it has none (any more). */
export function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as { _handle?: Handle | null };
  return handle !== null && handle !== undefined && handle.fd >= 0 ? handle.fd : undefined;
}

/** Libuv's for TCP takes any descriptor that can be polled. */
function newHandle(server: Server): Handle {
  const { _handle: listening } = server as unknown as { _handle: object };
  const HandleClass = listening.constructor as new (type: number) => Handle;
  const socketType = 0;
  return new HandleClass(socketType);
}

function loadCalls(): SystemCalls | undefined {
  if (process.platform !== 'linux') return undefined;
  const library = loadKoffi().load(null);
  const call = (declaration: string): ((...values: unknown[]) => number) => {
    const func = library.func(declaration);
    // Sizes come as numbers as long as they are safe ones.
    return (...values) => Number(func(...values));
  };
  return {
    createEpoll: call('int epoll_create1(int flags)'),
    controlEpoll: call('int epoll_ctl(int epoll, int what, int fd, void *event)'),
    waitEpoll: call('int epoll_wait(int epoll, void *events, int count, int ms)'),
    receive: call('int64_t recv(int fd, void *buffer, size_t size, int flags)'),
    makePair: call('int socketpair(int family, int type, int protocol, void *fds)'),
    send: call('int64_t send(int fd, void *buffer, size_t size, int flags)'),
    close: call('int close(int fd)'),
  };
}

/** A byte through a pair of sockets: it is told of, once, and is still there after a look. */
async function isWorking(calls: SystemCalls, server: Server): Promise<boolean> {
  const fds = Buffer.alloc(8);
  if (calls.makePair(unixFamily, streamType | closeOnExec, 0, fds) !== 0) return false;
  const [ours, theirs] = [fds.readInt32LE(0), fds.readInt32LE(4)] as const;
  let told: (item: unknown) => void = () => {};
  const firstTold = new Promise<unknown>((resolve) => {
    told = resolve;
  });
  const timer = setTimeout(() => told(undefined), selfTestMs);
  const watch = SocketWatch.start<string>(calls, server, {
    onReady: (item) => told(item),
    peekBytes: 8,
  });
  try {
    if (watch === undefined || !watch.add(ours, 'ours')) return false;
    calls.send(theirs, Buffer.of(42), 1, 0);
    if ((await firstTold) !== 'ours') return false;
    const looks = [watch.peek(ours), watch.peek(ours)].map((bytes) => Buffer.from(bytes));
    return looks.every((bytes) => bytes.equals(Buffer.of(42))) && watch.skip(ours, 1);
  } finally {
    clearTimeout(timer);
    watch?.close();
    for (const fd of [ours, theirs]) calls.close(fd);
  }
}
