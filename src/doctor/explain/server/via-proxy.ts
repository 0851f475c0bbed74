/** The same handshake through the proxy that the environment names, to compare with the direct one. */

import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { messageOf, systemCodeOf } from '../../../base/errors.ts';
import type { Target } from './ask-version.ts';
import { type Handshake, shakeHands } from './presented-chain.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ProxyCheck {
  /** Without its password. */
  readonly proxy: string;
  /** What came out at its other end; a tunnel that was refused is a failed one. */
  readonly handshake: Handshake;
}

/** In the order in which programs ask for a proxy of TLS. */
const proxyNames = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];

/** @returns undefined when no HTTP proxy is set for the host */
export async function checkThroughProxy(
  target: Omit<Target, 'address'>,
  { env, ca }: { readonly env: Environment; readonly ca: readonly string[] },
): Promise<ProxyCheck | undefined> {
  const proxy = proxyFor(target, env);
  if (proxy === undefined) return undefined;
  try {
    const tunnel = await openTunnel(proxy, target);
    const handshake = await shakeHands({ ...target, address: target.host }, ca, tunnel);
    return { proxy: proxy.host, handshake };
  } catch (error) {
    const failed = {
      kind: 'failed',
      code: systemCodeOf(error),
      message: messageOf(error),
    } as const;
    return { proxy: proxy.host, handshake: failed };
  }
}

function proxyFor(target: Pick<Target, 'host' | 'port'>, env: Environment): URL | undefined {
  if (isExempt(target, env['NO_PROXY'] ?? env['no_proxy'] ?? '')) return undefined;
  const value = proxyNames.map((name) => env[name]).find((one) => one !== undefined && one !== '');
  if (value === undefined) return undefined;
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
}

/** As curl reads NO_PROXY: names with all below them, each perhaps with a port, or `*`. */
function isExempt({ host, port }: Pick<Target, 'host' | 'port'>, list: string): boolean {
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, name = '', onlyPort] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
      if (entry === '*') return true;
      if (onlyPort !== undefined && Number(onlyPort) !== port) return false;
      return name !== '' && `.${host.toLowerCase()}`.endsWith(`.${name}`);
    });
}

/** CONNECT, RFC 9110 §9.3.6. */
function openTunnel(
  proxy: URL,
  { host, port, timeoutMs }: Pick<Target, 'host' | 'port' | 'timeoutMs'>,
): Promise<Socket> {
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return new Promise((resolve, reject) => {
    const request = (proxy.protocol === 'https:' ? https : http).request(proxy, {
      method: 'CONNECT',
      path: authority,
      agent: false,
      timeout: timeoutMs,
      headers: {
        host: authority,
        ...(proxy.username === ''
          ? {}
          : { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` }),
      },
    });
    request.on('timeout', () => request.destroy(new Error('no answer to CONNECT')));
    request.on('error', reject);
    request.on('connect', ({ statusCode = 0, statusMessage = '' }, socket: Socket, head) => {
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) socket.unshift(head);
        socket.setTimeout(0);
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(new Error(`CONNECT was answered ${statusCode} ${statusMessage}`.trim()));
    });
    request.end();
  });
}
