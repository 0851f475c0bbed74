/** Exemptions of one client: what it keeps, why, and until when. They end by themselves. */

import { useState } from 'react';
import type { ClientDetail } from '../../../vault/api/schemas/client.ts';
import { useMay } from '../../hooks/session.tsx';
import { useSay } from '../../hooks/settings.ts';
import { Badge, Card, Time } from '../../ui/parts.tsx';
import { capabilityName } from '../../ui/words.tsx';
import { ExemptionDialog } from '../retirement/exemption-dialog.tsx';

export function ClientExemptions({ client }: { readonly client: ClientDetail }) {
  const say = useSay();
  const may = useMay();
  const [isAdding, setAdding] = useState(false);
  const { exemptions, row } = client;
  return (
    <Card
      span={6}
      title={say('exemption.title')}
      tools={
        may('operator') && (
          <button type="button" className="button" onClick={() => setAdding(true)}>
            {say('exemption.add')}
          </button>
        )
      }
    >
      {exemptions.length === 0 ? (
        <p className="soft">{say('exemption.noneHere')}</p>
      ) : (
        <ul className="list-lines">
          {exemptions.map(({ id, capability, reason, until, active }) => (
            <li key={id} className="stack tight">
              <div className="row tight">
                <strong>{capabilityName(say, capability)}</strong>
                <Badge tone={active ? 'warn' : 'mute'}>
                  {say(active ? 'exemption.active' : 'exemption.ended')}
                </Badge>
                <span className="small soft">
                  {say('exemption.until')} <Time ms={Date.parse(until)} form="both" />
                </span>
              </div>
              <span className="small soft breakable">{reason}</span>
            </li>
          ))}
        </ul>
      )}
      {isAdding && (
        <ExemptionDialog
          client={row.name}
          capabilities={row.lacking}
          onClose={() => setAdding(false)}
        />
      )}
    </Card>
  );
}
