/** Signing in, with a password or with the client certificate that the browser showed. */

import { useMutation } from '@tanstack/react-query';
import { BadgeCheck } from 'lucide-react';
import { type FormEvent, useEffect } from 'react';
import type { Session, SignIn as SignInRequest } from '../../vault/api/schemas/session.ts';
import { call } from '../api.ts';
import { useTakeSession } from '../hooks/session.tsx';
import { useSay } from '../hooks/settings.ts';
import icon from '../icon.svg';
import { LanguageChoice, ThemeChoice } from '../ui/choices.tsx';
import { TextField } from '../ui/fields.tsx';
import { ErrorNotice } from '../ui/states.tsx';

export function SignIn({ certificate }: { readonly certificate: Session['certificate'] }) {
  const say = useSay();
  const take = useTakeSession();
  const signIn = useMutation({
    mutationFn: (body: SignInRequest) => call('signIn', { body }),
    onSuccess: take,
  });
  useEffect(() => {
    document.title = `${say('session.signIn')} · Sealift`;
  }, [say]);

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    signIn.mutate({
      method: 'password',
      name: String(form.get('name')).trim(),
      password: String(form.get('password')),
    });
  };

  return (
    <main className="alone">
      <div className="brand">
        <img src={icon} alt="" width={34} height={34} />
        Sealift
      </div>
      <section className="card" aria-labelledby="sign-in-title">
        <h1 id="sign-in-title">{say('session.signIn')}</h1>
        <p className="soft">{say('session.lead')}</p>
        {certificate !== null && (
          <button
            type="button"
            className="button"
            disabled={signIn.isPending}
            onClick={() => signIn.mutate({ method: 'certificate' })}
          >
            <BadgeCheck size={16} aria-hidden />
            {say('session.byCertificate', { user: certificate.user, client: certificate.client })}
          </button>
        )}
        <form className="form" onSubmit={submit}>
          <TextField
            label={say('session.name')}
            name="name"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={64}
            required
            autoFocus
          />
          <TextField
            label={say('session.password')}
            name="password"
            type="password"
            autoComplete="current-password"
            maxLength={1024}
            required
          />
          {signIn.isError && <ErrorNotice error={signIn.error} />}
          <button type="submit" className="button primary" disabled={signIn.isPending}>
            {say(signIn.isPending ? 'session.signingIn' : 'session.signIn')}
          </button>
        </form>
        <details className="small">
          <summary>{say('session.forgot')}</summary>
          <p className="soft">{say('session.forgotMore')}</p>
        </details>
      </section>
      <div className="row">
        <LanguageChoice />
        <ThemeChoice />
      </div>
    </main>
  );
}
