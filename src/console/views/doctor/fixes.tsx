/** The fixes in each form that the machine's administrator may want: to read, to copy, to save. */

import { Download } from 'lucide-react';
import { useState } from 'react';
import type { FixFile } from '../../../vault/api/schemas/doctor.ts';
import { useSay } from '../../hooks/settings.ts';
import { Segments } from '../../ui/fields.tsx';
import { CopyBlock, saveFile } from '../../ui/parts.tsx';

export function Fixes({ fixes }: { readonly fixes: readonly FixFile[] }) {
  const say = useSay();
  const [chosen, setChosen] = useState(fixes[0]?.name ?? '');
  const fix = fixes.find(({ name }) => name === chosen) ?? fixes[0];
  if (fix === undefined) return null;
  const bytes = Uint8Array.from(atob(fix.content), (char) => char.charCodeAt(0));
  return (
    <div className="stack">
      <h3>{say('doctor.fixes')}</h3>
      <div className="row between">
        <Segments
          label={say('doctor.fixes')}
          value={fix.name}
          options={fixes.map(({ name, format, undo }) => ({
            value: name,
            label: undo ? say('doctor.undo', { format }) : format,
          }))}
          onChange={setChosen}
        />
        <button
          type="button"
          className="button"
          onClick={() => saveFile(new Blob([bytes]), fix.name)}
        >
          <Download size={15} aria-hidden />
          {say('doctor.download', { name: fix.name })}
        </button>
      </div>
      <CopyBlock text={textOf(bytes)} label={fix.name} />
    </div>
  );
}

/** A .reg file is UTF-16 with its mark; the others are UTF-8, with or without. */
function textOf(bytes: Uint8Array): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}
