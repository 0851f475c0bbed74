/** Restore drills by age: a backup that was never restored is a hope. */

import type { AgeBucket, Overview } from '../../../vault/api/schemas/overview.ts';
import { useSay } from '../../hooks/settings.ts';
import type { Say } from '../../texts/texts.ts';
import { Card, Notice, Time } from '../../ui/parts.tsx';
import { ShareBar, type SharePart } from '../../ui/share-bar.tsx';

const ageColors: Readonly<Record<AgeBucket, string>> = {
  '24h': '--series-2',
  '48h': '--series-1',
  '7d': '--series-6',
  '30d': '--series-3',
  older: '--series-5',
  never: '--other',
};

export function ageParts(
  say: Say,
  ages: readonly { readonly age: AgeBucket; readonly clients: number }[],
): SharePart[] {
  return ages.map(({ age, clients }) => ({
    key: age,
    name: say(`age.${age}`),
    count: clients,
    color: ageColors[age],
  }));
}

export function Ages({ overview }: { readonly overview: Overview }) {
  const say = useSay();
  const { ages, lastAt, failedLastMonth } = overview.drills;
  return (
    <Card
      span={4}
      title={say('overview.drills')}
      note={
        <>
          {say('overview.lastDrill')} <Time ms={lastAt === null ? null : Date.parse(lastAt)} />
        </>
      }
    >
      <div className="stack">
        {failedLastMonth > 0 && (
          <Notice tone="bad">{say('overview.drillsFailed', { count: failedLastMonth })}</Notice>
        )}
        <ShareBar label={say('overview.drills')} parts={ageParts(say, ages)} />
      </div>
    </Card>
  );
}
