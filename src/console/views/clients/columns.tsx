/** The columns of the table of clients. */

import type { ClientRow } from '../../../vault/api/schemas/clients.ts';
import type { Say } from '../../texts/texts.ts';
import { ClientLink } from '../../ui/client-link.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import type { Format } from '../../ui/format.ts';
import { Time } from '../../ui/parts.tsx';
import { capabilityName, ReadinessBadge, Tags, Version } from '../../ui/words.tsx';

const readinessOrder = ['not-ready', 'unknown', 'ready'];

export function clientColumns(say: Say, format: Format): readonly DataColumn<ClientRow>[] {
  return [
    {
      id: 'name',
      title: say('client.name'),
      value: ({ name }) => name.toLowerCase(),
      cell: ({ id, name }) => <ClientLink id={id} name={name} />,
      widthPx: 180,
      isCut: true,
    },
    {
      id: 'readiness',
      title: say('client.readiness'),
      value: ({ readiness }) => readinessOrder.indexOf(readiness),
      cell: ({ readiness }) => <ReadinessBadge state={readiness} />,
      widthPx: 120,
    },
    {
      id: 'lastVersion',
      title: say('client.version'),
      value: ({ lastVersion }) => lastVersion ?? undefined,
      cell: ({ lastVersion }) => <Version version={lastVersion} />,
      widthPx: 95,
      fromPx: 695,
    },
    {
      id: 'bestOffered',
      title: say('client.best'),
      value: ({ bestOffered }) => bestOffered ?? undefined,
      cell: ({ bestOffered }) => <Version version={bestOffered} />,
      widthPx: 95,
      fromPx: 1615,
    },
    {
      id: 'group',
      title: say('client.group'),
      value: ({ group }) => group ?? undefined,
      cell: ({ group }) => group ?? <span className="faint">{say('common.none')}</span>,
      widthPx: 150,
      isCut: true,
      fromPx: 1615,
    },
    {
      id: 'lacking',
      title: say('client.lacking'),
      value: ({ lacking }) => (lacking.length === 0 ? undefined : lacking.join()),
      cell({ lacking }) {
        const names = lacking.map((one) => capabilityName(say, one)).join(', ');
        return <span title={names}>{names}</span>;
      },
      widthPx: 140,
      isCut: true,
      fromPx: 1265,
    },
    {
      id: 'lastSeenAt',
      title: say('client.lastSeen'),
      value: ({ lastSeenAt }) => momentOf(lastSeenAt),
      cell: ({ lastSeenAt }) => <Time ms={momentOf(lastSeenAt)} />,
      widthPx: 130,
      fromPx: 695,
      descendsFirst: true,
    },
    {
      id: 'lastBackupAt',
      title: say('client.lastBackup'),
      value: ({ lastBackupAt }) => momentOf(lastBackupAt),
      cell: ({ lastBackupAt }) => <Time ms={momentOf(lastBackupAt)} />,
      widthPx: 130,
    },
    {
      id: 'lastDrillAt',
      title: say('client.lastDrill'),
      value: ({ lastDrillAt }) => momentOf(lastDrillAt),
      cell: ({ lastDrillAt }) => <Time ms={momentOf(lastDrillAt)} />,
      widthPx: 130,
      fromPx: 1615,
    },
    {
      id: 'backups',
      title: say('client.backups'),
      value: ({ backups }) => backups,
      cell: ({ backups }) => format.number(backups),
      widthPx: 85,
      fromPx: 1265,
      isNumber: true,
      descendsFirst: true,
    },
    {
      id: 'refused',
      title: say('client.refused'),
      value: ({ refused }) => refused,
      cell: ({ refused }) => format.number(refused),
      widthPx: 85,
      fromPx: 935,
      isNumber: true,
      descendsFirst: true,
    },
    {
      id: 'usedBytes',
      title: say('client.stored'),
      value: ({ usedBytes }) => usedBytes ?? undefined,
      cell: ({ usedBytes }) => (usedBytes === null ? '' : format.size(usedBytes)),
      widthPx: 95,
      fromPx: 1265,
      isNumber: true,
      descendsFirst: true,
    },
    {
      id: 'tags',
      title: say('client.tags'),
      value: ({ tags }) => tags.join() || undefined,
      cell: ({ tags }) => <Tags tags={tags} />,
      widthPx: 140,
      isCut: true,
      fromPx: 935,
    },
  ];
}

function momentOf(at: string | null): number | undefined {
  return at === null ? undefined : Date.parse(at);
}
