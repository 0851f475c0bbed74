/** First use: the three commands that make the first backup. The page goes on by itself when it arrives. */

import { type FormEvent, useId, useState } from 'react';
import type { CreatedInvite } from '../../vault/api/schemas/accounts.ts';
import type { Overview } from '../../vault/api/schemas/overview.ts';
import { useChange, useVault } from '../hooks/queries.ts';
import { useMay } from '../hooks/session.tsx';
import { useSay } from '../hooks/settings.ts';
import { TextField } from '../ui/fields.tsx';
import { Badge, CopyBlock } from '../ui/parts.tsx';
import { ErrorNotice } from '../ui/states.tsx';

const stepKeys = ['first.enrol', 'first.init', 'first.backup'] as const;

export function FirstSteps({ overview }: { readonly overview: Overview }) {
  const say = useSay();
  const id = useId();
  const may = useMay();
  const vault = useVault('getVault', {});
  const [invite, setInvite] = useState<CreatedInvite>();
  const { counts } = overview;
  const url = vault.data?.url ?? location.origin;
  const commands = invite?.commands ?? commandsFor(url);
  const isEnrolled = counts.enrolled > counts.neverSeen || counts.clients > 0;
  return (
    <section className="card first" aria-labelledby={id}>
      <header>
        <div>
          <h2 id={id}>{say('first.title')}</h2>
          <p>{say('first.lead')}</p>
        </div>
        <Badge tone={isEnrolled ? 'good' : 'accent'}>
          {say(isEnrolled ? 'first.waitingBackup' : 'first.waiting')}
        </Badge>
      </header>
      {invite === undefined &&
        (may('operator') ? (
          <InviteForm onMade={setInvite} />
        ) : (
          <p className="soft">{say('first.viewer')}</p>
        ))}
      <ol className="first-commands">
        {stepKeys.map((key, index) => (
          <li key={key}>
            <h3>
              {index + 1}. {say(key)}
            </h3>
            <CopyBlock text={commands[index] ?? ''} label={say(key)} />
          </li>
        ))}
      </ol>
      <p className="note">{say('first.restic')}</p>
    </section>
  );
}

function InviteForm({ onMade }: { readonly onMade: (invite: CreatedInvite) => void }) {
  const say = useSay();
  const make = useChange('createInvite', { renews: ['listInvites'], onDone: onMade });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('machine')).trim();
    make.mutate({ body: { name, url: location.origin } });
  };
  return (
    <form className="form" onSubmit={submit}>
      <div className="form-row narrow">
        <TextField
          label={say('first.machine')}
          help={say('first.machineHelp')}
          name="machine"
          pattern="[A-Za-z0-9][A-Za-z0-9@._+\-]{0,63}"
          maxLength={64}
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <button type="submit" className="button primary" disabled={make.isPending}>
          {say('first.make')}
        </button>
      </div>
      {make.isError && <ErrorNotice error={make.error} />}
    </form>
  );
}

/** As they will be, before there is a token to put in. */
function commandsFor(url: string): string[] {
  return [
    `sealift enroll ${url} --token … --name vault`,
    'sealift init -r sealift:vault',
    'sealift backup -r sealift:vault FOLDER',
  ];
}
