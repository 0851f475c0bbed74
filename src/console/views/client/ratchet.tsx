/** The best that it has proved, below which it is refused; an owner can release it. */

import { useState } from 'react';
import type { ClientDetail } from '../../../vault/api/schemas/client.ts';
import { useChange } from '../../hooks/queries.ts';
import { useMay } from '../../hooks/session.tsx';
import { useSay } from '../../hooks/settings.ts';
import { ChangeForm, textOf } from '../../ui/change-form.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextArea } from '../../ui/fields.tsx';
import { Card, Notice, Time } from '../../ui/parts.tsx';
import { tell } from '../../ui/toasts.tsx';
import { Version } from '../../ui/words.tsx';

export function Ratchet({ client }: { readonly client: ClientDetail }) {
  const say = useSay();
  const may = useMay();
  const [isReleasing, setReleasing] = useState(false);
  const { ratchet, ratchetReleases } = client;
  return (
    <Card
      span={6}
      title={say('ratchet.title')}
      note={say('ratchet.note')}
      tools={
        may('owner') &&
        ratchet.length > 0 && (
          <button type="button" className="button danger" onClick={() => setReleasing(true)}>
            {say('ratchet.release')}
          </button>
        )
      }
    >
      {ratchet.length === 0 && ratchetReleases.length === 0 ? (
        <p className="soft">{say('ratchet.none')}</p>
      ) : (
        <ul className="list-lines">
          {ratchet.map(({ version, provedAt, address }) => (
            <li key={`${version} ${provedAt}`} className="row">
              <Version version={version} />
              <span className="small soft">
                {say('ratchet.proved')} <Time ms={Date.parse(provedAt)} form="full" />
              </span>
              <code className="small faint">{address}</code>
            </li>
          ))}
          {ratchetReleases.map(({ version, releasedAt, reason }) => (
            <li key={`${version} ${releasedAt}`} className="small soft">
              <Version version={version} /> {say('ratchet.released')}{' '}
              <Time ms={Date.parse(releasedAt)} form="full" />: {reason}
            </li>
          ))}
        </ul>
      )}
      {isReleasing && (
        <ReleaseDialog
          id={client.row.id}
          name={client.row.name}
          onClose={() => setReleasing(false)}
        />
      )}
    </Card>
  );
}

function ReleaseDialog({
  id,
  name,
  onClose,
}: {
  readonly id: string;
  readonly name: string;
  readonly onClose: () => void;
}) {
  const say = useSay();
  const release = useChange('releaseRatchet', {
    renews: ['getClient', 'listAudit'],
    onDone: () => {
      tell(say('ratchet.done', { name }));
      onClose();
    },
  });
  const submit = (entered: FormData): void => {
    const reason = textOf(entered, 'reason');
    release.mutate({ params: { id }, body: { reason } });
  };
  return (
    <Dialog title={say('ratchet.releaseOf', { name })} onClose={onClose}>
      <ChangeForm
        action={say('ratchet.release')}
        isDanger
        change={release}
        onSubmit={submit}
        onClose={onClose}
      >
        <Notice tone="warn">{say('ratchet.warning')}</Notice>
        <TextArea label={say('common.reason')} name="reason" maxLength={1000} required />
      </ChangeForm>
    </Dialog>
  );
}
