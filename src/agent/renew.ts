/** Keeps a machine's certificate from running out. */

import { SealiftError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import { type Clock, systemClock } from '../base/time.ts';
import {
  createCertificateRequest,
  isRenewalDue,
  readCertificate,
} from '../vault/certificates/authority.ts';
import { checkIssued } from './check-issued.ts';
import { issuedOf } from './enrol.ts';
import { type Enrolment, saveIdentity } from './identity-store.ts';
import { callVault } from './vault-call.ts';

export interface RenewOptions {
  readonly clock?: Clock;
  /** Told why a renewal failed that the next run will try again. */
  readonly onProblem?: (error: unknown) => void;
}

/**
 * Gets a new key and certificate when less than a third of the certificate's life is left. The old
 * one stays valid until its end, so an answer that is lost costs nothing.
 * @returns the enrolment to go on with; the same object if nothing was due, or if the renewal failed,
 *   which must not keep a machine from backing up while its certificate counts
 * @throws SealiftError `agent/identity` if the certificate has run out already
 */
export async function renewIfDue(
  enrolment: Enrolment,
  { clock = systemClock, onProblem }: RenewOptions = {},
): Promise<Enrolment> {
  const facts = readCertificate(enrolment.certificate);
  if (!isRenewalDue(facts, clock.now())) return enrolment;
  if (facts.notAfterMs <= clock.now()) {
    throw new SealiftError(
      'agent/identity',
      `the certificate of this machine for ${enrolment.name} has expired`,
      {
        fields: { name: enrolment.name },
        hint: 'Enrol this machine again with a new invitation: `sealift vault invite NAME` on the vault.',
      },
    );
  }
  try {
    return await renew(enrolment);
  } catch (error) {
    onProblem?.(error);
    return enrolment;
  }
}

async function renew(enrolment: Enrolment): Promise<Enrolment> {
  const { key, request } = await createCertificateRequest(enrolment.clientName);
  const answer = await callVault({
    url: enrolment.url,
    path: '/_sealift/v1/renew',
    body: { request },
    ca: enrolment.ca,
    certificate: enrolment.certificate,
    key: enrolment.key,
  });
  const { certificate } = issuedOf(answer);
  checkIssued(certificate, key);
  const renewed = { ...enrolment, certificate, key: new Secret(key) };
  await saveIdentity(renewed);
  return renewed;
}
