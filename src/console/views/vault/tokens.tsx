/** Tokens by which programs use the API. */

import { useState } from 'react';
import { roleNames, role as roles } from '../../../vault/api/schemas/common.ts';
import type { CreatedToken } from '../../../vault/api/schemas/session.ts';
import { useChange, useVault } from '../../hooks/queries.ts';
import { useMay } from '../../hooks/session.tsx';
import { useSay } from '../../hooks/settings.ts';
import { ChangeForm, textOf } from '../../ui/change-form.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { SelectField, TextField } from '../../ui/fields.tsx';
import { Card, CopyBlock, Notice, Time } from '../../ui/parts.tsx';
import { ErrorNotice, Loaded } from '../../ui/states.tsx';

export function Tokens() {
  const say = useSay();
  const query = useVault('listTokens', {});
  const [isMaking, setMaking] = useState(false);
  const remove = useChange('deleteToken', { renews: ['listTokens'] });
  return (
    <Card
      span={6}
      title={say('token.title')}
      note={say('token.note')}
      tools={
        <button type="button" className="button" onClick={() => setMaking(true)}>
          {say('token.make')}
        </button>
      }
    >
      {remove.isError && <ErrorNotice error={remove.error} />}
      <Loaded query={query}>
        {({ tokens }) =>
          tokens.length === 0 ? (
            <p className="soft">{say('token.none')}</p>
          ) : (
            <ul className="list-lines scroll-list">
              {tokens.map(({ id, name, user, role, expiresAt, lastUsedAt }) => (
                <li key={id} className="row between">
                  <span>
                    <strong className="breakable">{name}</strong>
                    <span className="small soft">
                      {' '}
                      · {user} · {say(`role.${role}`)} · {say('certificate.expires')}{' '}
                      <Time ms={Date.parse(expiresAt)} form="date" /> · {say('token.lastUsed')}{' '}
                      <Time ms={lastUsedAt === null ? null : Date.parse(lastUsedAt)} />
                    </span>
                  </span>
                  <button
                    type="button"
                    className="button tiny"
                    aria-label={say('token.endOf', { name })}
                    onClick={() => remove.mutate({ params: { name: id } })}
                  >
                    {say('token.end')}
                  </button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {isMaking && <TokenDialog onClose={() => setMaking(false)} />}
    </Card>
  );
}

function TokenDialog({ onClose }: { readonly onClose: () => void }) {
  const say = useSay();
  const may = useMay();
  const [made, setMade] = useState<CreatedToken>();
  const make = useChange('createToken', { renews: ['listTokens'], onDone: setMade });
  const submit = (entered: FormData): void => {
    const role = roles.safeParse(entered.get('role'));
    if (!role.success) return;
    make.mutate({
      body: {
        name: textOf(entered, 'name'),
        role: role.data,
        days: Number(entered.get('days')),
      },
    });
  };
  return (
    <Dialog title={say('token.make')} onClose={onClose}>
      {made === undefined ? (
        <ChangeForm action={say('token.make')} change={make} onSubmit={submit} onClose={onClose}>
          <TextField label={say('token.name')} name="name" maxLength={100} required />
          <div className="form-row">
            <SelectField
              label={say('user.role')}
              name="role"
              options={roleNames
                .filter((role) => may(role))
                .map((role) => ({ value: role, label: say(`role.${role}`) }))}
            />
            <TextField
              label={say('token.days')}
              name="days"
              type="number"
              min={1}
              max={366}
              defaultValue={90}
              required
            />
          </div>
        </ChangeForm>
      ) : (
        <>
          <Notice tone="accent">{say('token.once')}</Notice>
          <CopyBlock text={`Authorization: Bearer ${made.secret}`} label={say('token.title')} />
        </>
      )}
    </Dialog>
  );
}
