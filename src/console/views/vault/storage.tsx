/** What the repositories hold, by whom, how it grows, and how much each may store. */

import { useMemo, useState } from 'react';
import type { Growth as GrowthData, StorageState } from '../../../vault/api/schemas/vault.ts';
import { useChange, useVault } from '../../hooks/queries.ts';
import { useMay } from '../../hooks/session.tsx';
import { useSay } from '../../hooks/settings.ts';
import { AreaChart } from '../../ui/area-chart.tsx';
import { ChangeForm, textOf } from '../../ui/change-form.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/fields.tsx';
import { useFormat } from '../../ui/format.ts';
import { Card, Time } from '../../ui/parts.tsx';
import { Empty, Loaded } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';

type Owner = StorageState['owners'][number];
const rowsShown = 12;
const gib = 1024 ** 3;

export function Growth() {
  const say = useSay();
  const query = useVault('getGrowth', { query: {} });
  return (
    <Card span={7} title={say('storage.growth')} note={say('storage.growthNote')}>
      <Loaded query={query} lines={6}>
        {({ days }) =>
          days.length === 0 ? <Empty title={say('storage.notMeasured')} /> : <Chart days={days} />
        }
      </Loaded>
    </Card>
  );
}

function Chart({ days }: { readonly days: GrowthData['days'] }) {
  const say = useSay();
  const format = useFormat();
  const { moments, series } = useMemo(() => {
    let last = 0;
    const used = days.map(({ usedBytes }) => {
      last = usedBytes ?? last;
      return last;
    });
    return {
      moments: days.map(({ day }) => Date.parse(day)),
      series: [
        { name: say('storage.used'), color: '--series-1', values: used },
        {
          name: say('storage.added'),
          color: '--series-3',
          values: days.map(({ addedBytes }) => addedBytes),
        },
      ],
    };
  }, [days, say]);
  return (
    <AreaChart
      label={say('storage.growth')}
      moments={moments}
      series={series}
      isStacked={false}
      formatValue={format.size}
    />
  );
}

export function Storage() {
  const say = useSay();
  const format = useFormat();
  const query = useVault('getStorage', {});
  const [isAll, setAll] = useState(false);
  const [owner, setOwner] = useState<Owner>();
  return (
    <div id="storage" className="span-12">
      <Card
        title={say('storage.title')}
        note={
          query.data !== undefined && (
            <>
              {say('storage.measured')}{' '}
              <Time
                ms={query.data.measuredAt === null ? null : Date.parse(query.data.measuredAt)}
                form="both"
              />
            </>
          )
        }
      >
        <Loaded query={query}>
          {({ owners, usedBytes, freeBytes, measuredAt }) => (
            <div className="stack">
              <p>
                {usedBytes !== null && <span className="figure-big">{format.size(usedBytes)}</span>}{' '}
                {freeBytes !== null && (
                  <span className="soft">
                    {say('storage.free', { size: format.size(freeBytes) })}
                  </span>
                )}
              </p>
              {owners.length === 0 ? (
                <p className="soft">
                  {say(measuredAt === null ? 'storage.notMeasured' : 'storage.nothing')}
                </p>
              ) : (
                <OwnerTable
                  owners={[...owners]
                    .sort((a, b) => b.usedBytes - a.usedBytes)
                    .slice(0, isAll ? owners.length : rowsShown)}
                  onQuota={setOwner}
                />
              )}
              {owners.length > rowsShown && !isAll && (
                <div>
                  <button type="button" className="button" onClick={() => setAll(true)}>
                    {say('common.showAll', { count: owners.length })}
                  </button>
                </div>
              )}
            </div>
          )}
        </Loaded>
        {owner !== undefined && <QuotaDialog owner={owner} onClose={() => setOwner(undefined)} />}
      </Card>
    </div>
  );
}

function OwnerTable({
  owners,
  onQuota,
}: {
  readonly owners: readonly Owner[];
  readonly onQuota: (owner: Owner) => void;
}) {
  const say = useSay();
  const may = useMay();
  const format = useFormat();
  const largest = Math.max(1, ...owners.map(({ usedBytes }) => usedBytes));
  return (
    <Table label={say('storage.title')}>
      <thead>
        <tr>
          <th scope="col">{say('storage.owner')}</th>
          <th scope="col" className="number">
            {say('storage.used')}
          </th>
          <th scope="col" className="from-900">
            <span className="only-read">{say('storage.share')}</span>
          </th>
          <th scope="col" className="number">
            {say('storage.files')}
          </th>
          <th scope="col" className="number">
            {say('storage.quota')}
          </th>
        </tr>
      </thead>
      <tbody>
        {owners.map((owner) => (
          <tr key={owner.name}>
            <th scope="row" className="breakable">
              {owner.name}
            </th>
            <td className="number nowrap">{format.size(owner.usedBytes)}</td>
            <td className="from-900 meter-cell">
              <progress
                aria-label={say('storage.share')}
                max={owner.quotaBytes ?? largest}
                value={owner.usedBytes}
              />
            </td>
            <td className="number">{format.number(owner.files)}</td>
            <td className="number nowrap">
              {owner.quotaBytes === null ? say('common.none') : format.size(owner.quotaBytes)}{' '}
              {may('owner') && (
                <button
                  type="button"
                  className="button tiny"
                  aria-label={say('storage.setQuotaOf', { name: owner.name })}
                  onClick={() => onQuota(owner)}
                >
                  {say('storage.setQuota')}
                </button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function QuotaDialog({ owner, onClose }: { readonly owner: Owner; readonly onClose: () => void }) {
  const say = useSay();
  const set = useChange('setQuota', { renews: ['getStorage', 'getClient'], onDone: onClose });
  const submit = (entered: FormData): void => {
    const text = textOf(entered, 'gib');
    const bytes = text === '' ? null : Math.round(Number(text) * gib);
    set.mutate({ params: { owner: owner.name }, body: { bytes } });
  };
  return (
    <Dialog title={say('storage.setQuotaOf', { name: owner.name })} onClose={onClose}>
      <ChangeForm action={say('storage.setQuota')} change={set} onSubmit={submit} onClose={onClose}>
        <TextField
          label={say('storage.quotaGib')}
          help={say('storage.quotaHelp')}
          name="gib"
          type="number"
          min="0.001"
          step="any"
          defaultValue={owner.quotaBytes === null ? '' : owner.quotaBytes / gib}
        />
      </ChangeForm>
    </Dialog>
  );
}
