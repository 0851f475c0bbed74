/** What it would agree on under another policy: a baseline, or a text that is pasted. */

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ClientDetail, NegotiateRequest } from '../../../vault/api/schemas/client.ts';
import { call } from '../../api.ts';
import { useVault } from '../../hooks/queries.ts';
import { useSay, useSettings } from '../../hooks/settings.ts';
import { SelectField, TextArea } from '../../ui/fields.tsx';
import { Card } from '../../ui/parts.tsx';
import { ErrorNotice } from '../../ui/states.tsx';
import { Negotiation } from './negotiation.tsx';

const pasted = '';

export function OtherPolicy({ client }: { readonly client: ClientDetail }) {
  const say = useSay();
  const { language } = useSettings();
  const policy = useVault('getPolicy', { query: { lang: language } });
  const baselines = policy.data?.baselines ?? [];
  const [chosen, setChosen] = useState('modern');
  const ask = useMutation({
    mutationFn: (body: NegotiateRequest) =>
      call('negotiateClient', {
        params: { id: client.row.id },
        query: { lang: language },
        body,
      }),
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get('text') ?? '');
    ask.mutate({ policy: chosen === pasted ? text : chosen });
  };
  return (
    <Card span={6} title={say('other.title')} note={say('other.note')}>
      <form className="form" onSubmit={submit}>
        <SelectField
          label={say('other.policy')}
          value={chosen}
          onChange={(event) => setChosen(event.target.value)}
          options={[
            ...baselines.map((name) => ({ value: name, label: name })),
            { value: pasted, label: say('other.pasted') },
          ]}
        />
        {chosen === pasted && (
          <TextArea label={say('other.text')} name="text" isCode rows={8} required />
        )}
        <div>
          <button type="submit" className="button primary" disabled={ask.isPending}>
            {say('other.ask')}
          </button>
        </div>
      </form>
      <div className="stack answers" aria-live="polite">
        {ask.isError && <ErrorNotice error={ask.error} />}
        {ask.data?.results.map(({ fingerprint, result }) => (
          <Negotiation key={fingerprint} title={fingerprint} result={result} />
        ))}
      </div>
    </Card>
  );
}
