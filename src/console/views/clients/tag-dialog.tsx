/** Tags of many clients at once: which to add, which to take away. */

import type { ClientRow } from '../../../vault/api/schemas/clients.ts';
import { useChange } from '../../hooks/queries.ts';
import { useSay } from '../../hooks/settings.ts';
import { ChangeForm, textOf } from '../../ui/change-form.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/fields.tsx';
import { tell } from '../../ui/toasts.tsx';

export function TagDialog({
  rows,
  tags,
  onClose,
}: {
  readonly rows: readonly ClientRow[];
  /** Those in use, to choose from. */
  readonly tags: readonly string[];
  readonly onClose: () => void;
}) {
  const say = useSay();
  const change = useChange('changeTags', {
    renews: ['listClients', 'getClient', 'getOverview'],
    onDone: ({ changed, fixed }) => {
      tell(say('tags.changed', { count: changed }));
      if (fixed.length > 0) tell(say('tags.fixed', { tags: fixed.join(', ') }), 'bad');
      onClose();
    },
  });
  // Tags belong to names that a certificate or a login proves.
  const named = rows.filter(({ kind }) => kind === 'certificate' || kind === 'login');
  const submit = (entered: FormData): void => {
    change.mutate({
      body: {
        clients: named.map(({ name }) => name),
        add: listOf(textOf(entered, 'add')),
        remove: listOf(textOf(entered, 'remove')),
      },
    });
  };
  return (
    <Dialog title={say('tags.title', { count: named.length })} onClose={onClose}>
      <ChangeForm
        action={say('tags.apply')}
        isDisabled={named.length === 0}
        change={change}
        onSubmit={submit}
        onClose={onClose}
      >
        <datalist id="tags-in-use">
          {tags.map((tag) => (
            <option key={tag} value={tag} />
          ))}
        </datalist>
        <TextField
          label={say('tags.add')}
          help={say('tags.help')}
          name="add"
          list="tags-in-use"
          autoComplete="off"
        />
        <TextField label={say('tags.remove')} name="remove" list="tags-in-use" autoComplete="off" />
        {named.length < rows.length && (
          <p className="note">{say('tags.unnamed', { count: rows.length - named.length })}</p>
        )}
      </ChangeForm>
    </Dialog>
  );
}

function listOf(text: string): string[] {
  return text
    .split(/[,，;]/)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}
