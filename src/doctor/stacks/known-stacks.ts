/** Facts of a stack in, its predicted offer out: the one place where settings become inputs of a prediction. */

import { findKnownClient } from '../../tls/known-clients.ts';
import { offeredVersions } from '../../tls/offer.ts';
import type { TlsVersion } from '../../tls/versions.ts';
import { sslv3, tls10, tls12 } from '../../tls/versions.ts';
import type { StackFact } from '../facts/facts.ts';
import { parseJavaVersion } from '../facts/java/java-version.ts';
import { parseNodeOptions, splitNodeOptions } from '../facts/node/node-options.ts';
import { tlsCommands } from '../facts/openssl/tls-settings.ts';
import { predictGnutls } from './gnutls.ts';
import { predictJava } from './java.ts';
import { predictNode } from './node.ts';
import type { OpensslCommand, OpensslInput } from './openssl.ts';
import { predictOpenssl } from './openssl.ts';
import { isAtLeast, parseOpensslVersion } from './openssl-releases.ts';
import type { StackOffer } from './stack-offer.ts';

/** undefined for stacks that another part predicts, or that send what the program tells them. */
export function predictStackFact(fact: StackFact): StackOffer | undefined {
  switch (fact.kind) {
    case 'openssl':
      return opensslOffer(fact);
    case 'java':
      return javaOffer(fact);
    case 'node':
      return nodeOffer(fact);
    case 'python':
      return pythonOffer(fact);
    case 'gnutls':
      return gnutlsOffer(fact);
    case 'go':
      return goOffer(fact);
    case 'curl':
      return curlOffer(fact);
    default:
      return undefined;
  }
}

export function opensslOffer(fact: StackFact): StackOffer {
  const input = opensslInput(fact, fact.version);
  if (input === undefined) return { kind: 'unknown', missing: 'version' };
  const { release } = input;
  if (isAtLeast(release, 1, 1)) return predictOpenssl(input);
  // Before 1.1.0 there are neither system defaults nor security levels.
  if (isAtLeast(release, 1, 0, 1)) {
    const id = isAtLeast(release, 1, 0, 2) ? 'openssl-1.0.2' : 'openssl-1.0.1';
    return knownOffer(id, tls10);
  }
  return knownOffer('openssl-0.9.8', sslv3);
}

export function javaOffer(fact: StackFact): StackOffer {
  const version = parseJavaVersion(fact.version ?? '');
  if (version === undefined) return { kind: 'unknown', missing: 'version' };
  const wideConstraints = fact.settings?.['wideConstraints'] === 'yes';
  return predictJava({ version, properties: textSettings(fact), wideConstraints });
}

export function nodeOffer(fact: StackFact): StackOffer {
  const major = Number(/^v?(\d+)\./.exec(fact.version ?? '')?.[1] ?? Number.NaN);
  if (Number.isNaN(major)) return { kind: 'unknown', missing: 'version' };
  const settings = textSettings(fact);
  const openssl = opensslInput(fact, settings.get('openssl'));
  if (major < 12) {
    return major === 8 || major === 10
      ? knownOffer(`node-${major}`, tls10)
      : { kind: 'unknown', missing: 'release' };
  }
  if (openssl === undefined) return { kind: 'unknown', missing: 'version' };
  const options = parseNodeOptions(splitNodeOptions(settings.get('NODE_OPTIONS') ?? ''));
  return predictNode({ openssl, options });
}

/** What ssl.SSLContext sets since Python 3.10 (Modules/_ssl.c), over the system's OpenSSL. */
const pythonCommands: readonly OpensslCommand[] = [
  { command: 'MinProtocol', value: 'TLSv1.2' },
  {
    command: 'CipherString',
    value:
      '@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM',
  },
];

export function pythonOffer(fact: StackFact): StackOffer {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(fact.version ?? '') ?? [];
  const input = opensslInput(fact, textSettings(fact).get('openssl'));
  if (major === undefined || minor === undefined || input === undefined) {
    return { kind: 'unknown', missing: 'version' };
  }
  if (Number(major) !== 3 || Number(minor) < 10) return { kind: 'unknown', missing: 'release' };
  return predictOpenssl({ ...input, commands: [...input.commands, ...pythonCommands] });
}

