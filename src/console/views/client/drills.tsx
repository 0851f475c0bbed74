/** Restores that the machine tried: whether what it stored came back. */

import type { ClientDetail } from '../../../vault/api/schemas/client.ts';
import { useSay } from '../../hooks/settings.ts';
import { useFormat } from '../../ui/format.ts';
import { Badge, Card, Time } from '../../ui/parts.tsx';
import { Empty } from '../../ui/states.tsx';

export function Drills({ client }: { readonly client: ClientDetail }) {
  const say = useSay();
  const format = useFormat();
  const { drills, row } = client;
  // A login has nobody who could report one.
  if (row.kind !== 'certificate') return null;
  return (
    <Card span={6} title={say('drill.title')} note={say('drill.note')}>
      {drills.length === 0 ? (
        <Empty title={say('drill.none')}>
          <code>sealift restore latest --target FOLDER</code>
        </Empty>
      ) : (
        <ul className="list-lines scroll-list">
          {drills.map(({ at, kind, ok, snapshot, files, bytes, errors, code }) => (
            <li key={at} className="stack tight">
              <div className="row">
                <Badge tone={ok ? 'good' : 'bad'}>{say(ok ? 'drill.good' : 'drill.bad')}</Badge>
                <span className="small">
                  {say(`drill.kind.${kind}`)}
                  {snapshot !== null && (
                    <>
                      {' '}
                      <code title={snapshot}>{snapshot.slice(0, 8)}</code>
                    </>
                  )}
                </span>
                <span className="small soft">
                  <Time ms={Date.parse(at)} form="both" />
                </span>
              </div>
              <span className="small soft">
                {kind === 'restore' && `${say('drill.files', { count: files })}, `}
                {format.size(bytes)}
                {!ok && `, ${say('drill.errors', { count: errors })}`}
                {code !== null && (
                  <>
                    {' '}
                    <code>{code}</code>
                  </>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
