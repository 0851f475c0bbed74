/** Paste an error, get its causes. */

import { useMutation } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import type { ExplainRequest } from '../../vault/api/schemas/explain.ts';
import { call } from '../api.ts';
import { useSay, useSettings } from '../hooks/settings.ts';
import { TextArea } from '../ui/fields.tsx';
import { Card, PageHead } from '../ui/parts.tsx';
import { Bones, ErrorNotice } from '../ui/states.tsx';
import { Explanation } from './explain/explanation.tsx';

const longest = 512 * 1024;
/** What people meet most often, to try it with. */
const examples = [
  '10054',
  '0x80072EFE',
  'tls: protocol version not supported',
  'javax.net.ssl.SSLHandshakeException: No appropriate protocol',
];

export function Explain() {
  const say = useSay();
  const { language } = useSettings();
  const ask = useMutation({ mutationFn: (body: ExplainRequest) => call('explain', { body }) });
  const explain = (text: string): void => {
    if (text.trim() !== '') ask.mutate({ text, lang: language });
  };
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    explain(String(new FormData(event.currentTarget).get('text')));
  };
  return (
    <div className="page">
      <PageHead title={say('nav.explain')} lead={say('explain.lead')} />
      <div className="grid">
        <Card span={5} title={say('explain.what')}>
          <form className="form" onSubmit={submit}>
            <TextArea
              label={say('explain.text')}
              help={say('explain.help')}
              name="text"
              rows={10}
              maxLength={longest}
              isCode
              required
            />
            <div className="row">
              <button type="submit" className="button primary" disabled={ask.isPending}>
                {say('explain.ask')}
              </button>
            </div>
            <div className="row small">
              <span className="faint">{say('explain.try')}</span>
              {examples.map((text) => (
                <button
                  key={text}
                  type="button"
                  className="button tiny breakable"
                  onClick={() => explain(text)}
                >
                  {text}
                </button>
              ))}
            </div>
          </form>
        </Card>
        <Card span={7} title={say('explain.causes')}>
          <div aria-live="polite">
            {ask.isPending && <Bones />}
            {ask.isError && <ErrorNotice error={ask.error} />}
            {ask.isIdle && <p className="soft">{say('explain.idle')}</p>}
            {ask.data !== undefined && !ask.isPending && <Explanation explanation={ask.data} />}
          </div>
        </Card>
      </div>
    </div>
  );
}
