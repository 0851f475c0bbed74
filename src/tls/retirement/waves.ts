/** Who is meant: waves and stable shares, matched against what is known of a client. */

import { createHash } from 'node:crypto';
import type { Network } from './networks.ts';
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
  const { clients, tags, networks } = membersOf(wave);
  return (
    (clients.size > 0 && who.clients.some((name) => clients.has(name))) ||
    (tags.size > 0 && who.tags.some((tag) => tags.has(tag))) ||
    networks.some((network) => inNetwork(who.address, network)) ||
    (percent !== undefined &&
      subjectsOf(who).some((subject) => isInShare(subject, wave.name, percent)))
  );
}

/** A wave's lists as they are asked: every hello asks, and a wave may name thousands. */
interface Members {
  readonly clients: ReadonlySet<string>;
  readonly tags: ReadonlySet<string>;
  readonly networks: readonly Network[];
}

const members = new WeakMap<Wave, Members>();

function membersOf(wave: Wave): Members {
  const known = members.get(wave);
  if (known !== undefined) return known;
  const networks = wave.networks.flatMap((text) => parseNetwork(text) ?? []);
  const made = { clients: new Set(wave.clients), tags: new Set(wave.tags), networks };
  members.set(wave, made);
  return made;
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
