/** A remote vault's API for commands: a typed call over TLS that is verified, with a bearer token. */

import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { messageOf, SealiftError } from '../base/errors.ts';
import type { ResponseOf, RouteEntry, RouteId } from '../vault/api/contract.ts';
import { usageError } from './global-options.ts';

export interface RemoteVault {
  /** `https://host:port` */
  readonly url: string;
  readonly token: string;
  /** PEM; the system's authorities when left out. */
  readonly ca: string | undefined;
}

const timeoutMs = 60_000;
const maxAnswerBytes = 256 * 1024 ** 2;

/** @throws SealiftError `usage/invalid` without a token */
export async function remoteVault(
  url: string,
  { env, cacert }: { readonly env: NodeJS.ProcessEnv; readonly cacert: string | undefined },
): Promise<RemoteVault> {
  const token = env['SEALIFT_VAULT_TOKEN'];
  if (token === undefined || token === '')
    throw usageError('--vault needs a token of its API in SEALIFT_VAULT_TOKEN');
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:')
    throw usageError(`--vault takes an address such as https://vault:8443, not '${url}'`);
  return { url, token, ca: cacert === undefined ? undefined : await readFile(cacert, 'utf8') };
}

export interface RemoteQuestion {
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON; the route says by which method. */
  readonly body?: unknown;
}

/** Asks a route that answers with JSON. @throws SealiftError of the vault's own code */
export async function askRemote<I extends RouteId>(
  vault: RemoteVault,
  id: I,
  { query = {}, body }: RemoteQuestion = {},
): Promise<Exclude<ResponseOf<I>, undefined>> {
  const { apiPrefix, contract } = await import('../vault/api/contract.ts');
  const route: RouteEntry = contract[id];
  const url = new URL(`${apiPrefix}${route.path}`, vault.url);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const answer = await send(url, vault, { method: route.method, body });
  const parsed =
    route.answer.kind === 'json' ? route.answer.schema.safeParse(answer.body) : undefined;
  if (answer.status < 300 && parsed?.success) return parsed.data as never;
  throw await failureOf(vault, answer.body);
}

async function failureOf(vault: RemoteVault, body: unknown): Promise<SealiftError> {
  const { problem } = await import('../vault/api/schemas/common.ts');
  const known = problem.safeParse(body);
  if (!known.success || !/^(?:api|tls)\//.test(known.data.code))
    return new SealiftError('api/response', `${vault.url} gave an answer that is not understood`, {
      fields: { url: vault.url },
    });
  const { code, detail, hint, fields } = known.data;
  // Codes that begin so are those of the vault's own table.
  return new SealiftError(code as 'api/internal', detail, {
    ...(hint === null ? {} : { hint }),
    fields,
  });
}

function send(
  url: URL,
  { token, ca }: RemoteVault,
  { method, body: question }: { readonly method: string; readonly body: unknown },
): Promise<{ status: number; body: unknown }> {
  const text = question === undefined ? undefined : JSON.stringify(question);
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void =>
      reject(
        new SealiftError('backend/unreachable', `${url.origin}: ${messageOf(error)}`, {
          cause: error,
        }),
      );
    const sent = request(
      url,
      {
        ...{ ca, method, timeout: timeoutMs },
        headers: {
          authorization: `Bearer ${token}`,
          ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        },
      },
      (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on('data', (part: Buffer) => {
          size += part.length;
          if (size > maxAnswerBytes) sent.destroy(new Error('the answer is too long'));
          parts.push(part);
        });
        response.on('error', fail);
        response.on('end', () => {
          let body: unknown;
          try {
            body = JSON.parse(Buffer.concat(parts).toString('utf8'));
          } catch {
            body = undefined;
          }
          resolve({ status: response.statusCode ?? 0, body });
        });
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.on('error', fail);
    sent.end(text);
  });
}
