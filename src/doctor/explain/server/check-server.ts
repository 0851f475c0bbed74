/**
 * The check behind `explain --server`: what a server does with this machine's connections. It asks
 * questions and changes nothing; each question is one connection and bounded in time and bytes.
 */

import { lookup } from 'node:dns/promises';
import net from 'node:net';
import { messageOf, systemCodeOf } from '../../../base/errors.ts';
import { type TlsVersion, tls10, tls11, tls12, tls13 } from '../../../tls/versions.ts';
import { askVersion, type Target, type VersionReply } from './ask-version.ts';
import { type Handshake, shakeHands } from './presented-chain.ts';
import { checkThroughProxy, type Environment, type ProxyCheck } from './via-proxy.ts';

export type Reachability =
  | { readonly kind: 'open'; readonly address: string }
  | { readonly kind: 'not-resolved'; readonly code: string }
  | { readonly kind: 'refused' | 'no-answer' | 'unreachable'; readonly code: string };

export interface ServerCheck {
  readonly host: string;
  readonly port: number;
  readonly addresses: readonly string[];
  readonly reach: Reachability;
  /** What each version got for an answer, oldest first; empty when the port was not reached. */
  readonly versions: readonly VersionReply[];
  readonly handshake: Handshake | undefined;
  /** When this machine believed that the answer came; milliseconds since 1970. */
  readonly checkedAtMs: number;
  /** This machine's clock minus the server's; undefined when the server does not tell its own. */
  readonly clock: { readonly skewMs: number; readonly by: 'http-date' | 'hello' } | undefined;
  /** Proxies of the environment, without their passwords. */
  readonly proxies: readonly { readonly name: string; readonly value: string }[];
  /** All else is asked directly; this is what the proxy for the host makes of it. */
  readonly viaProxy: ProxyCheck | undefined;
}

