/** The two questions of the overview, answered in a sentence each. */

import type { Overview } from '../../../vault/api/schemas/overview.ts';
import { useSay } from '../../hooks/settings.ts';
import { useFormat } from '../../ui/format.ts';
import { Answer, Card, Time } from '../../ui/parts.tsx';
import { ShareBar } from '../../ui/share-bar.tsx';
import { capabilityName } from '../../ui/words.tsx';
import { ageParts } from './ages.tsx';

export function BackupAnswer({ overview }: { readonly overview: Overview }) {
  const say = useSay();
  const format = useFormat();
  const { ages, lastAt, lastDay, addedBytesLastDay } = overview.backups;
  const countOf = (...wanted: readonly string[]): number =>
    ages.filter(({ age }) => wanted.includes(age)).reduce((sum, { clients }) => sum + clients, 0);
  const late = countOf('7d', '30d', 'older');
  const never = countOf('never');
  const total = late + never + countOf('24h', '48h');
  const tone = late + never === 0 ? 'good' : 'warn';
  return (
    <Card span={6} title={say('overview.backedUp')}>
      <div className="stack">
        <Answer
          tone={tone}
          title={
            tone === 'good'
              ? say('overview.backedUpYes', { count: total })
              : say('overview.backedUpNo', { count: late + never, total })
          }
        >
          {say('overview.backupsToday', { count: lastDay, size: format.size(addedBytesLastDay) })}{' '}
          {lastAt !== null && (
            <>
              {say('overview.lastBackup')} <Time ms={Date.parse(lastAt)} />.
            </>
          )}
        </Answer>
        <ShareBar label={say('overview.backupAges')} parts={ageParts(say, ages)} />
      </div>
    </Card>
  );
}

export function ConnectAnswer({ overview }: { readonly overview: Overview }) {
  const say = useSay();
  const { counts, next } = overview;
  const { ready, notReady, unknown } = counts;
  const tone = notReady > 0 ? 'bad' : unknown > 0 ? 'warn' : 'good';
  const title = {
    good: say('overview.connectYes', { count: ready }),
    warn: say('overview.connectUnknown', { count: unknown }),
    bad: say('overview.connectNo', { count: notReady }),
  }[tone];
  return (
    <Card span={6} title={say('overview.connect')}>
      <div className="stack">
        <Answer tone={tone} title={title}>
          {next === null ? (
            say('overview.nothingNext')
          ) : (
            <>
              {say('overview.next', {
                capability: capabilityName(say, next.capability),
                phase: say(`phase.${next.phase}`),
              })}{' '}
              <Time ms={Date.parse(next.at)} form="both" />.
            </>
          )}
        </Answer>
        <ShareBar
          label={say('overview.readiness')}
          parts={[
            { key: 'ready', name: say('readiness.ready'), count: ready, color: '--series-2' },
            { key: 'not', name: say('readiness.not-ready'), count: notReady, color: '--tls10' },
            { key: 'unknown', name: say('readiness.unknown'), count: unknown, color: '--other' },
          ]}
        />
      </div>
    </Card>
  );
}
