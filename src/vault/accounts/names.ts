/** Names of users and clients. A name is also the first folder of its repositories. */

import { SealiftError } from '../../base/errors.ts';
import { isReservedComponent, isReservedRoot } from '../repositories/repository-path.ts';

const allowed = /^[A-Za-z0-9][A-Za-z0-9@._+-]{0,63}$/;

/** @throws SealiftError `vault/user` if the name cannot be a user's or a client's */
export function checkAccountName(name: string): string {
  if (allowed.test(name) && !isReservedComponent(name) && !isReservedRoot(name)) return name;
  throw new SealiftError('vault/user', `${JSON.stringify(name)} cannot be a name`, {
    hint: 'Use up to 64 letters, digits and @ . _ + -, beginning with a letter or digit, and none of the words data, keys, locks, snapshots, index, config, api, console.',
    fields: { name },
  });
}
