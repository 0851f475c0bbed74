/** What it offered and got, day by day. */

import { useMemo } from 'react';
import type { ClientDetail, HandshakeRow } from '../../../vault/api/schemas/client.ts';
import { useVault } from '../../hooks/queries.ts';
import { useSay } from '../../hooks/settings.ts';
import type { Say } from '../../texts/texts.ts';
import { AreaChart } from '../../ui/area-chart.tsx';
import { dayMs, useFormat } from '../../ui/format.ts';
import { Card } from '../../ui/parts.tsx';
import { Empty, Loaded } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { Version, versionColor, versionName } from '../../ui/words.tsx';

const rowsShown = 12;

export function Handshakes({ client }: { readonly client: ClientDetail }) {
  const say = useSay();
  const query = useVault('listHandshakes', { params: { id: client.row.id }, query: {} });
  return (
    <Card title={say('client.handshakes')} note={say('client.handshakesNote')}>
      <Loaded query={query}>
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty title={say('overview.noWeeks')} />
          ) : (
            <div className="stack">
              <Days rows={rows} />
              <DayTable rows={rows.slice(0, rowsShown)} />
            </div>
          )
        }
      </Loaded>
    </Card>
  );
}

function Days({ rows }: { readonly rows: readonly HandshakeRow[] }) {
  const say = useSay();
  const { moments, series } = useMemo(() => daysOf(rows, say), [rows, say]);
  return (
    <AreaChart label={say('client.handshakes')} moments={moments} series={series} height={200} />
  );
}

/** Every day between the first and the last, those without a handshake too. */
function daysOf(rows: readonly HandshakeRow[], say: Say) {
  const times = rows.map(({ day }) => Date.parse(day));
  const first = Math.min(...times);
  const count = Math.round((Math.max(...times) - first) / dayMs) + 1;
  const moments = Array.from({ length: count }, (_, index) => first + index * dayMs);
  const versions = [
    ...new Set(rows.flatMap(({ agreements }) => agreements.map(({ version }) => version))),
  ].sort();
  const byVersion = new Map(versions.map((version) => [version, moments.map(() => 0)]));
  const refused = moments.map(() => 0);
  for (const { day, agreements, outcomes } of rows) {
    const index = Math.round((Date.parse(day) - first) / dayMs);
    for (const { version, connections } of agreements) {
      const values = byVersion.get(version);
      if (values !== undefined) values[index] = (values[index] ?? 0) + connections;
    }
    refused[index] = (refused[index] ?? 0) + outcomes.refused + outcomes.brownout + outcomes.failed;
  }
  const agreed = [...byVersion].map(([version, values]) => ({
    name: versionName(version),
    color: versionColor(version),
    values,
  }));
  return {
    moments,
    series: [...agreed, { name: say('overview.refused'), color: '--series-4', values: refused }],
  };
}

function DayTable({ rows }: { readonly rows: readonly HandshakeRow[] }) {
  const say = useSay();
  const format = useFormat();
  return (
    <Table label={say('client.handshakes')}>
      <thead>
        <tr>
          <th scope="col">{say('handshake.day')}</th>
          <th scope="col">{say('handshake.fingerprint')}</th>
          <th scope="col">{say('handshake.address')}</th>
          <th scope="col">{say('client.best')}</th>
          <th scope="col">{say('handshake.agreed')}</th>
          <th scope="col" className="number">
            {say('handshake.accepted')}
          </th>
          <th scope="col" className="number">
            {say('client.refused')}
          </th>
          <th scope="col" className="number">
            {say('client.backups')}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.day} ${row.fingerprint} ${row.address}`}>
            <th scope="row" className="nowrap">
              {row.day}
            </th>
            <td>
              <code className="small breakable">{row.fingerprint}</code>
            </td>
            <td className="mono small">{row.address}</td>
            <td>
              <Version version={row.bestOffered} />
            </td>
            <td className="small">
              {row.agreements.map(({ version, cipherSuite, group }) => (
                <div key={`${version} ${cipherSuite} ${group}`}>
                  {[versionName(version), cipherSuite, group]
                    .filter((part) => part !== null)
                    .join(' · ')}
                </div>
              ))}
            </td>
            <td className="number">{format.number(row.outcomes.accepted + row.outcomes.warned)}</td>
            <td className="number">
              {format.number(row.outcomes.refused + row.outcomes.brownout)}
            </td>
            <td className="number">{format.number(row.backups)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
