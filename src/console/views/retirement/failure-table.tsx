/** Clients that a plan would refuse: what they stand to lose, why, and what they need. */

import type { SimulatedFailure } from '../../../vault/api/schemas/policy.ts';
import { useSay } from '../../hooks/settings.ts';
import { ClientLink } from '../../ui/client-link.tsx';
import { useFormat } from '../../ui/format.ts';
import { Badge, Time } from '../../ui/parts.tsx';
import { Table } from '../../ui/table.tsx';
import { capabilityName, ReadinessBadge, word } from '../../ui/words.tsx';

export function FailureTable({
  label,
  failures,
  isMarked,
}: {
  readonly label: string;
  readonly failures: readonly SimulatedFailure[];
  /** True for who fails in this list and not in the one beside it. */
  readonly isMarked?: (failure: SimulatedFailure) => boolean;
}) {
  const say = useSay();
  const format = useFormat();
  return (
    <Table label={label} stacks>
      <thead>
        <tr>
          <th scope="col">{say('client.name')}</th>
          <th scope="col">{say('failure.why')}</th>
          <th scope="col">{say('failure.needs')}</th>
          <th scope="col" className="number">
            {say('client.backups')}
          </th>
          <th scope="col">{say('client.lastBackup')}</th>
        </tr>
      </thead>
      <tbody>
        {failures.map((failure) => (
          <tr key={`${failure.id} ${failure.fingerprint}`}>
            <th scope="row" className="breakable">
              <ClientLink id={failure.id} name={failure.client ?? failure.address} />
              <div className="row tight">
                {isMarked?.(failure) === true && <Badge tone="bad">{say('failure.new')}</Badge>}
                {failure.refusedToday && <Badge tone="mute">{say('failure.today')}</Badge>}
              </div>
              {failure.looksLike.length > 0 && (
                <span className="small faint">
                  {say('failure.looksLike', { program: failure.looksLike.join(', ') })}
                </span>
              )}
            </th>
            <td data-label={say('failure.why')}>
              <span className="small">
                {failure.capabilities.map((one) => capabilityName(say, one)).join(', ') ||
                  say('failure.policy')}
              </span>
              <br />
              <span className="small faint breakable">
                {failure.why ?? word(say, 'cause', failure.cause)}
                {failure.alert !== null && (
                  <>
                    {' '}
                    <code>{failure.alert}</code>
                  </>
                )}
              </span>
            </td>
            <td data-label={say('failure.needs')} className="small breakable">
              {failure.needs}
              {failure.doctor !== null && (
                <div className="row tight">
                  <ReadinessBadge state={failure.doctor.status} />
                  <span className="faint">{failure.doctor.remedies.join('; ')}</span>
                </div>
              )}
            </td>
            <td data-label={say('client.backups')} className="number">
              {format.number(failure.backups)}
            </td>
            <td data-label={say('client.lastBackup')} className="nowrap">
              <Time ms={failure.lastBackupAt === null ? null : Date.parse(failure.lastBackupAt)} />
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
