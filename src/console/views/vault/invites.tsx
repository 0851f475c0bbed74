/** Invitations: a token that makes a machine a client, once; as a command to copy and a QR code. */

import qrcode from 'qrcode-generator';
import { useMemo, useState } from 'react';
import type { CreatedInvite, Invite } from '../../../vault/api/schemas/accounts.ts';
import { useChange, useVault } from '../../hooks/queries.ts';
import { useSay } from '../../hooks/settings.ts';
import { AccountNameField, ChangeForm, textOf } from '../../ui/change-form.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/fields.tsx';
import { Badge, Card, CopyBlock, Notice, Time, type Tone } from '../../ui/parts.tsx';
import { ErrorNotice, Loaded } from '../../ui/states.tsx';

const stateTones: Readonly<Record<Invite['state'], Tone>> = {
  open: 'accent',
  used: 'good',
  expired: 'mute',
};

export function Invites() {
  const say = useSay();
  const query = useVault('listInvites', {});
  const [isMaking, setMaking] = useState(false);
  const remove = useChange('deleteInvite', { renews: ['listInvites'] });
  return (
    <div id="invites" className="span-6">
      <Card
        title={say('invite.title')}
        note={say('invite.note')}
        tools={
          <button type="button" className="button" onClick={() => setMaking(true)}>
            {say('invite.make')}
          </button>
        }
      >
        {remove.isError && <ErrorNotice error={remove.error} />}
        <Loaded query={query}>
          {({ invites }) =>
            invites.length === 0 ? (
              <p className="soft">{say('invite.none')}</p>
            ) : (
              <ul className="list-lines scroll-list">
                {invites.map(({ id, name, state, expiresAt, usedAt }) => (
                  <li key={id} className="row between">
                    <span className="row tight">
                      <strong className="breakable">{name}</strong>
                      <Badge tone={stateTones[state]}>{say(`invite.${state}`)}</Badge>
                      <span className="small soft">
                        {usedAt === null ? say('certificate.expires') : say('invite.usedAt')}{' '}
                        <Time ms={Date.parse(usedAt ?? expiresAt)} form="both" />
                      </span>
                    </span>
                    {state === 'open' && (
                      <button
                        type="button"
                        className="button tiny"
                        aria-label={say('invite.removeOf', { name })}
                        onClick={() => remove.mutate({ params: { invite: id } })}
                      >
                        {say('invite.remove')}
                      </button>
                    )}
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
        {isMaking && <InviteDialog onClose={() => setMaking(false)} />}
      </Card>
    </div>
  );
}

function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const say = useSay();
  const [made, setMade] = useState<CreatedInvite>();
  const make = useChange('createInvite', { renews: ['listInvites'], onDone: setMade });
  const submit = (entered: FormData): void => {
    make.mutate({
      body: {
        name: textOf(entered, 'name'),
        hours: Number(entered.get('hours')),
        appendOnly: entered.get('appendOnly') !== null,
        url: textOf(entered, 'url'),
      },
    });
  };
  if (made !== undefined) {
    return (
      <Dialog title={say('invite.of', { name: made.name })} onClose={onClose}>
        <Notice tone="accent">{say('invite.once')}</Notice>
        <div className="invite">
          <QrCode text={made.command} label={say('invite.qr')} />
          <div className="stack">
            {made.commands.map((command) => (
              <CopyBlock key={command} text={command} label={say('invite.command')} />
            ))}
          </div>
        </div>
        <p className="note">
          {say('certificate.expires')} <Time ms={Date.parse(made.expiresAt)} form="both" />
        </p>
      </Dialog>
    );
  }
  return (
    <Dialog title={say('invite.make')} onClose={onClose}>
      <ChangeForm action={say('invite.make')} change={make} onSubmit={submit} onClose={onClose}>
        <AccountNameField label={say('first.machine')} />
        <TextField
          label={say('invite.url')}
          name="url"
          type="url"
          defaultValue={location.origin}
          pattern="https://.*"
          maxLength={300}
          required
        />
        <TextField
          label={say('invite.hours')}
          name="hours"
          type="number"
          min={1}
          max={720}
          defaultValue={24}
          required
        />
        <label className="check">
          <input type="checkbox" name="appendOnly" defaultChecked />
          {say('invite.appendOnly')}
        </label>
      </ChangeForm>
    </Dialog>
  );
}

/** Dark on light in either theme, with a quiet zone: what cameras read. */
function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, path } = useMemo(() => {
    const code = qrcode(0, 'L');
    code.addData(text);
    code.make();
    const count = code.getModuleCount();
    let modules = '';
    for (let row = 0; row < count; row++) {
      for (let column = 0; column < count; column++) {
        if (code.isDark(row, column)) modules += `M${column + 4} ${row + 4}h1v1h-1z`;
      }
    }
    return { size: count + 8, path: modules };
  }, [text]);
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" shapeRendering="crispEdges" />
    </svg>
  );
}
