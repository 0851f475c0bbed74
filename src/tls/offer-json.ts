/** Offers as JSON documents, for the ledger and for steps that run elsewhere. */

import { z } from 'zod';
import { SealiftError } from '../base/errors.ts';
import type { Offer } from './offer.ts';
import { makeOffer } from './offer.ts';

const code = z.number().int().min(0).max(0xffff);
const codes = z.array(code).max(0x8000);
const byte = z.number().int().min(0).max(0xff);
const bytes = z.array(byte).max(0xff);

/** Fields that are undefined are left out of the JSON. */
const schema = z.strictObject({
  form: z.enum(['tls', 'sslv2']).optional(),
  legacyVersion: code,
  versions: codes.optional(),
  cipherSuites: codes,
  sslv2Kinds: z.array(z.number().int().min(0x10000).max(0xffffff)).optional(),
  compressionMethods: bytes.optional(),
  extensions: codes.optional(),
  serverName: z.string().max(255).optional(),
  alpn: z.array(z.string().max(255)).optional(),
  groups: codes.optional(),
  keyShares: codes.optional(),
  signatureSchemes: codes.optional(),
  certificateSignatureSchemes: codes.optional(),
  pointFormats: bytes.optional(),
  pskModes: bytes.optional(),
  serverCertificateTypes: bytes.optional(),
  clientCertificateTypes: bytes.optional(),
  sessionTicket: z.enum(['absent', 'empty', 'present']).optional(),
  preSharedKey: z.boolean().optional(),
  earlyData: z.boolean().optional(),
  extendedMasterSecret: z.boolean().optional(),
  encryptThenMac: z.boolean().optional(),
  secureRenegotiation: z.boolean().optional(),
  statusRequest: z.boolean().optional(),
  encryptedClientHello: z.enum(['outer', 'inner']).optional(),
  grease: z.boolean().optional(),
});

export function offerToJson(offer: Offer): string {
  return JSON.stringify(offer);
}

/** @throws SealiftError `format/json` that names the field */
export function offerFromJson(json: string): Offer {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new SealiftError('format/json', 'the offer is not JSON', { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return makeOffer(withoutUndefined(parsed.data));
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new SealiftError('format/json', `offer, field ${field}: ${issue?.message ?? 'is wrong'}`, {
    fields: { field },
  });
}

/** A key that is there but undefined would hide the default of makeOffer. */
function withoutUndefined(fields: z.output<typeof schema>): Partial<Offer> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<Offer>; // The schema's output, key by key.
}
