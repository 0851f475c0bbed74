/** One's own password. */

import { type FormEvent, useRef, useState } from 'react';
import { useChange } from '../../hooks/queries.ts';
import { useTakeSession } from '../../hooks/session.tsx';
import { useSay } from '../../hooks/settings.ts';
import { TextField } from '../../ui/fields.tsx';
import { Card } from '../../ui/parts.tsx';
import { ErrorNotice } from '../../ui/states.tsx';
import { tell } from '../../ui/toasts.tsx';

const shortest = 12;

export function Password() {
  const say = useSay();
  const take = useTakeSession();
  const form = useRef<HTMLFormElement>(null);
  const [fault, setFault] = useState<string>();
  const change = useChange('changePassword', {
    renews: [],
    onDone: (session) => {
      take(session);
      tell(say('session.changed'));
      form.current?.reset();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const next = String(fields.get('next'));
    const isSame = next === fields.get('again');
    setFault(isSame ? undefined : say('session.notSame'));
    if (isSame) change.mutate({ body: { current: String(fields.get('current')), next } });
  };
  return (
    <Card span={6} title={say('session.own')} note={say('session.ownNote')}>
      <form ref={form} className="form" onSubmit={submit}>
        <TextField
          label={say('session.current')}
          name="current"
          type="password"
          autoComplete="current-password"
          required
        />
        <div className="form-row">
          <TextField
            label={say('session.next')}
            name="next"
            type="password"
            autoComplete="new-password"
            minLength={shortest}
            required
          />
          <TextField
            label={say('session.again')}
            fault={fault}
            name="again"
            type="password"
            autoComplete="new-password"
            minLength={shortest}
            required
          />
        </div>
        {change.isError && <ErrorNotice error={change.error} />}
        <div>
          <button type="submit" className="button" disabled={change.isPending}>
            {say('session.change')}
          </button>
        </div>
      </form>
    </Card>
  );
}
