/** What somebody has to decide now, the most serious first. */

import { Link } from 'react-router';
import type { Decision, DecisionKind } from '../../../vault/api/schemas/overview.ts';
import { useSay } from '../../hooks/settings.ts';
import { findKey } from '../../texts/texts.ts';
import { ClientLink } from '../../ui/client-link.tsx';
import { useFormat } from '../../ui/format.ts';
import { Answer, Badge, Card, Time, type Tone } from '../../ui/parts.tsx';

const tones: Readonly<Record<Decision['severity'], Tone>> = {
  alarm: 'bad',
  warning: 'warn',
  note: 'accent',
};

/** Where each is decided. */
const places: Readonly<Record<DecisionKind, string>> = {
  'will-be-refused': '/clients?readiness=not-ready',
  'exemption-ends': '/retirement#exemptions',
  'backup-overdue': '/clients?sort=lastBackupAt',
  'never-backed-up': '/clients?sort=lastBackupAt',
  'drill-failed': '/clients?sort=lastDrillAt',
  'drill-overdue': '/clients?sort=lastDrillAt',
  downgrade: '/clients?sort=refused',
  'plan-finding': '/retirement',
  'certificate-expires': '/vault#certificates',
  'scrub-damage': '/vault#scrubs',
  'storage-full': '/vault#storage',
  'quota-full': '/vault#storage',
  'invite-unused': '/vault#invites',
  silent: '/clients?silent=30',
};
const namesShown = 6;

export function Decisions({ decisions }: { readonly decisions: readonly Decision[] }) {
  const say = useSay();
  return (
    <Card span={5} title={say('overview.decisions')}>
      {decisions.length === 0 ? (
        <Answer tone="good" title={say('overview.noDecisions')} />
      ) : (
        <ul className="list-lines scroll-list tall">
          {decisions.map((decision) => (
            <Line key={keyOf(decision)} decision={decision} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Line({ decision }: { readonly decision: Decision }) {
  const say = useSay();
  const format = useFormat();
  const { kind, severity, at, count, clients } = decision;
  const shown = clients.slice(0, namesShown);
  return (
    <li className="stack tight">
      <div className="row between">
        <Badge tone={tones[severity]}>{say(`severity.${severity}`)}</Badge>
        {at !== null && (
          <span className="faint small">
            <Time ms={Date.parse(at)} form="both" />
          </span>
        )}
      </div>
      <div>
        <Link className="strong" to={places[kind]}>
          {say(`decision.${kind}`, { ...writtenFields(decision, say, format), count })}
        </Link>
        <p className="small">{say(`decide.${kind}`)}</p>
        {shown.length > 0 && (
          <p className="small soft breakable">
            {shown.map(({ id, name }, index) => (
              <span key={id}>
                {index > 0 && ', '}
                <ClientLink id={id} name={name} />
              </span>
            ))}
            {count > shown.length && ` ${say('overview.andMore', { count: count - shown.length })}`}
          </p>
        )}
      </div>
    </li>
  );
}

/** Fields as people read them: sizes, capabilities and phases by their words. */
function writtenFields(
  { fields }: Decision,
  say: ReturnType<typeof useSay>,
  format: ReturnType<typeof useFormat>,
): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (typeof value === 'number') {
        return [name, name.endsWith('Bytes') ? format.size(value) : value];
      }
      const key = findKey(`${name}.${value}`);
      return [name, key === undefined ? value : say(key)];
    }),
  );
}

function keyOf({ kind, at, fields, clients }: Decision): string {
  return JSON.stringify([kind, at, fields, clients[0]?.id]);
}