export interface CheckServerOptions {
  readonly host: string;
  readonly port: number;
  /** For each question. */
  readonly timeoutMs?: number;
  /** PEM of authorities to trust besides Node's and the machine's. */
  readonly ca?: readonly string[];
  readonly env?: Environment;
  /** This machine's clock. */
  readonly now?: () => number;
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

const defaultTimeoutMs = 4000;
const maxAddresses = 4;
const askedVersions: readonly TlsVersion[] = [tls10, tls11, tls12, tls13];

/** Never throws: what cannot be found out is part of the result. */
export async function checkServer(options: CheckServerOptions): Promise<ServerCheck> {
  const { host, port, timeoutMs = defaultTimeoutMs, now = Date.now } = options;
  const env = options.env ?? {};
  const ca = options.ca ?? [];
  const throughProxy = checkThroughProxy({ host, port, timeoutMs }, { env, ca });
  const found = await resolve(host, options.resolve ?? lookUp, timeoutMs);
  const addresses = found.kind === 'found' ? found.addresses : [];
  const reach: Reachability =
    found.kind === 'found'
      ? await reachAny(addresses, { port, timeoutMs })
      : { kind: 'not-resolved', code: found.code };
  const base = { host, port, addresses, reach, proxies: proxiesOf(env) };
  if (reach.kind !== 'open') {
    const nothing = { versions: [], handshake: undefined, clock: undefined };
    return { ...base, ...nothing, viaProxy: await throughProxy, checkedAtMs: now() };
  }
  const target = { address: reach.address, port, host, timeoutMs };
  const versions = await Promise.all(askedVersions.map((version) => askVersion(target, version)));
  const handshake = await handshakeWith(target, { versions, ca });
  const checkedAtMs = now();
  const clock = clockOf({ handshake, versions, checkedAtMs });
  return { ...base, versions, handshake, viaProxy: await throughProxy, checkedAtMs, clock };
}

/** There is nothing to shake hands with where no version was answered in TLS. */
async function handshakeWith(
  target: Target,
  { versions, ca }: { readonly versions: readonly VersionReply[]; readonly ca: readonly string[] },
): Promise<Handshake | undefined> {
  const speaks = versions.some(({ answer }) => answer.kind === 'agreed' || answer.kind === 'other');
  return speaks ? shakeHands(target, ca) : undefined;
}

type Resolved =
  | { readonly kind: 'found'; readonly addresses: readonly string[] }
  | { readonly kind: 'failed'; readonly code: string };

async function resolve(
  host: string,
  find: (host: string) => Promise<readonly string[]>,
  timeoutMs: number,
): Promise<Resolved> {
  if (net.isIP(host) !== 0) return { kind: 'found', addresses: [host] };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Resolved>((settle) => {
    timer = setTimeout(settle, timeoutMs, { kind: 'failed', code: 'ETIMEDOUT' });
  });
  const asked = find(host).then(
    (addresses): Resolved => ({ kind: 'found', addresses: addresses.slice(0, maxAddresses) }),
    (error): Resolved => ({ kind: 'failed', code: systemCodeOf(error) ?? messageOf(error) }),
  );
  const result = await Promise.race([asked, late]);
  clearTimeout(timer);
  return result;
}

async function lookUp(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
}

/** The first address that opens; else what the first one said, which is what a client would get. */
async function reachAny(
  addresses: readonly string[],
  where: { readonly port: number; readonly timeoutMs: number },
): Promise<Reachability> {
  const answers = await Promise.all(addresses.map((address) => reachOne(address, where)));
  const open = answers.find(({ kind }) => kind === 'open');
  return open ?? answers[0] ?? { kind: 'not-resolved', code: 'ENODATA' };
}

function reachOne(
  address: string,
  { port, timeoutMs }: { readonly port: number; readonly timeoutMs: number },
): Promise<Reachability> {
  return new Promise((settle) => {
    const socket = net.connect({ host: address, port });
    const finish = (result: Reachability): void => {
      clearTimeout(timer);
      socket.destroy();
      settle(result);
    };
    const timer = setTimeout(finish, timeoutMs, { kind: 'no-answer', code: 'ETIMEDOUT' });
    socket.on('connect', () => finish({ kind: 'open', address }));
    socket.on('error', (error) => {
      const code = systemCodeOf(error) ?? messageOf(error);
      finish({ kind: kindOf(code), code });
    });
  });
}

function kindOf(code: string): 'refused' | 'no-answer' | 'unreachable' {
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return 'refused';
  return code === 'ETIMEDOUT' ? 'no-answer' : 'unreachable';
}

interface ClockSources {
  readonly handshake: Handshake | undefined;
  readonly versions: readonly VersionReply[];
  readonly checkedAtMs: number;
}

function clockOf({ handshake, versions, checkedAtMs }: ClockSources): ServerCheck['clock'] {
  if (handshake?.kind === 'done' && handshake.serverTimeMs !== undefined) {
    return { skewMs: checkedAtMs - handshake.serverTimeMs, by: 'http-date' };
  }
  const seconds = helloClock(versions.map(({ randomSeconds }) => randomSeconds));
  if (seconds === undefined) return undefined;
  return { skewMs: checkedAtMs - seconds * 1000, by: 'hello' };
}

/**
 * The clock that old stacks put at the start of their random. Random bytes would not agree within a
 * minute over several connections.
 */
export function helloClock(seconds: readonly (number | undefined)[]): number | undefined {
  const known = seconds.filter((one) => one !== undefined);
  const spread = Math.max(...known) - Math.min(...known);
  return known.length >= 2 && spread <= 60 ? Math.max(...known) : undefined;
}

const proxyNames = [
  'HTTPS_PROXY',
  'https_proxy',
  'ALL_PROXY',
  'all_proxy',
  'HTTP_PROXY',
  'http_proxy',
];

function proxiesOf(env: Environment): ServerCheck['proxies'] {
  return proxyNames.flatMap((name) => {
    const value = env[name];
    return value === undefined || value === ''
      ? []
      : [{ name, value: value.replace(/\/\/[^/@]*@/, '//***@') }];
  });
}
