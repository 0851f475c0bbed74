/** The password that `up` printed is good for one thing: choosing another. */

import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { call } from '../api.ts';
import { noSession, useTakeSession } from '../hooks/session.tsx';
import { useSay } from '../hooks/settings.ts';
import { PasswordForm } from '../ui/password-form.tsx';

export function NewPassword({ name }: { readonly name: string }) {
  const say = useSay();
  const take = useTakeSession();
  const leave = useMutation({
    mutationFn: () => call('signOut', {}),
    onSettled: () => take(noSession),
  });
  useEffect(() => {
    document.title = `${say('session.newTitle')} · Sealift`;
  }, [say]);
  return (
    <main className="alone">
      <section className="card stack" aria-labelledby="new-password-title">
        <h1 id="new-password-title">{say('session.newTitle')}</h1>
        <p className="soft">{say('session.newLead', { name })}</p>
        <PasswordForm name={name} />
        <button type="button" className="button quiet" onClick={() => leave.mutate()}>
          {say('session.signOut')}
        </button>
      </section>
    </main>
  );
}
