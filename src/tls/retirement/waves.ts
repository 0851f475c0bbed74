/** Who is meant: waves, exemptions and stable shares, matched against what is known of a client. */

import { createHash } from 'node:crypto';
import { inNetwork, parseNetwork } from './networks.ts';
import type { Wave, Who } from './plan.ts';

/**
 * The names under which a client counts: those that it proved, else address and fingerprint together
 * (one machine behind a shared address is told from another by its TLS stack).
 */
export function subjectsOf(who: Who): readonly string[] {
  return who.clients.length > 0 ? who.clients : [`${who.address}|${who.fingerprint}`];
}

/** The first wave that names the client in any way; undefined when it keeps the plan's dates. */
export function findWave(waves: readonly Wave[], who: Who): Wave | undefined {
  return waves.find((wave) => isInWave(wave, who));
}

function isInWave(wave: Wave, who: Who): boolean {
  const { percent } = wave;
  return (
    wave.clients.some((name) => who.clients.includes(name)) ||
    wave.tags.some((tag) => who.tags.includes(tag)) ||
    wave.networks.some((text) => isInNetwork(who.address, text)) ||
    (percent !== undefined &&
      subjectsOf(who).some((subject) => isInShare(subject, wave.name, percent)))
  );
}

/** True for a client's name, an address or network (CIDR) that holds it, or its fingerprint. */
export function isNamed(text: string, who: Who): boolean {
  return who.clients.includes(text) || who.fingerprint === text || isInNetwork(who.address, text);
}

function isInNetwork(address: string, text: string): boolean {
  const network = parseNetwork(text);
  return network !== undefined && inNetwork(address, network);
}

/**
 * True for a stable share of all subjects: the same subject and salt give the same answer for ever,
 * and a larger share holds the smaller one.
 * @param percent 0 to 100
 */
export function isInShare(subject: string, salt: string, percent: number): boolean {
  const digest = createHash('sha256').update(`${subject}\n${salt}`).digest();
  return (digest.readUIntBE(0, hashBytes) / 2 ** (8 * hashBytes)) * 100 < percent;
}

const hashBytes = 6;
