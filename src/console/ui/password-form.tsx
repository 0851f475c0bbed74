/** Changing one's own password: the present one, and the new one twice. */

import type { FormEvent } from 'react';
import { useRef, useState } from 'react';
import type { Session } from '../../vault/api/schemas/session.ts';
import { useChange } from '../hooks/queries.ts';
import { useTakeSession } from '../hooks/session.tsx';
import { useSay } from '../hooks/settings.ts';
import { TextField } from './fields.tsx';
import { ErrorNotice } from './states.tsx';

const shortest = 12;

export function PasswordForm({
  name,
  onDone,
}: {
  /** Whose password it is, for password managers. */
  readonly name: string;
  /** With the new session: every other one has ended. */
  readonly onDone?: (session: Session) => void;
}) {
  const say = useSay();
  const take = useTakeSession();
  const form = useRef<HTMLFormElement>(null);
  const [fault, setFault] = useState<string>();
  const change = useChange('changePassword', {
    renews: [],
    onDone(session) {
      form.current?.reset();
      take(session);
      onDone?.(session);
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const entered = new FormData(event.currentTarget);
    const next = String(entered.get('next'));
    const isSame = next === entered.get('again');
    setFault(isSame ? undefined : say('session.notSame'));
    if (isSame) change.mutate({ body: { current: String(entered.get('current')), next } });
  };
  const fresh = { type: 'password', autoComplete: 'new-password', minLength: shortest } as const;
  return (
    <form ref={form} className="form" onSubmit={submit}>
      <input type="hidden" name="username" autoComplete="username" value={name} readOnly />
      <TextField
        label={say('session.current')}
        name="current"
        type="password"
        autoComplete="current-password"
        required
      />
      <TextField
        label={say('session.next')}
        help={say('session.nextHelp', { count: shortest })}
        name="next"
        {...fresh}
        required
      />
      <TextField label={say('session.again')} fault={fault} name="again" {...fresh} required />
      {change.isError && <ErrorNotice error={change.error} />}
      <div>
        <button type="submit" className="button primary" disabled={change.isPending}>
          {say('session.change')}
        </button>
      </div>
    </form>
  );
}
