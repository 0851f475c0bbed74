/** A form in a dialog that makes one change: its fields, what went wrong, and the two buttons. */

import type { FormEvent, ReactNode } from 'react';
import { useSay } from '../hooks/settings.ts';
import { TextField } from './fields.tsx';
import { ErrorNotice } from './states.tsx';

export interface ChangeFormProps {
  /** Of the button that makes the change. */
  readonly action: string;
  readonly change: {
    readonly isPending: boolean;
    readonly isError: boolean;
    readonly error: unknown;
  };
  /** It takes something away. */
  readonly isDanger?: boolean;
  /** There is nothing to change. */
  readonly isDisabled?: boolean;
  /** With what was entered. */
  readonly onSubmit: (entered: FormData) => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function ChangeForm({
  action,
  change,
  isDanger = false,
  isDisabled = false,
  onSubmit,
  onClose,
  children,
}: ChangeFormProps) {
  const say = useSay();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    onSubmit(new FormData(event.currentTarget));
  };
  return (
    <form className="form" onSubmit={submit}>
      {children}
      {change.isError && <ErrorNotice error={change.error} />}
      <footer>
        <button type="button" className="button" onClick={onClose}>
          {say('common.cancel')}
        </button>
        <button
          type="submit"
          className={`button ${isDanger ? 'danger' : 'primary'}`}
          disabled={change.isPending || isDisabled}
        >
          {action}
        </button>
      </footer>
    </form>
  );
}

/** `name` of a machine, a login or a user: what the vault takes for one. */
export function AccountNameField({ label }: { readonly label: string }) {
  const say = useSay();
  return (
    <TextField
      label={label}
      help={say('first.machineHelp')}
      name="name"
      pattern="[A-Za-z0-9][A-Za-z0-9@._+\-]{0,63}"
      maxLength={64}
      spellCheck={false}
      required
    />
  );
}

/** Text as entered, without spaces around it. */
export function textOf(entered: FormData, field: string): string {
  return String(entered.get(field) ?? '').trim();
}
