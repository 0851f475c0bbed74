/** What the ledger says of a client in single facts. */

import type { ClientDetail } from '../../../vault/api/schemas/client.ts';
import { useSay } from '../../hooks/settings.ts';
import { useFormat } from '../../ui/format.ts';
import { Badge, Card, Time } from '../../ui/parts.tsx';
import { Version } from '../../ui/words.tsx';

export function Facts({ client }: { readonly client: ClientDetail }) {
  const say = useSay();
  const format = useFormat();
  const { row, outcomes } = client;
  const refused = outcomes.refused + outcomes.brownout;
  return (
    <Card span={5} title={say('client.facts')}>
      <dl className="facts">
        <dt>{say('client.lastSeen')}</dt>
        <dd>
          <Time ms={momentOf(row.lastSeenAt)} form="both" />
        </dd>
        <dt>{say('client.firstSeen')}</dt>
        <dd>
          <Time ms={momentOf(row.firstSeenAt)} form="full" />
        </dd>
        <dt>{say('client.lastBackup')}</dt>
        <dd>
          <Time ms={momentOf(row.lastBackupAt)} form="both" />
        </dd>
        <dt>{say('client.lastDrill')}</dt>
        <dd>
          <Time ms={momentOf(row.lastDrillAt)} form="both" />
        </dd>
        <dt>{say('client.version')}</dt>
        <dd className="row tight">
          <Version version={row.lastVersion} />
          <span className="small soft">
            {[row.cipherSuite, row.group].filter((part) => part !== null).join(' · ')}
          </span>
          {row.postQuantum === true && <Badge tone="good">{say('overview.postQuantum')}</Badge>}
        </dd>
        <dt>{say('client.best')}</dt>
        <dd>
          <Version version={row.bestOffered} />
        </dd>
        <dt>{say('client.connections')}</dt>
        <dd>
          {say('client.connectionCounts', {
            count: row.connections,
            accepted: outcomes.accepted + outcomes.warned,
            refused,
            failed: outcomes.failed,
          })}
        </dd>
        <dt>{say('client.addresses')}</dt>
        <dd className="mono small">{client.addresses.join(', ') || say('common.none')}</dd>
        {client.serverName !== null && (
          <>
            <dt>SNI</dt>
            <dd className="mono small">{client.serverName}</dd>
          </>
        )}
        <dt>{say('client.stored')}</dt>
        <dd>
          {row.usedBytes === null ? say('common.unknown') : format.size(row.usedBytes)}
          {client.quotaBytes !== null &&
            ` ${say('client.ofQuota', { size: format.size(client.quotaBytes) })}`}
        </dd>
        <dt>{say('client.traffic')}</dt>
        <dd>
          {say('client.inOut', {
            in: format.size(client.bytesIn),
            out: format.size(client.bytesOut),
          })}
        </dd>
        {client.appendOnly !== null && (
          <>
            <dt>{say('client.appendOnly')}</dt>
            <dd>{say(client.appendOnly ? 'common.yes' : 'common.no')}</dd>
          </>
        )}
      </dl>
    </Card>
  );
}

function momentOf(at: string | null): number | null {
  return at === null ? null : Date.parse(at);
}
