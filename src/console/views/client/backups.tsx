/** The snapshots that arrived. What is in them the vault cannot say: it has no key. */

import { useState } from 'react';
import type { ClientDetail } from '../../../vault/api/schemas/client.ts';
import { useVault } from '../../hooks/queries.ts';
import { useSay } from '../../hooks/settings.ts';
import { useFormat } from '../../ui/format.ts';
import { Card, Time } from '../../ui/parts.tsx';
import { Empty, Loaded } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { versionName } from '../../ui/words.tsx';

const step = 10;
const most = 1000;

export function Backups({ client }: { readonly client: ClientDetail }) {
  const say = useSay();
  const format = useFormat();
  const [limit, setLimit] = useState(step);
  const query = useVault(
    'listBackups',
    { params: { id: client.row.id }, query: { limit } },
    { keepsPrevious: true },
  );
  return (
    <Card
      title={say('client.backupsTitle')}
      note={query.data !== undefined && say('client.backupCount', { count: query.data.total })}
    >
      <Loaded query={query}>
        {({ rows, total }) =>
          rows.length === 0 ? (
            <Empty title={say('client.noBackups')} />
          ) : (
            <div className="stack">
              <Table label={say('client.backupsTitle')}>
                <thead>
                  <tr>
                    <th scope="col">{say('backup.arrived')}</th>
                    <th scope="col">{say('backup.snapshot')}</th>
                    <th scope="col">{say('backup.repository')}</th>
                    <th scope="col" className="number">
                      {say('backup.duration')}
                    </th>
                    <th scope="col" className="number">
                      {say('backup.added')}
                    </th>
                    <th scope="col" className="number">
                      {say('backup.files')}
                    </th>
                    <th scope="col">TLS</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <tr key={row.id}>
                      <td className="nowrap">
                        <Time ms={Date.parse(row.arrivedAt)} form="full" />
                      </td>
                      <th scope="row">
                        <code title={row.snapshot}>{row.snapshot.slice(0, 8)}</code>
                      </th>
                      <td className="breakable">{row.repository}</td>
                      <td className="number nowrap">
                        {row.durationMs === null ? '–' : format.span(row.durationMs)}
                      </td>
                      <td className="number nowrap">
                        {row.addedBytes === null ? '–' : format.size(row.addedBytes)}
                      </td>
                      <td className="number">
                        {row.addedFiles === null ? '–' : format.number(row.addedFiles)}
                      </td>
                      <td className="small soft">
                        {[
                          row.version === null ? null : versionName(row.version),
                          row.cipherSuite,
                          row.group,
                        ]
                          .filter((part) => part !== null)
                          .join(' · ')}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </Table>
              {rows.length < Math.min(total, most) && (
                <div>
                  <button
                    type="button"
                    className="button"
                    onClick={() => setLimit(Math.min(limit * 4, most))}
                  >
                    {say('common.more')}
                  </button>
                </div>
              )}
            </div>
          )
        }
      </Loaded>
    </Card>
  );
}
