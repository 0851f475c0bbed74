/** The field's words with their signs: readiness, versions, phases, capabilities, alerts. */

import type { ReadinessState } from '../../vault/api/schemas/clients.ts';
import type { ApiCapability, ApiPhase } from '../../vault/api/schemas/common.ts';
import { useSay } from '../hooks/settings.ts';
import { findKey, type Say } from '../texts/texts.ts';
import { Badge, type Tone } from './parts.tsx';

export const readinessTones: Readonly<Record<ReadinessState, Tone>> = {
  ready: 'good',
  'not-ready': 'bad',
  unknown: 'mute',
};

export function ReadinessBadge({ state }: { readonly state: ReadinessState }) {
  const say = useSay();
  return <Badge tone={readinessTones[state]}>{say(`readiness.${state}`)}</Badge>;
}

/** `TLS 1.2` of the `1.2` of the API; what has no such name stays as it is. */
export function versionName(version: string): string {
  if (/^\d\.\d$/.test(version)) return `TLS ${version}`;
  return version.replace(/^ssl(\d)$/, 'SSL $1.0');
}

const versionColors: Readonly<Record<string, string>> = {
  '1.0': '--tls10',
  '1.1': '--tls11',
  '1.2': '--tls12',
  '1.3': '--tls13',
};

export function versionColor(version: string | null): string {
  return (version === null ? undefined : versionColors[version]) ?? '--other';
}

/** With a square of the version's colour; old ones also with a word for a screen reader. */
export function Version({ version }: { readonly version: string | null }) {
  const say = useSay();
  if (version === null) return <span className="faint">{say('common.none')}</span>;
  return (
    <span className="version">
      <i style={{ background: `var(${versionColor(version)})` }} aria-hidden />
      {versionName(version)}
    </span>
  );
}

export function capabilityName(say: Say, capability: ApiCapability): string {
  return say(`capability.${capability}`);
}

export const phaseTones: Readonly<Record<ApiPhase, Tone>> = {
  observe: 'mute',
  warn: 'accent',
  brownout: 'warn',
  enforce: 'bad',
};

export function PhaseBadge({ phase }: { readonly phase: ApiPhase }) {
  const say = useSay();
  return <Badge tone={phaseTones[phase]}>{say(`phase.${phase}`)}</Badge>;
}

export function Tags({ tags }: { readonly tags: readonly string[] }) {
  return (
    <span className="tags">
      {tags.map((tag) => (
        <span key={tag} className="tag">
          {tag}
        </span>
      ))}
    </span>
  );
}

/** A word of the API in the page's language, or as it is where there is no text for it. */
export function word(say: Say, prefix: string, code: string): string {
  const key = findKey(`${prefix}.${code}`);
  return key === undefined ? code : say(key);
}
