/**
 * The text that invites a machine: `sealift1.` and base64url of a JSON object. It carries a hash of
 * the certificate that the vault can be recognised by, so that the first contact is already
 * authenticated, and a secret that serves once.
 */

import { z } from 'zod';
import { SealiftError } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';

const prefix = 'sealift1.';
const maxLength = 4096;

const schema = z.object({
  v: z.literal(1),
  url: z.url({ protocol: /^https$/ }).optional(),
  ca: z.string().regex(/^[0-9a-f]{64}$/),
  secret: z.string().min(32).max(128),
  name: z.string().min(1).max(64),
});

export interface InviteToken {
  /** Where the vault is, if whoever invited knew. */
  readonly url: string | undefined;
  /** SHA-256 of the DER of the vault's trust anchor, lower-case hex. */
  readonly ca: string;
  readonly secret: Secret;
  readonly name: string;
}

export function encodeInviteToken(token: InviteToken): string {
  const { url, ca, secret, name } = token;
  const document = {
    v: 1,
    ...(url === undefined ? {} : { url }),
    ca,
    secret: secret.reveal(),
    name,
  };
  return prefix + Buffer.from(JSON.stringify(document)).toString('base64url');
}

/** @throws SealiftError `agent/token` if the text is no token of this version */
export function parseInviteToken(text: string): InviteToken {
  const trimmed = text.trim();
  if (!trimmed.startsWith(prefix) || trimmed.length > maxLength)
    throw tokenError('it does not begin with sealift1.');
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(trimmed.slice(prefix.length), 'base64url').toString('utf8'));
  } catch {
    throw tokenError('it is cut short or mistyped');
  }
  const result = schema.safeParse(document);
  if (!result.success) throw tokenError('it is cut short or mistyped');
  const { url, ca, secret, name } = result.data;
  return { url, ca, secret: new Secret(secret), name };
}

function tokenError(problem: string): SealiftError {
  return new SealiftError('agent/token', `this is no invitation: ${problem}`, {
    hint: 'Copy the whole token that `sealift vault invite NAME` printed.',
  });
}
