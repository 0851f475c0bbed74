/** How the fleet divides by what its latest handshakes agreed on. */

import type { Overview } from '../../../vault/api/schemas/overview.ts';
import { useSay } from '../../hooks/settings.ts';
import { Card } from '../../ui/parts.tsx';
import { ShareBar } from '../../ui/share-bar.tsx';
import { versionColor, versionName } from '../../ui/words.tsx';

const groupColors = ['--series-1', '--series-6', '--series-3', '--series-4', '--series-5'];

export function Shares({ overview }: { readonly overview: Overview }) {
  const say = useSay();
  const { versions, groups } = overview;
  return (
    <>
      <Card span={4} title={say('overview.versions')} note={say('overview.latestHandshake')}>
        <ShareBar
          label={say('overview.versions')}
          parts={versions.map(({ version, clients }) => ({
            key: version ?? 'none',
            name: version === null ? say('overview.noAgreement') : versionName(version),
            count: clients,
            color: versionColor(version),
          }))}
        />
      </Card>
      <Card span={4} title={say('overview.groups')} note={say('overview.latestHandshake')}>
        <ShareBar
          label={say('overview.groups')}
          parts={groups.map(({ group, postQuantum, clients }, index) => ({
            key: group ?? 'none',
            name: group === null ? say('overview.noGroup') : groupName(group, postQuantum, say),
            count: clients,
            color:
              group === null
                ? '--other'
                : postQuantum === true
                  ? '--series-2'
                  : (groupColors[index % groupColors.length] ?? '--other'),
          }))}
        />
      </Card>
    </>
  );
}

function groupName(group: string, isSafe: boolean | null, say: ReturnType<typeof useSay>): string {
  return isSafe === true ? `${group} · ${say('overview.postQuantum')}` : group;
}
