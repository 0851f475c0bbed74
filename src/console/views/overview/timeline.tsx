/** Which versions connect, week by week, with the dates of the plan. */

import { useMemo, useState } from 'react';
import type { Overview } from '../../../vault/api/schemas/overview.ts';
import { useSay } from '../../hooks/settings.ts';
import { AreaChart } from '../../ui/area-chart.tsx';
import { Segments } from '../../ui/fields.tsx';
import { dayMs } from '../../ui/format.ts';
import { Card } from '../../ui/parts.tsx';
import { Empty } from '../../ui/states.tsx';
import { capabilityName, versionColor, versionName } from '../../ui/words.tsx';

type Measure = 'clients' | 'connections';

/** Dates further ahead would squeeze what has been into a corner. */
const aheadShare = 0.5;

export function Timeline({ overview }: { readonly overview: Overview }) {
  const say = useSay();
  const [measure, setMeasure] = useState<Measure>('clients');
  const { weeks, markers } = overview;
  const moments = useMemo(() => weeks.map(({ monday }) => Date.parse(monday)), [weeks]);
  const series = useMemo(() => {
    const versions = [...new Set(weeks.flatMap((week) => week.versions.map((v) => v.version)))];
    return versions.sort(byVersion).map((version) => ({
      name: version === null ? say('overview.refused') : versionName(version),
      color: version === null ? '--series-4' : versionColor(version),
      values: weeks.map(
        (week) => week.versions.find((entry) => entry.version === version)?.[measure] ?? 0,
      ),
    }));
  }, [weeks, measure, say]);
  const marks = useMemo(() => {
    const first = moments[0] ?? 0;
    const last = moments.at(-1) ?? 0;
    const until = last + Math.max((last - first) * aheadShare, 28 * dayMs);
    return markers
      .map(({ capability, phase, at }) => ({
        ms: Date.parse(at),
        label: `${capabilityName(say, capability)} · ${say(`phase.${phase}`)}`,
      }))
      .filter(({ ms }) => ms >= first && ms <= until)
      .sort((a, b) => a.ms - b.ms);
  }, [markers, moments, say]);
  return (
    <Card
      span={7}
      title={say('overview.timeline')}
      note={say('overview.timelineNote')}
      tools={
        <Segments
          label={say('overview.measure')}
          value={measure}
          options={[
            { value: 'clients', label: say('overview.measureClients') },
            { value: 'connections', label: say('overview.measureConnections') },
          ]}
          onChange={(value) => setMeasure(value === 'clients' ? 'clients' : 'connections')}
        />
      }
    >
      {moments.length === 0 ? (
        <Empty title={say('overview.noWeeks')} />
      ) : (
        <AreaChart
          label={say('overview.timeline')}
          moments={moments}
          series={series}
          marks={marks}
          height={300}
        />
      )}
    </Card>
  );
}

/** The oldest at the bottom, where it can be seen to vanish; refusals on top of all. */
function byVersion(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return rank(a) - rank(b);
}

function rank(version: string): number {
  const order = ['ssl2', 'ssl3', '1.0', '1.1', '1.2', '1.3'].indexOf(version);
  return order === -1 ? 99 : order;
}
