/**
 * Posts a digest as JSON, signed as the Standard Webhooks specification has it (version 1.0.0): the
 * header `webhook-signature` is `v1,` and the base64 of an HMAC-SHA256 over `ID.TIMESTAMP.BODY`.
 */

import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { SealiftError } from '../../base/errors.ts';
import type { Digest } from './digest.ts';
import type { WebhookConfig } from './notice-config.ts';

const secretPrefix = 'whsec_';
const minSecretBytes = 16;
/** Of the answer; nothing in it matters but its status. */
const maxAnswerBytes = 64 * 1024;

/**
 * Settles once the receiver has answered with a 2xx status. Redirects are not followed.
 * @throws SealiftError `vault/notice`
 */
export async function postDigest(
  digest: Digest,
  config: WebhookConfig,
  { nowMs, signal }: { nowMs: number; signal?: AbortSignal | undefined },
): Promise<void> {
  const url = new URL(config.url);
  const body = Buffer.from(JSON.stringify(digest), 'utf8');
  const timestamp = String(Math.floor(nowMs / 1000));
  const secret = await readSecret(config.secretFile);
  const signals = [AbortSignal.timeout(config.timeout), ...(signal === undefined ? [] : [signal])];
  const request = (url.protocol === 'https:' ? https : http).request(url, {
    method: 'POST',
    agent: false,
    signal: AbortSignal.any(signals),
    headers: {
      'content-type': 'application/json',
      'content-length': body.length,
      'user-agent': 'sealift-vault',
      'webhook-id': digest.id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signWebhook({ id: digest.id, timestamp, body, secret }),
    },
    minVersion: 'TLSv1.2',
    ...(config.caFile === undefined ? {} : { ca: await readFile(config.caFile) }),
  });
  const status = await statusOf(request, body);
  if (status >= 200 && status < 300) return;
  throw new SealiftError('vault/notice', `${url.host} answered ${status} to a notice`, {
    fields: { host: url.host, status },
  });
}

/** @param parts.timestamp seconds since 1970 */
export function signWebhook(parts: {
  id: string;
  timestamp: string;
  body: Uint8Array;
  secret: Uint8Array;
}): string {
  const { id, timestamp, body, secret } = parts;
  const hmac = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body);
  return `v1,${hmac.digest('base64')}`;
}

/** The key in a secret's text: base64 after `whsec_`, else the text's own bytes. */
export function webhookSecret(text: string): Uint8Array {
  const plain = text.trim();
  return plain.startsWith(secretPrefix)
    ? Buffer.from(plain.slice(secretPrefix.length), 'base64')
    : Buffer.from(plain, 'utf8');
}

async function readSecret(file: string): Promise<Uint8Array> {
  const secret = webhookSecret(await readFile(file, 'utf8'));
  if (secret.length >= minSecretBytes) return secret;
  throw new SealiftError('vault/notice', `the secret in ${file} is shorter than 16 bytes`, {
    fields: { file },
  });
}

function statusOf(request: http.ClientRequest, body: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      let size = 0;
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size > maxAnswerBytes) response.destroy();
      });
      response.on('error', reject);
      response.on('close', () => resolve(response.statusCode ?? 0));
    });
    request.end(body);
  });
}