/**
 * curl over its OpenSSL: it sets the maximum itself, TLS 1.3 since 7.61.0, and leaves the minimum to the
 * library's configuration, TLS 1.2 since 8.16.0; it asks for no tickets (CURLOPT_SSLVERSION; measured).
 */
export function curlOffer(fact: StackFact): StackOffer | undefined {
  const [, major = '', minor = ''] = /^(\d+)\.(\d+)/.exec(fact.version ?? '') ?? [];
  const input = opensslInput(fact, textSettings(fact).get('openssl'));
  // Without its library nothing is known of it, and it is not judged.
  if (input === undefined) return undefined;
  const isAt = (least: readonly [number, number]): boolean =>
    Number(major) > least[0] || (Number(major) === least[0] && Number(minor) >= least[1]);
  const bounds: OpensslCommand[] = [
    { command: 'Options', value: '-SessionTicket' },
    { command: 'MaxProtocol', value: isAt([7, 61]) ? 'None' : 'TLSv1.2' },
    ...(isAt([8, 16]) ? [{ command: 'MinProtocol', value: 'TLSv1.2' } as const] : []),
  ];
  return predictOpenssl({ ...input, commands: [...input.commands, ...bounds] });
}

/** The offer of a program that leaves the priorities to GnuTLS. */
export function gnutlsOffer(fact: StackFact): StackOffer {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(fact.version ?? '') ?? [];
  if (major === undefined || minor === undefined) return { kind: 'unknown', missing: 'version' };
  // Measured of 3.7; 3.6 brought TLS 1.3 in the middle of its life, 3.8 the post-quantum hybrids.
  if (Number(major) !== 3 || Number(minor) < 7) return { kind: 'unknown', missing: 'release' };
  const settings = textSettings(fact);
  const list = fact.settings?.['overrides'] ?? [];
  // Only what is named counts in an allowlist.
  const isAllowlist = settings.get('mode') === 'allowlist';
  return predictGnutls({
    priority: isAllowlist ? 'NONE' : (settings.get('SYSTEM') ?? 'NORMAL'),
    overrides: typeof list === 'string' ? [list] : list,
  });
}

/** What Go's crypto/tls offers by default, by the compiler's version: the nearest older measured one. */
export function goOffer(fact: StackFact): StackOffer {
  const minor = Number(/^(?:go)?1\.(\d+)/.exec(fact.version ?? '')?.[1] ?? Number.NaN);
  if (Number.isNaN(minor)) return { kind: 'unknown', missing: 'version' };
  const measured = [24, 20, 13].find((known) => known <= minor);
  if (measured === undefined) return { kind: 'unknown', missing: 'release' };
  // Clients begin with TLS 1.2 since Go 1.18 (its release notes).
  const settings = textSettings(fact);
  const isOld = minor < 18 || settings.get('GODEBUG')?.includes('tls10default=1') === true;
  return knownOffer(`go-1.${measured}`, isOld ? tls10 : tls12);
}

function knownOffer(id: string, oldest: TlsVersion): StackOffer {
  const offer = findKnownClient(id)?.offer;
  if (offer === undefined) return { kind: 'unknown', missing: 'release' };
  const versions = offeredVersions(offer).filter((version) => version >= oldest);
  return { kind: 'offer', versions, offer };
}

function opensslInput(fact: StackFact, version: string | undefined): OpensslInput | undefined {
  const release = version === undefined ? undefined : parseOpensslVersion(version);
  if (release === undefined) return undefined;
  const level = textSettings(fact).get('securityLevel');
  return {
    release,
    ...(level === undefined ? {} : { securityLevel: Number(level) }),
    commands: commandsOf(fact),
  };
}

/** The TLS commands among the settings, in their order. */
function commandsOf({ settings = {} }: StackFact): OpensslCommand[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    const command = tlsCommands.find((known) => known === name);
    if (command === undefined) return [];
    return (typeof value === 'string' ? [value] : value).map((one) => ({ command, value: one }));
  });
}

function textSettings({ settings = {} }: StackFact): Map<string, string> {
  return new Map(
    Object.entries(settings).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  );
}
