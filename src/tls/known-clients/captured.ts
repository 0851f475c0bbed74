/** Clients whose own hello was captured: src/tls/measured-hellos.ts. */

import { decodeHex } from '../../base/bytes.ts';
import { readClientHello } from '../hello-reader.ts';
import { measuredHellos } from '../measured-hellos.ts';
import type { Offer } from '../offer.ts';
import type { ClientFamily, KnownClient } from './known-client.ts';

const families: readonly ClientFamily[] = [
  ...(['openssl', 'gnutls', 'curl', 'python', 'java', 'go', 'restic', 'node'] as const),
];

export const capturedClients: readonly KnownClient[] = measuredHellos.map(
  ({ id, name, program, hex }): KnownClient => ({
    id,
    name,
    family: familyOf(id),
    source: `captured hello of ${program}`,
    evidence: 'measured',
    offer: offerOfHello(hex),
  }),
);

function familyOf(id: string): ClientFamily {
  const family = families.find((name) => id.startsWith(`${name}-`));
  if (family === undefined) throw new RangeError(`the measured client ${id} is of no family`);
  return family;
}

function offerOfHello(hex: string): Offer {
  const progress = readClientHello(decodeHex(hex));
  if (progress.kind !== 'hello') throw new RangeError('a measured hello is not readable');
  return progress.hello.offer;
}
