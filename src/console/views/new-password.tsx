/** The password that `up` printed is good for one thing: choosing another. */

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import type { ChangePassword } from '../../vault/api/schemas/session.ts';
import { call } from '../api.ts';
import { noSession, useTakeSession } from '../hooks/session.tsx';
import { useSay } from '../hooks/settings.ts';
import { TextField } from '../ui/fields.tsx';
import { ErrorNotice } from '../ui/states.tsx';

const shortest = 12;

export function NewPassword({ name }: { readonly name: string }) {
  const say = useSay();
  const take = useTakeSession();
  const [fault, setFault] = useState<string>();
  const change = useMutation({
    mutationFn: (body: ChangePassword) => call('changePassword', { body }),
    onSuccess: take,
  });
  const leave = useMutation({
    mutationFn: () => call('signOut', {}),
    onSettled: () => take(noSession),
  });
  useEffect(() => {
    document.title = `${say('session.newTitle')} · Sealift`;
  }, [say]);

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const next = String(form.get('next'));
    const isSame = next === form.get('again');
    setFault(isSame ? undefined : say('session.notSame'));
    if (isSame) change.mutate({ current: String(form.get('current')), next });
  };

  return (
    <main className="alone">
      <section className="card" aria-labelledby="new-password-title">
        <h1 id="new-password-title">{say('session.newTitle')}</h1>
        <p className="soft">{say('session.newLead', { name })}</p>
        <form className="form" onSubmit={submit}>
          {/* For password managers: whose password this is. */}
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
          {change.isError && <ErrorNotice error={change.error} />}
          <button type="submit" className="button primary" disabled={change.isPending}>
            {say('session.change')}
          </button>
          <button type="button" className="button quiet" onClick={() => leave.mutate()}>
            {say('session.signOut')}
          </button>
        </form>
      </section>
    </main>
  );
}
