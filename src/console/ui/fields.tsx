/** Fields of forms, each with its label, its help and what is wrong with it. */

import { type ComponentProps, type ReactNode, useId } from 'react';

interface FieldProps {
  readonly label: string;
  readonly help?: ReactNode;
  readonly fault?: string | undefined;
}

function Field({
  label,
  help,
  fault,
  id,
  children,
}: FieldProps & { readonly id: string; readonly children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {help !== undefined && (
        <span className="help" id={`${id}-help`}>
          {help}
        </span>
      )}
      {fault !== undefined && (
        <span className="fault" id={`${id}-fault`}>
          {fault}
        </span>
      )}
    </div>
  );
}

function described(id: string, { help, fault }: FieldProps): string | undefined {
  const ids = [help !== undefined ? `${id}-help` : '', fault !== undefined ? `${id}-fault` : ''];
  return ids.join(' ').trim() || undefined;
}

export function TextField({ label, help, fault, ...input }: FieldProps & ComponentProps<'input'>) {
  const id = useId();
  return (
    <Field label={label} help={help} fault={fault} id={id}>
      <input
        {...input}
        id={id}
        className="input"
        aria-describedby={described(id, { label, help, fault })}
        aria-invalid={fault === undefined ? undefined : true}
      />
    </Field>
  );
}

export function TextArea({
  label,
  help,
  fault,
  isCode = false,
  ...input
}: FieldProps & ComponentProps<'textarea'> & { readonly isCode?: boolean }) {
  const id = useId();
  return (
    <Field label={label} help={help} fault={fault} id={id}>
      <textarea
        {...input}
        id={id}
        className={isCode ? 'textarea code' : 'textarea'}
        spellCheck={isCode ? false : undefined}
        aria-describedby={described(id, { label, help, fault })}
        aria-invalid={fault === undefined ? undefined : true}
      />
    </Field>
  );
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

export function SelectField({
  label,
  help,
  fault,
  options,
  ...input
}: FieldProps & ComponentProps<'select'> & { readonly options: readonly Option[] }) {
  const id = useId();
  return (
    <Field label={label} help={help} fault={fault} id={id}>
      <select
        {...input}
        id={id}
        className="select"
        aria-describedby={described(id, { label, help, fault })}
      >
        {options.map(({ value, label: name }) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </Field>
  );
}

/** A choice of few, all of them in sight. */
export function Segments({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly Option[];
  readonly onChange: (value: string) => void;
}) {
  return (
    <fieldset className="segments" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
