/** What people wrote about a client. */

import { Trash2 } from 'lucide-react';
import { type FormEvent, useRef } from 'react';
import type { ClientDetail } from '../../../vault/api/schemas/client.ts';
import { useChange } from '../../hooks/queries.ts';
import { useMay } from '../../hooks/session.tsx';
import { useSay } from '../../hooks/settings.ts';
import { TextArea } from '../../ui/fields.tsx';
import { Card, Time } from '../../ui/parts.tsx';
import { ErrorNotice } from '../../ui/states.tsx';

export function Notes({ client }: { readonly client: ClientDetail }) {
  const say = useSay();
  const may = useMay();
  const form = useRef<HTMLFormElement>(null);
  const { id } = client.row;
  const add = useChange('addNote', {
    renews: ['getClient'],
    onDone: () => form.current?.reset(),
  });
  const remove = useChange('deleteNote', { renews: ['getClient'] });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get('text')).trim();
    if (text !== '') add.mutate({ params: { id }, body: { text } });
  };
  return (
    <Card span={6} title={say('notes.title')}>
      <div className="stack">
        {client.notes.length === 0 ? (
          <p className="soft">{say('notes.none')}</p>
        ) : (
          <ul className="list-lines">
            {client.notes.map((note) => (
              <li key={note.id} className="row between">
                <div>
                  <p className="pre-line breakable">{note.text}</p>
                  <p className="small faint">
                    {note.by} · <Time ms={Date.parse(note.at)} form="full" />
                  </p>
                </div>
                {may('operator') && (
                  <button
                    type="button"
                    className="button icon quiet"
                    aria-label={say('notes.remove')}
                    disabled={remove.isPending}
                    onClick={() => remove.mutate({ params: { id, note: note.id } })}
                  >
                    <Trash2 size={15} aria-hidden />
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
        {may('operator') && (
          <form ref={form} className="form" onSubmit={submit}>
            <TextArea label={say('notes.new')} name="text" rows={3} maxLength={4000} required />
            {(add.error ?? remove.error) !== null && (
              <ErrorNotice error={add.error ?? remove.error} />
            )}
            <div>
              <button type="submit" className="button" disabled={add.isPending}>
                {say('notes.add')}
              </button>
            </div>
          </form>
        )}
      </div>
    </Card>
  );
}
