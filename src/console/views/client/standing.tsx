/** Will it still connect: what stands in the way, and where each retirement stands for it. */

import type { ClientDetail } from '../../../vault/api/schemas/client.ts';
import { useSay } from '../../hooks/settings.ts';
import { Answer, Card, Time } from '../../ui/parts.tsx';
import { Table } from '../../ui/table.tsx';
import { capabilityName, PhaseBadge, readinessTones } from '../../ui/words.tsx';

export function Standing({ client }: { readonly client: ClientDetail }) {
  const say = useSay();
  const { row, obstacles, standings } = client;
  return (
    <Card span={7} title={say('client.connect')}>
      <div className="stack">
        <Answer tone={readinessTones[row.readiness]} title={say(`client.answer.${row.readiness}`)}>
          {row.enforceAt !== null && (
            <>
              {say('client.refusedFrom')} <Time ms={Date.parse(row.enforceAt)} form="both" />
            </>
          )}
        </Answer>
        {obstacles.length > 0 && (
          <ul className="list-lines">
            {obstacles.map((obstacle) => (
              <li key={obstacle.fingerprint} className="stack tight">
                <span>
                  <strong>
                    {obstacle.capabilities.map((one) => capabilityName(say, one)).join(', ') ||
                      say('failure.policy')}
                  </strong>{' '}
                  <code className="faint">{obstacle.alert}</code>
                </span>
                {obstacle.why !== null && <span className="small soft">{obstacle.why}</span>}
                <span className="small">
                  {say('failure.needs')}: {obstacle.needs}
                </span>
              </li>
            ))}
          </ul>
        )}
        {standings.length > 0 && (
          <Table label={say('client.standings')}>
            <thead>
              <tr>
                <th scope="col">{say('plan.capability')}</th>
                <th scope="col">{say('plan.phase')}</th>
                <th scope="col">{say('phase.warn')}</th>
                <th scope="col">{say('phase.enforce')}</th>
                <th scope="col">{say('plan.exemptUntil')}</th>
              </tr>
            </thead>
            <tbody>
              {standings.map(({ capability, phase, warnAt, enforceAt, exemptUntil }) => (
                <tr key={capability}>
                  <th scope="row">{capabilityName(say, capability)}</th>
                  <td>
                    <PhaseBadge phase={phase} />
                  </td>
                  <td>{warnAt !== null && <Time ms={Date.parse(warnAt)} form="date" />}</td>
                  <td>{enforceAt !== null && <Time ms={Date.parse(enforceAt)} form="date" />}</td>
                  <td>
                    {exemptUntil !== null && <Time ms={Date.parse(exemptUntil)} form="date" />}
                  </td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </div>
    </Card>
  );
}
