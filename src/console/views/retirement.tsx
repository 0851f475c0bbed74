/** The retirement: the plan as a picture, a draft beside it, brownouts, exemptions, and what was before. */

import { useEffect, useState } from 'react';
import { useLocation } from 'react-router';
import type { PlanDraft, PolicyState } from '../../vault/api/schemas/policy.ts';
import { useVault } from '../hooks/queries.ts';
import { useSay, useSettings } from '../hooks/settings.ts';
import { Card, CopyBlock, PageHead, Time } from '../ui/parts.tsx';
import { Loaded } from '../ui/states.tsx';
import { capabilityName, PhaseBadge, versionName } from '../ui/words.tsx';
import { BrownoutCalendar } from './retirement/calendar.tsx';
import { DraftEditor } from './retirement/draft-editor.tsx';
import { ExemptionList } from './retirement/exemption-list.tsx';
import { Findings } from './retirement/findings.tsx';
import { Gantt } from './retirement/gantt.tsx';
import { History } from './retirement/history.tsx';

export function Retirement() {
  const say = useSay();
  const { language } = useSettings();
  const { hash } = useLocation();
  const [isEditing, setEditing] = useState(false);
  const [draft, setDraft] = useState<PlanDraft>();
  const query = useVault('getPolicy', { query: { lang: language } });
  const isLoaded = query.data !== undefined;
  useEffect(() => {
    if (isLoaded && hash !== '') document.getElementById(hash.slice(1))?.scrollIntoView();
  }, [hash, isLoaded]);
  return (
    <div className="page">
      <PageHead
        title={say('nav.retirement')}
        lead={query.data !== undefined && <Lead policy={query.data} />}
      >
        {query.data !== undefined && !isEditing && (
          <button type="button" className="button primary" onClick={() => setEditing(true)}>
            {say('plan.edit')}
          </button>
        )}
      </PageHead>
      <Loaded query={query} lines={10}>
        {(policy) => (
          <div className="grid">
            <InForce policy={policy} />
            {isEditing && (
              <DraftEditor
                // A draft is made from one text: it keeps that one as its base.
                policy={policy}
                onReadable={setDraft}
                onClose={() => {
                  setEditing(false);
                  setDraft(undefined);
                }}
              />
            )}
            <BrownoutCalendar draft={draft} />
            <ExemptionList />
            <History revision={policy.revision} />
          </div>
        )}
      </Loaded>
    </div>
  );
}

function Lead({ policy }: { readonly policy: PolicyState }) {
  const say = useSay();
  const { name, appliedAt, appliedBy, hasFile } = policy;
  if (!hasFile) return say('plan.noFile', { name });
  return (
    <>
      <strong>{name}</strong>
      {appliedAt !== null && (
        <>
          {' · '}
          {appliedBy === null ? say('plan.applied') : say('plan.appliedBy', { by: appliedBy })}{' '}
          <Time ms={Date.parse(appliedAt)} form="both" />
        </>
      )}
    </>
  );
}

function InForce({ policy }: { readonly policy: PolicyState }) {
  const say = useSay();
  const { plan, standings, findings, versions, yaml } = policy;
  return (
    <Card
      title={say('plan.inForce')}
      note={say('plan.speaks', { versions: versions.map(versionName).join(', ') })}
    >
      <div className="stack">
        <Gantt plan={plan} label={say('plan.inForce')} />
        {standings.length > 0 && (
          <ul className="row">
            {standings.map(({ capability, phase, next, window }) => (
              <li key={capability} className="standing stack tight">
                <span className="row tight">
                  <strong>{capabilityName(say, capability)}</strong>
                  <PhaseBadge phase={phase} />
                </span>
                {next !== null && (
                  <span className="small soft">
                    {say('plan.then', { phase: say(`phase.${next.phase}`) })}{' '}
                    <Time ms={Date.parse(next.at)} form="both" />
                  </span>
                )}
                {window !== null && (
                  <span className="small soft">
                    {say('plan.window')} <Time ms={Date.parse(window.from)} form="full" /> –{' '}
                    <Time ms={Date.parse(window.until)} form="full" />
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
        <Findings findings={findings} />
        <details>
          <summary>{say('plan.asText')}</summary>
          <CopyBlock text={yaml} label="policy.yaml" />
        </details>
      </div>
    </Card>
  );
}
