/** Who would fail when the next phase begins, and what they would need. */

import { Link } from 'react-router';
import type { Overview } from '../../../vault/api/schemas/overview.ts';
import { useSay } from '../../hooks/settings.ts';
import { Answer, Card, Time } from '../../ui/parts.tsx';
import { capabilityName, PhaseBadge } from '../../ui/words.tsx';
import { FailureTable } from '../retirement/failure-table.tsx';

const rowsShown = 8;

export function NextPhase({ next }: { readonly next: Overview['next'] }) {
  const say = useSay();
  if (next === null) {
    return (
      <Card span={12} title={say('overview.nextPhase')}>
        <Answer tone="good" title={say('overview.nothingNext')}>
          <Link to="/retirement">{say('overview.toPlan')}</Link>
        </Answer>
      </Card>
    );
  }
  const { capability, phase, at, failing, failures } = next;
  return (
    <Card
      span={12}
      title={say('overview.nextPhase')}
      note={
        <span className="row">
          <strong>{capabilityName(say, capability)}</strong>
          <PhaseBadge phase={phase} />
          <Time ms={Date.parse(at)} form="both" />
        </span>
      }
      tools={
        failing > rowsShown && (
          <Link className="button" to={`/clients?lacking=${encodeURIComponent(capability)}`}>
            {say('common.showAll', { count: failing })}
          </Link>
        )
      }
    >
      {failing === 0 ? (
        <Answer tone="good" title={say('overview.nobodyFails')} />
      ) : (
        <FailureTable label={say('overview.nextPhase')} failures={failures.slice(0, rowsShown)} />
      )}
    </Card>
  );
}
