/** One backup as the vault sees it: a real handshake from the machine's own address, and its uploads. */

import { createHash, randomBytes } from 'node:crypto';
import { Agent, type RequestOptions, request } from 'node:https';
import { platform } from 'node:os';
import { createSecureContext, type SecureContext } from 'node:tls';
import { type ProfileId, profiles } from './profiles.ts';

export interface Visit {
  readonly port: number;
  readonly name: string;
  readonly address: string;
  readonly profile: ProfileId;
  /** A login's password, or the certificate and key of an enrolled machine. */
  readonly proof: { readonly password: string } | { readonly cert: string; readonly key: string };
  readonly isFirst: boolean;
  /** Bytes of new data. */
  readonly size: number;
}

/** Why a visit ended before its snapshot was stored: the HTTP status or the code of the failure. */
export type VisitResult = 'stored' | string;

/** Only Linux has the whole of 127.0.0.0/8 without being told so. */
const hasManyAddresses = platform() === 'linux';

/** Never throws for what the vault answers or how the connection ends. */
export async function visit(backup: Visit): Promise<VisitResult> {
  const { port, name, address, profile, proof } = backup;
  const agent = new Agent({
    ...{ keepAlive: true, maxSockets: 1, maxCachedSessions: 0 },
    ...(hasManyAddresses && { localAddress: address }),
  });
  const options: RequestOptions = {
    ...{ host: '127.0.0.1', port, agent },
    // The vault's certificate is of the day that is played, which is not today.
    rejectUnauthorized: false,
    ...('cert' in proof
      ? { ...profiles[profile].tls, ...proof }
      : {
          secureContext: contextOf(profile),
          headers: { authorization: `Basic ${btoa(`${name}:${proof.password}`)}` },
        }),
  };
  try {
    if (backup.isFirst) await send(options, 'POST', `/${name}/?create=true`);
    for (const [type, size] of [
      ['data', backup.size],
      ['snapshots', 300],
    ] as const) {
      const body = randomBytes(size);
      const id = createHash('sha256').update(body).digest('hex');
      await send(options, 'POST', `/${name}/${type}/${id}`, body);
    }
    return 'stored';
  } catch (error) {
    if (error instanceof Refused) return error.message;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (typeof code === 'string') return code;
    throw error;
  } finally {
    agent.destroy();
  }
}

class Refused extends Error {}

const contexts = new Map<ProfileId, SecureContext>();

/** Made once for each profile: that takes as long as a handshake. */
function contextOf(profile: ProfileId): SecureContext {
  const context = contexts.get(profile) ?? createSecureContext(profiles[profile].tls);
  contexts.set(profile, context);
  return context;
}

function send(options: RequestOptions, method: string, path: string, body?: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { ...options.headers, 'content-length': body?.length ?? 0 };
    const sent = request({ ...options, method, path, headers }, (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Refused(`HTTP ${response.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
