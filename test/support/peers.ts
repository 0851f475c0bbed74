/** The other programs that judge Sealift in tests: found on the PATH, or a reason to skip. */

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian's package that brings each peer. */
const packages = {
  restic: 'restic',
  openssl: 'openssl',
  'gnutls-cli': 'gnutls-bin',
  curl: 'curl',
  getfattr: 'attr',
  keytool: 'default-jre-headless',
  hivexregedit: 'libwin-hivex-perl',
  python3: 'python3',
  javac: 'default-jdk-headless',
  wine: 'wine',
} as const;

export type Peer = keyof typeof packages;

/** Full path of a peer, or undefined where it is not installed (or SEALIFT_NO_PEERS=1 hides it). */
export function findPeer(peer: Peer): string | undefined {
  if (process.env['SEALIFT_NO_PEERS'] === '1') return undefined;
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, peer);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder; the next one may have it.
    }
  }
  return undefined;
}

/** The `skip` option of a test that needs peers: false, or the reason. */
export function skipWithout(...peers: readonly Peer[]): string | false {
  const missing = peers.filter((peer) => findPeer(peer) === undefined);
  if (missing.length === 0) return false;
  return `needs ${missing.map((peer) => `${peer} (Debian package ${packages[peer]})`).join(', ')}`;
}
