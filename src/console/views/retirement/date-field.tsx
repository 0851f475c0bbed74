/** A date of a plan: a day (0:00 UTC), or a moment as it stands in the file. */

import { useSay } from '../../hooks/settings.ts';
import { TextField } from '../../ui/fields.tsx';

const dayPattern = /^\d{4}-\d\d-\d\d$/;

export function DateField({
  label,
  value = '',
  onChange,
}: {
  readonly label: string;
  readonly value?: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}) {
  const say = useSay();
  const midnight = value.replace(/T00:00(?::00(?:\.0+)?)?Z$/, '');
  const isDay = midnight === '' || dayPattern.test(midnight);
  return (
    <TextField
      label={label}
      title={say('plan.utc')}
      type={isDay ? 'date' : 'text'}
      value={isDay ? midnight : value}
      onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
    />
  );
}
