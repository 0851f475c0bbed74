/** What a check of a server tells the doctor: the clock to compare with, and what the server speaks. */

import { getBaseline } from '../../../tls/baselines.ts';
import type { CertificateType } from '../../../tls/certificate-types.ts';
import type { Policy } from '../../../tls/policy.ts';
import { tls12 } from '../../../tls/versions.ts';
import type { Facts } from '../../facts/facts.ts';
import type { ServerCheck } from './check-server.ts';

const clockSources = { 'http-date': 'HTTP Date', hello: 'ServerHello random' } as const;

/** Only for facts of the machine that made the check. */
export function withServerClock(facts: Facts, check: ServerCheck): Facts {
  const { clock } = check;
  if (clock === undefined) return facts;
  const source = { file: clockSources[clock.by] };
  const skewMs = Math.round(clock.skewMs);
  return { ...facts, clock: { ...facts.clock, skewMs, server: serverName(check), source } };
}

/**
 * Its versions as they were answered, its suites as far as they were seen: the one that it chose in each
 * version, then those that current servers have, unless it is too old for them.
 * @returns undefined when it answered in no version
 */
export function policyOfServer(check: ServerCheck): Policy | undefined {
  const agreed = check.versions.flatMap(({ version, answer }) =>
    answer.kind === 'agreed' ? { version, cipherSuite: answer.cipherSuite } : [],
  );
  if (agreed.length === 0) return undefined;
  const versions = agreed.map(({ version }) => version);
  const usual = getBaseline(versions.some((version) => version >= tls12) ? 'intermediate' : 'old');
  const chosen = agreed.toReversed().map(({ cipherSuite }) => cipherSuite);
  return {
    ...usual,
    ...{ name: serverName(check), versions },
    source: `asked at ${new Date(check.checkedAtMs).toISOString()}; other suites: ${usual.source}`,
    cipherSuites: [...new Set([...chosen, ...usual.cipherSuites])],
    signatureSchemes: getBaseline('old').signatureSchemes,
    certificates: [certificateOf(check)],
  };
}

export function serverName({ host, port }: Pick<ServerCheck, 'host' | 'port'>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** By the words that Node has for keys. */
const certificates: readonly (readonly [start: string, type: CertificateType])[] = [
  ['rsa-pss', 'rsa-pss'],
  ['ec secp384r1', 'ecdsa-p384'],
  ['ec secp521r1', 'ecdsa-p521'],
  ['ec', 'ecdsa-p256'],
  ['ed25519', 'ed25519'],
  ['ed448', 'ed448'],
];

function certificateOf({ handshake }: ServerCheck): CertificateType {
  const key = handshake?.kind === 'done' ? (handshake.chain[0]?.key ?? '') : '';
  return certificates.find(([start]) => key.startsWith(start))?.[1] ?? 'rsa';
}
