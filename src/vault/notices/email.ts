/** Mails a digest over SMTP: TLS 1.2 or better with a verified certificate, or to this very machine. */

import { readFile } from 'node:fs/promises';
import { createTransport } from 'nodemailer';
import { SealiftError } from '../../base/errors.ts';
import type { Letter } from './digest.ts';
import type { EmailConfig } from './notice-config.ts';

const ports = { tls: 465, starttls: 587, none: 25 } as const;

/**
 * Settles once the mail server has taken the message for every recipient.
 * @param message.id the same for every attempt, so that a repeated message can be told
 * @throws SealiftError `vault/notice`, or what the mail server said
 */
export async function mailDigest(
  message: Letter & { readonly id: string; readonly to: readonly string[] },
  config: EmailConfig,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { host, security, user, passwordFile, caFile, from, timeout } = config;
  const transport = createTransport({
    host,
    port: config.port ?? ports[security],
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    tls: {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      ...(caFile === undefined ? {} : { ca: await readFile(caFile) }),
    },
    ...(user === undefined || passwordFile === undefined
      ? {}
      : { auth: { user, pass: (await readFile(passwordFile, 'utf8')).trim() } }),
    // Nothing of a message is read from files or fetched from elsewhere.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const { rejected } = await transport.sendMail({
      from,
      to: [...message.to],
      subject: message.subject,
      text: message.text,
      messageId: `<${message.id}@${from.split('@')[1] ?? 'sealift'}>`,
      // RFC 3834: no vacation note comes back.
      headers: { 'Auto-Submitted': 'auto-generated' },
      ...(signal === undefined ? {} : { signal }),
    });
    if (rejected.length === 0) return;
    throw new SealiftError('vault/notice', `${host} refused ${rejected.length} recipients`, {
      fields: { host, rejected: rejected.map(String) },
    });
  } finally {
    transport.close();
  }
}
