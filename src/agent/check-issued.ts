/** Whether a certificate from the vault is what was asked for. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { messageOf, SealiftError } from '../base/errors.ts';

/**
 * @param key PEM of the key that the request was made with
 * @throws SealiftError `backend/protocol` unless the certificate is over that key
 */
export function checkIssued(certificate: string, key: string): void {
  let problem = 'it is not over the key of this machine';
  try {
    if (new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) return;
  } catch (error) {
    problem = messageOf(error);
  }
  throw new SealiftError(
    'backend/protocol',
    `the vault sent a certificate that cannot be used: ${problem}`,
  );
}
