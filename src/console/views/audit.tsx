/** Every change: who, when, before and after. */

import { useState } from 'react';
import type { AuditEntry } from '../../vault/api/schemas/audit.ts';
import { useVault } from '../hooks/queries.ts';
import { useSay } from '../hooks/settings.ts';
import { SelectField, TextField } from '../ui/fields.tsx';
import { PageHead, Time } from '../ui/parts.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import { word } from '../ui/words.tsx';

const step = 50;
const most = 500;
/** Beginnings of actions. */
const subjects = [
  ...(['policy', 'exemption', 'client', 'user', 'login', 'invite', 'token'] as const),
  ...(['session', 'quota', 'scrub'] as const),
];

export function Audit() {
  const say = useSay();
  const [limit, setLimit] = useState(step);
  const [action, setAction] = useState('');
  const [by, setBy] = useState('');
  const query = useVault(
    'listAudit',
    { query: { limit, ...(action === '' ? {} : { action }), ...(by === '' ? {} : { by }) } },
    { keepsPrevious: true },
  );
  return (
    <div className="page">
      <PageHead title={say('nav.audit')} lead={say('audit.lead')} />
      <search className="filters few">
        <SelectField
          label={say('audit.subject')}
          value={action}
          onChange={(event) => setAction(event.target.value)}
          options={[
            { value: '', label: say('common.all') },
            ...subjects.map((value) => ({ value, label: say(`audit.${value}`) })),
          ]}
        />
        <TextField
          label={say('audit.by')}
          value={by}
          maxLength={64}
          onChange={(event) => setBy(event.target.value)}
        />
      </search>
      <Loaded query={query} lines={10}>
        {({ rows, total }) =>
          rows.length === 0 ? (
            <Empty title={say('audit.none')} />
          ) : (
            <section className="card" aria-label={say('nav.audit')}>
              <Table label={say('nav.audit')} stacks>
                <thead>
                  <tr>
                    <th scope="col">{say('audit.when')}</th>
                    <th scope="col">{say('audit.by')}</th>
                    <th scope="col">{say('audit.action')}</th>
                    <th scope="col">{say('audit.target')}</th>
                    <th scope="col">{say('common.reason')}</th>
                    <th scope="col">{say('audit.change')}</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((entry) => (
                    <Line key={entry.id} entry={entry} />
                  ))}
                </tbody>
              </Table>
              {rows.length < Math.min(total, most) && (
                <button
                  type="button"
                  className="button"
                  onClick={() => setLimit(Math.min(limit * 2, most))}
                >
                  {say('common.more')}
                </button>
              )}
            </section>
          )
        }
      </Loaded>
    </div>
  );
}

function Line({ entry }: { readonly entry: AuditEntry }) {
  const say = useSay();
  const { at, by, role, via, address, action, target, before, after, reason } = entry;
  const hasChange = isSomething(before) || isSomething(after);
  return (
    <tr>
      <th scope="row" className="nowrap">
        <Time ms={Date.parse(at)} form="full" />
      </th>
      <td data-label={say('audit.by')}>
        {by ?? <span className="faint">{say('audit.vault')}</span>}
        <div className="small faint">
          {[role, word(say, 'via', via), address].filter((part) => part !== null).join(' · ')}
        </div>
      </td>
      <td data-label={say('audit.action')}>
        <code>{action}</code>
      </td>
      <td data-label={say('audit.target')} className="breakable">
        {target}
      </td>
      <td data-label={say('common.reason')} className="breakable">
        {reason}
      </td>
      <td data-label={say('audit.change')}>
        {hasChange && (
          <details className="small">
            <summary>{say('audit.show')}</summary>
            <h3>{say('audit.before')}</h3>
            <pre className="change">{written(before)}</pre>
            <h3>{say('audit.after')}</h3>
            <pre className="change">{written(after)}</pre>
          </details>
        )}
      </td>
    </tr>
  );
}

function isSomething(value: unknown): boolean {
  return value !== null && value !== undefined;
}

/** Texts as they are, documents indented; a plan's text in a document keeps its lines. */
function written(value: unknown): string {
  if (!isSomething(value)) return '–';
  if (typeof value === 'string') return value;
  return JSON.stringify(value, undefined, 2).replaceAll('\\n', '\n');
}
