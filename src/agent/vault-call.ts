/** The agent's own requests to a vault: JSON over TLS that verifies the vault, bounded in time and size. */

import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { isIP } from 'node:net';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { messageOf, SealiftError, systemCodeOf } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';

const timeoutMs = 30_000;
const maxAnswerBytes = 256 * 1024;
const maxChainLength = 10;

export interface VaultCall {
  readonly url: string;
  readonly path: string;
  /** POST when left out. */
  readonly method?: 'POST' | 'PUT';
  readonly body: unknown;
  /** PEM of the only certificate that counts as the vault's. */
  readonly ca: string;
  readonly certificate?: string;
  readonly key?: Secret;
}

export interface VaultAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** @throws SealiftError `tls/untrusted` | `tls/handshake` | `backend/unreachable` | `backend/protocol` */
export async function callVault(call: VaultCall): Promise<VaultAnswer> {
  const url = new URL(call.path, call.url);
  const text = JSON.stringify(call.body);
  return new Promise<VaultAnswer>((resolve, reject) => {
    const sent = request(
      url,
      {
        method: call.method ?? 'POST',
        agent: false,
        minVersion: 'TLSv1.2',
        // The anchor may be an intermediate of another authority; it is trusted as it stands.
        allowPartialTrustChain: true,
        ca: call.ca,
        cert: call.certificate,
        key: call.key?.reveal(),
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
        signal: AbortSignal.timeout(timeoutMs),
      },
      (response) => {
        collect(response).then((body) => {
          resolve({ status: response.statusCode ?? 0, body: parseBody(body) });
        }, fail);
      },
    );
    const fail = (error: unknown): void => reject(callError(error, url));
    sent.on('error', fail);
    sent.end(text);
  });
}

/**
 * The certificates that a server shows, leaf first. Nothing is verified and nothing is sent: the
 * caller looks for one whose hash it knows.
 * @throws SealiftError `tls/handshake` | `backend/unreachable`
 */
export async function readServerChain(address: string): Promise<X509Certificate[]> {
  const url = new URL(address);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({
      host,
      port: Number(url.port || 443),
      ...(isIP(host) === 0 ? { servername: host } : {}),
      minVersion: 'TLSv1.2',
      // Only reads the chain; the connection that carries the secret verifies.
      rejectUnauthorized: false,
      timeout: timeoutMs,
    });
    const fail = (error: unknown): void => {
      socket.destroy();
      reject(callError(error, url));
    };
    socket.once('secureConnect', () => {
      const chain = chainOf(socket.getPeerCertificate(true));
      socket.destroy();
      resolve(chain);
    });
    socket.once('timeout', () => fail(new Error('no answer in time')));
    socket.once('error', fail);
  });
}

function chainOf(leaf: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let at: DetailedPeerCertificate | undefined = leaf;
  while (at?.raw !== undefined && chain.length < maxChainLength) {
    chain.push(new X509Certificate(at.raw));
    // A self-signed certificate is its own issuer here.
    at = at.issuerCertificate === at ? undefined : at.issuerCertificate;
  }
  return chain;
}

async function collect(response: AsyncIterable<unknown>): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxAnswerBytes) throw new Error('the answer is too long');
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const untrusted = [
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
];

function callError(error: unknown, url: URL): SealiftError {
  const code = systemCodeOf(error) ?? '';
  const about = `${url.host}: ${messageOf(error)}`;
  const detail = { cause: error, fields: { host: url.host } };
  if (untrusted.includes(code)) {
    return new SealiftError('tls/untrusted', `the server is not the vault expected at ${about}`, {
      ...detail,
      hint: 'Check the address. Use a name or an address that stands in the certificate of the vault.',
    });
  }
  if (code.startsWith('ERR_SSL') || code === 'EPROTO')
    return new SealiftError('tls/handshake', `no TLS connection with ${about}`, detail);
  return new SealiftError('backend/unreachable', `cannot reach the vault at ${about}`, {
    ...detail,
    retryable: true,
    hint: 'Check that the vault runs and that the address and port are right.',
  });
}
