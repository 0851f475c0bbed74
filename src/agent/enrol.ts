/** How this machine becomes a client of a vault, with a key of its own. */

import { z } from 'zod';
import { SealiftError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import { parseInviteToken } from '../vault/accounts/invite-token.ts';
import { createCertificateRequest, fingerprintOf } from '../vault/certificates/authority.ts';
import { checkIssued } from './check-issued.ts';
import { type Enrolment, enrolmentFolder, saveEnrolment } from './identity-store.ts';
import { callVault, readServerChain, type VaultAnswer } from './vault-call.ts';

export interface EnrolOptions {
  /** `https://host:port/`; may be left out if the token has it. */
  readonly url?: string;
  readonly token: Secret;
  readonly configDir: string;
  /** The name for `sealift:NAME`; the vault's host name when left out. */
  readonly name?: string;
}

export const issuedSchema = z.object({ name: z.string().min(1), certificate: z.string().min(1) });

/**
 * Enrols this machine. The first connection sends nothing and only reads the server's certificates,
 * to find the one whose hash the token carries; the second trusts that one alone, and carries the
 * token's secret and the request for a certificate. The private key stays here.
 * @throws SealiftError `agent/token` | `tls/untrusted` | `agent/enrol-refused` | `backend/unreachable`
 */
export async function enrol({ url, token, configDir, name }: EnrolOptions): Promise<Enrolment> {
  const invite = parseInviteToken(token.reveal());
  const address = vaultAddress(url ?? invite.url);
  const chosen = name ?? defaultName(address);
  const folder = enrolmentFolder(configDir, chosen);
  const ca = await findAnchor(address, invite.ca);
  const { key, request } = await createCertificateRequest(invite.name);
  const answer = await callVault({
    url: address,
    path: '/_sealift/v1/enrol',
    body: { secret: invite.secret.reveal(), request },
    ca,
  });
  const issued = issuedOf(answer);
  checkIssued(issued.certificate, key);
  const enrolment: Enrolment = {
    name: chosen,
    clientName: issued.name,
    url: address,
    ca,
    certificate: issued.certificate,
    key: new Secret(key),
    folder,
  };
  await saveEnrolment(enrolment);
  return enrolment;
}

/** The certificate of a vault's answer. */
export function issuedOf({ status, body }: VaultAnswer): z.output<typeof issuedSchema> {
  if (status === 200) {
    const result = issuedSchema.safeParse(body);
    if (result.success) return result.data;
    throw new SealiftError('backend/protocol', 'the vault answered something unexpected');
  }
  const reason = z.object({ error: z.string() }).safeParse(body).data?.error ?? `status ${status}`;
  throw new SealiftError('agent/enrol-refused', `the vault refused: ${reason}`, {
    fields: { status },
    hint: 'Ask the vault for a new invitation: `sealift vault invite NAME`.',
  });
}

async function findAnchor(address: string, hash: string): Promise<string> {
  const chain = await readServerChain(address);
  const anchor = chain.find((certificate) => fingerprintOf(certificate.raw) === hash);
  if (anchor !== undefined) return anchor.toString();
  throw new SealiftError(
    'tls/untrusted',
    `the server at ${new URL(address).host} is not the vault that this invitation is from`,
    {
      fields: { address, expected: hash },
      hint: 'Check the address. If it is right, something between here and the vault answers in its place.',
    },
  );
}

function vaultAddress(url: string | undefined): string {
  if (url === undefined)
    throw new SealiftError('agent/token', 'the invitation does not say where the vault is', {
      hint: 'Give the address: `sealift enroll https://HOST:PORT --token TOKEN`.',
    });
  const parsed = URL.parse(url);
  if (parsed?.protocol === 'https:') return new URL('/', parsed).href;
  throw new SealiftError('backend/location', `${url} is no address of a vault`, {
    hint: 'It begins with https:// and has the port of the vault, such as https://vault.example:8443.',
  });
}

/** A host name, or an address with what a folder's name does not take replaced. */
function defaultName(address: string): string {
  return new URL(address).hostname
    .replace(/^\[|\]$/g, '')
    .replace(/:+/g, '-')
    .replace(/^-/, 'v6-');
}
