/** Who would fail: under the plan in force and under the draft, at the same moment. */

import { useState } from 'react';
import type { Simulated, Simulation } from '../../../vault/api/schemas/policy.ts';
import { useSay } from '../../hooks/settings.ts';
import { Answer, Time } from '../../ui/parts.tsx';
import { FailureTable } from './failure-table.tsx';

const rowsShown = 12;

export function SideBySide({ simulated }: { readonly simulated: Simulated }) {
  const say = useSay();
  const { at, days, current, draft, onlyDraft, onlyCurrent } = simulated;
  return (
    <div className="stack">
      <p className="soft">
        {say('simulation.at')} <Time ms={Date.parse(at)} form="both" /> ·{' '}
        {say('simulation.days', { days })}
      </p>
      <div className="sides">
        <Side title={say('simulation.current')} simulation={current} only={onlyCurrent} />
        {draft !== null && (
          <Side title={say('simulation.draft')} simulation={draft} only={onlyDraft} />
        )}
      </div>
    </div>
  );
}

function Side({
  title,
  simulation,
  only,
}: {
  readonly title: string;
  readonly simulation: Simulation;
  readonly only: Simulated['onlyDraft'];
}) {
  const say = useSay();
  const [isAll, setAll] = useState(false);
  const { failures, oneOff, passing, unknown, wouldFail } = simulation;
  const marked = new Set(only.map(({ id, fingerprint }) => `${id} ${fingerprint}`));
  return (
    <section className="stack" aria-label={title}>
      <h3>{title}</h3>
      <Answer
        tone={wouldFail ? 'bad' : 'good'}
        title={
          failures.length === 0
            ? say('overview.nobodyFails')
            : say('simulation.fail', { count: failures.length })
        }
      >
        {say('simulation.rest', { passing, unknown, oneOff: oneOff.length })}
      </Answer>
      {failures.length > 0 && (
        <FailureTable
          label={title}
          failures={isAll ? failures : failures.slice(0, rowsShown)}
          isMarked={({ id, fingerprint }) => marked.has(`${id} ${fingerprint}`)}
        />
      )}
      {failures.length > rowsShown && !isAll && (
        <div>
          <button type="button" className="button" onClick={() => setAll(true)}>
            {say('common.showAll', { count: failures.length })}
          </button>
        </div>
      )}
    </section>
  );
}
