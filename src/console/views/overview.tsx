/** The first page of the morning: is every client backed up, and will every client still connect? */

import { useVault } from '../hooks/queries.ts';
import { useSay, useSettings } from '../hooks/settings.ts';
import { PageHead, Time } from '../ui/parts.tsx';
import { Loaded } from '../ui/states.tsx';
import { FirstSteps } from './first-steps.tsx';
import { Ages } from './overview/ages.tsx';
import { BackupAnswer, ConnectAnswer } from './overview/answers.tsx';
import { Decisions } from './overview/decisions.tsx';
import { NextPhase } from './overview/next-phase.tsx';
import { Shares } from './overview/shares.tsx';
import { Timeline } from './overview/timeline.tsx';

export function Overview() {
  const say = useSay();
  const { language } = useSettings();
  const query = useVault('getOverview', { query: { lang: language } });
  const isNew = query.data?.backups.lastAt === null;
  return (
    <div className="page">
      <PageHead
        title={say('nav.overview')}
        lead={
          query.data !== undefined && (
            <>
              {say('overview.lead', { days: query.data.days })} ·{' '}
              <Time ms={Date.parse(query.data.at)} form="full" />
            </>
          )
        }
      />
      <Loaded query={query} lines={9}>
        {(overview) => (
          <>
            {isNew && <FirstSteps overview={overview} />}
            {!overview.isEmpty && (
              <div className="grid">
                <BackupAnswer overview={overview} />
                <ConnectAnswer overview={overview} />
                <Decisions decisions={overview.decisions} />
                <Timeline overview={overview} />
                <NextPhase next={overview.next} />
                <Shares overview={overview} />
                <Ages overview={overview} />
              </div>
            )}
          </>
        )}
      </Loaded>
    </div>
  );
}
