/** The `notices` section of vault.yaml: whom to tell, how often, and how to reach them. */

import { z } from 'zod';
import { fitsAny } from '../accounts/name-patterns.ts';
import { durationField as duration } from '../config-fields.ts';

const dayMs = 24 * 60 * 60_000;

const address = z.email();
const localHosts = ['localhost', '127.0.0.1', '::1', '[::1]'];

const webhook = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .refine((url) => url.startsWith('https:') || localHosts.includes(new URL(url).hostname), {
      message: 'must begin with https:// (http:// only to this machine)',
    }),
  /** Signs every message, so that its receiver can tell who sent it. */
  secretFile: z.string().min(1),
  /** PEM of the authority that the receiver's certificate is of, instead of Node's list. */
  caFile: z.string().min(1).optional(),
  timeout: duration.default(10_000),
});

const email = z
  .strictObject({
    host: z.string().min(1),
    port: z.number().int().min(1).max(65535).optional(),
    /** `none` is for a mail server on this machine. */
    security: z.enum(['starttls', 'tls', 'none']).default('starttls'),
    user: z.string().min(1).optional(),
    passwordFile: z.string().min(1).optional(),
    caFile: z.string().min(1).optional(),
    from: address,
    /** Gets the notices of clients that have no owner. */
    to: z.array(address).default([]),
    timeout: duration.default(30_000),
  })
  .refine(({ user, passwordFile }) => (user === undefined) === (passwordFile === undefined), {
    message: 'user and passwordFile must be given together',
  })
  .refine(({ security, host }) => security !== 'none' || localHosts.includes(host), {
    message: 'security: none is only for a mail server on this machine',
  });

const owner = z.strictObject({
  name: z.string().min(1),
  /** Names of clients and logins; `*` stands for any characters. */
  clients: z.array(z.string().min(1)).min(1),
  email: z.array(address).default([]),
});

export const noticesSchema = z.strictObject({
  /** One message per period and owner, at the most. */
  period: duration.default(7 * dayMs),
  /** The same for suspected downgrades. */
  alarmPeriod: duration.default(60 * 60_000),
  language: z.enum(['en', 'zh-CN']).default('en'),
  /** How the messages call this vault; the machine's name when left out. */
  vaultName: z.string().min(1).optional(),
  webhook: webhook.optional(),
  email: email.optional(),
  owners: z.array(owner).default([]),
});

export type NoticesConfig = z.output<typeof noticesSchema>;
export type WebhookConfig = z.output<typeof webhook>;
export type EmailConfig = z.output<typeof email>;

/** Whoever runs the vault; the owner of all clients that nobody else owns. */
export const operator = 'operator';

export interface Owner {
  readonly name: string;
  readonly email: readonly string[];
}

/** The first owner whose list names the client, else the operator. */
export function ownerOf(client: string, config: NoticesConfig): Owner {
  const found = config.owners.find(({ clients }) => fitsAny(clients, client));
  return found ?? { name: operator, email: config.email?.to ?? [] };
}
