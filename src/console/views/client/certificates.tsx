/** Certificates by which an enrolled machine proves its name; an owner can end them. */

import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { ClientDetail } from '../../../vault/api/schemas/client.ts';
import { useChange } from '../../hooks/queries.ts';
import { useMay } from '../../hooks/session.tsx';
import { useSay } from '../../hooks/settings.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Badge, Card, Notice, Time, type Tone } from '../../ui/parts.tsx';
import { tell } from '../../ui/toasts.tsx';

const stateTones: Readonly<Record<'active' | 'replaced' | 'revoked', Tone>> = {
  active: 'good',
  replaced: 'mute',
  revoked: 'bad',
};

export function Certificates({ client }: { readonly client: ClientDetail }) {
  const say = useSay();
  const may = useMay();
  const navigate = useNavigate();
  const [isRevoking, setRevoking] = useState(false);
  const { certificates, row } = client;
  const revoke = useChange('revokeClient', {
    renews: ['getClient', 'listClients', 'listCertificates'],
    onDone: () => {
      tell(say('certificate.revokedNow', { name: row.name }));
      setRevoking(false);
      void navigate('/clients');
    },
  });
  if (certificates.length === 0) return null;
  return (
    <Card
      span={6}
      title={say('certificate.title')}
      tools={
        may('owner') &&
        certificates.some(({ state }) => state === 'active') && (
          <button type="button" className="button danger" onClick={() => setRevoking(true)}>
            {say('certificate.revoke')}
          </button>
        )
      }
    >
      <ul className="list-lines">
        {certificates.map(({ serial, fingerprint, state, expiresAt, lastSeenAt }) => (
          <li key={serial} className="stack tight">
            <div className="row">
              <Badge tone={stateTones[state]}>{say(`certificate.${state}`)}</Badge>
              <span className="small">
                {say('certificate.expires')} <Time ms={Date.parse(expiresAt)} form="both" />
              </span>
              {lastSeenAt !== null && (
                <span className="small soft">
                  {say('client.lastSeen')} <Time ms={Date.parse(lastSeenAt)} />
                </span>
              )}
            </div>
            <code className="small faint breakable">{fingerprint}</code>
          </li>
        ))}
      </ul>
      {isRevoking && (
        <ConfirmDialog
          title={say('certificate.revokeOf', { name: row.name })}
          action={say('certificate.revoke')}
          change={revoke}
          onConfirm={() => revoke.mutate({ params: { id: row.id } })}
          onClose={() => setRevoking(false)}
        >
          <Notice tone="warn">{say('certificate.warning')}</Notice>
        </ConfirmDialog>
      )}
    </Card>
  );
}
