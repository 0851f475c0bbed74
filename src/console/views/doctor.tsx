/** Drop what was read of machines, get verdicts and fixes. The vault judges it in memory and keeps nothing. */

import { useMutation } from '@tanstack/react-query';
import { FileUp } from 'lucide-react';
import { type DragEvent, useRef, useState } from 'react';
import type { Examination } from '../../vault/api/schemas/doctor.ts';
import { maxExamineBytes, maxExamineFiles } from '../../vault/api/schemas/doctor.ts';
import { upload } from '../api.ts';
import { useVault } from '../hooks/queries.ts';
import { useSay, useSettings } from '../hooks/settings.ts';
import { SelectField } from '../ui/fields.tsx';
import { useFormat } from '../ui/format.ts';
import { Card, Notice, PageHead } from '../ui/parts.tsx';
import { Bones, ErrorNotice } from '../ui/states.tsx';
import { Diagnosis } from './doctor/diagnosis.tsx';
import { Explanation } from './explain/explanation.tsx';

export function Doctor() {
  const say = useSay();
  const format = useFormat();
  const { language } = useSettings();
  const [server, setServer] = useState('');
  const [fault, setFault] = useState<string>();
  const policy = useVault('getPolicy', { query: { lang: language } });
  const examine = useMutation({
    mutationFn: (files: readonly File[]) => {
      const form = new FormData();
      form.set('lang', language);
      if (server !== '') form.set('server', server);
      for (const file of files) form.append('files', file, file.name);
      return upload('examine', form);
    },
  });
  const take = (files: readonly File[]): void => {
    if (files.length === 0) return;
    const size = files.reduce((sum, file) => sum + file.size, 0);
    const isTooMuch = files.length > maxExamineFiles || size > maxExamineBytes;
    setFault(
      isTooMuch
        ? say('doctor.tooMuch', { count: maxExamineFiles, size: format.size(maxExamineBytes) })
        : undefined,
    );
    if (!isTooMuch) examine.mutate(files);
  };
  return (
    <div className="page">
      <PageHead title={say('nav.doctor')} lead={say('doctor.lead')} />
      <Card span={12} title={say('doctor.files')}>
        <div className="stack">
          <DropPlace isBusy={examine.isPending} onFiles={take} />
          <div className="form-row narrow">
            <SelectField
              label={say('doctor.server')}
              value={server}
              onChange={(event) => setServer(event.target.value)}
              options={[
                { value: '', label: say('doctor.usualServer') },
                { value: 'azure', label: 'Azure Backup' },
                ...(policy.data?.baselines ?? []).map((name) => ({ value: name, label: name })),
              ]}
            />
          </div>
          {fault !== undefined && <Notice tone="bad">{fault}</Notice>}
          {examine.isError && <ErrorNotice error={examine.error} />}
        </div>
      </Card>
      <div aria-live="polite" className="stack">
        {examine.isPending && <Bones lines={5} />}
        {examine.data !== undefined && !examine.isPending && <Result result={examine.data} />}
      </div>
    </div>
  );
}

function DropPlace({
  isBusy,
  onFiles,
}: {
  readonly isBusy: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}) {
  const say = useSay();
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    onFiles([...event.dataTransfer.files]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button is the first
    <div
      className="drop"
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <FileUp size={28} aria-hidden />
      <p className="strong">{say('doctor.drop')}</p>
      <p className="small">{say('doctor.dropMore')}</p>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={say('doctor.choose')}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // The same file can be chosen again.
          event.target.value = '';
        }}
      />
      <button
        type="button"
        className="button primary"
        disabled={isBusy}
        onClick={() => input.current?.click()}
      >
        {say('doctor.choose')}
      </button>
      <p className="note">{say('doctor.notKept')}</p>
    </div>
  );
}

function Result({ result }: { readonly result: Examination }) {
  const { machines, logs, failures } = result;
  return (
    <>
      {failures.map(({ file, detail, hint }) => (
        <Notice key={file} tone="bad">
          <p className="strong breakable">
            {file}: {detail}
          </p>
          {hint !== null && <p>{hint}</p>}
        </Notice>
      ))}
      {machines.map(({ name, files, diagnosis, fixes }) => (
        <Card key={`${name} ${files.join()}`} title={name} note={files.join(', ')}>
          <Diagnosis diagnosis={diagnosis} fixes={fixes} />
        </Card>
      ))}
      {logs.map(({ file, explanation }) => (
        <Card key={file} title={file}>
          <Explanation explanation={explanation} />
        </Card>
      ))}
    </>
  );
}
