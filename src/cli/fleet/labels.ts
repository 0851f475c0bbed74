/** How clients of the ledger and their TLS are called in tables, in the user's language. */

import { formatTime, nsPerMs } from '../../base/time.ts';
import { cipherSuiteName } from '../../tls/cipher-suites.ts';
import { groupName } from '../../tls/groups.ts';
import { reasonText } from '../../tls/reasons.ts';
import { capabilityName } from '../../tls/retirement/capability-text.ts';
import { versionName } from '../../tls/versions.ts';
import type { ClientClass } from '../../vault/ledger/classes.ts';
import type { ClientKind } from '../../vault/ledger/entities.ts';
import type { Readiness } from '../../vault/ledger/readiness.ts';
import type { Language } from '../language.ts';
import { localTime } from '../local-time.ts';
import type { TextKey } from '../texts/en.ts';
import type { Say } from '../texts/texts.ts';

export interface Speaker {
  readonly say: Say;
  readonly language: Language;
}

const kindKeys: Readonly<Record<ClientKind, TextKey>> = {
  certificate: 'ledger.kindCertificate',
  login: 'ledger.kindLogin',
  address: 'ledger.kindAddress',
  network: 'ledger.kindNetwork',
};

const classKeys: Readonly<Record<ClientClass, TextKey>> = {
  client: 'ledger.classClient',
  visitor: 'ledger.classVisitor',
  scanner: 'ledger.classScanner',
};

export function kindText({ say }: Speaker, kind: ClientKind): string {
  return say(kindKeys[kind]);
}

export function classText({ say }: Speaker, type: ClientClass): string {
  return say(classKeys[type]);
}

export function readinessText(speaker: Speaker, readiness: Readiness | undefined): string {
  const { say } = speaker;
  if (readiness === undefined) return '';
  if (readiness.state === 'ready') return say('ledger.ready');
  if (readiness.state === 'unknown') return say('ledger.readyUnknown');
  const what = obstacleText(speaker, readiness);
  const lastMs = readiness.obstacles[0]?.lastSeenMs;
  return say('ledger.notReady', { what, date: lastMs === undefined ? '' : dateText(lastMs) });
}

/** What it cannot do without: the names of the capabilities, or the alert where the policy itself refuses. */
export function obstacleText({ language }: Speaker, { obstacles }: Readiness): string {
  const names = obstacles.flatMap(({ capabilities, alert }) =>
    capabilities.length > 0
      ? capabilities.map((capability) => capabilityName(capability, language))
      : [alert],
  );
  return [...new Set(names)].join(', ');
}

/** Where client and server part, in a sentence for each hello that will be refused. */
export function obstacleReasons({ language }: Speaker, { obstacles }: Readiness): string[] {
  const reasons = obstacles.flatMap(({ why }) =>
    why === undefined ? [] : reasonText(why, language),
  );
  return [...new Set(reasons)];
}

export function versionText(version: number | undefined): string {
  return version === undefined ? '' : versionName(version);
}

export function suiteText(suite: number | undefined): string {
  return suite === undefined ? '' : cipherSuiteName(suite);
}

export function groupText(group: number | undefined): string {
  return group === undefined ? '' : groupName(group);
}

/** `2026-11-24 06:27:50` in the local zone; empty for never. */
export function momentText(ms: number | undefined): string {
  return ms === undefined ? '' : localTime(BigInt(Math.trunc(ms)) * nsPerMs);
}

/** RFC 3339 for machines. */
export function momentJson(ms: number | undefined): string | null {
  return ms === undefined ? null : formatTime(BigInt(Math.trunc(ms)) * nsPerMs, 0);
}

/** `2026-11-24`, UTC. */
export function dateText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
