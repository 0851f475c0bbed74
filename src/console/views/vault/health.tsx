/** Versions and health. */

import { addressOf } from '../../api.ts';
import { useVault } from '../../hooks/queries.ts';
import { useSay } from '../../hooks/settings.ts';
import { useFormat } from '../../ui/format.ts';
import { Answer, Card, CopyButton, Notice, Time } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/states.tsx';

export function Health() {
  const say = useSay();
  const format = useFormat();
  const query = useVault('getVault', {});
  return (
    <Card span={5} title={say('health.title')}>
      <Loaded query={query} lines={8}>
        {(vault) => (
          <div className="stack">
            <Answer
              tone={vault.status === 'ok' ? 'good' : 'bad'}
              title={say(`health.${vault.status}`)}
            >
              {say('health.since')} <Time ms={Date.parse(vault.startedAt)} form="both" />
            </Answer>
            {vault.problems.map(({ code, detail }) => (
              <Notice key={code + detail} tone="bad">
                {detail}
              </Notice>
            ))}
            <dl className="facts">
              <dt>Sealift</dt>
              <dd>{vault.version}</dd>
              <dt>{say('health.runsOn')}</dt>
              <dd>
                Node {vault.node}, OpenSSL {vault.openssl}, {vault.platform}
              </dd>
              <dt>{say('health.address')}</dt>
              <dd className="row tight">
                <code className="breakable">{vault.url}</code>
                <CopyButton text={vault.url} />
              </dd>
              {vault.previewUrl !== null && (
                <>
                  <dt>{say('health.preview')}</dt>
                  <dd>
                    <code className="breakable">{vault.previewUrl}</code>{' '}
                    {vault.previewAt !== null && (
                      <Time ms={Date.parse(vault.previewAt)} form="date" />
                    )}
                  </dd>
                </>
              )}
              <dt>{say('health.authority')}</dt>
              <dd>
                <a href={addressOf('getAuthority', {})} download="sealift-ca.pem">
                  ca.pem
                </a>
                {vault.caFingerprint !== null && (
                  <code className="small faint breakable"> {vault.caFingerprint}</code>
                )}
              </dd>
              <dt>{say('plan.name')}</dt>
              <dd>{vault.plan}</dd>
              <dt>{say('client.connections')}</dt>
              <dd>
                {say('health.open', {
                  open: vault.connections.open,
                  half: vault.connections.halfOpen,
                })}
              </dd>
              <dt>{say('health.ledger')}</dt>
              <dd>
                {say('health.ledgerMore', {
                  days: vault.ledger.keepDays,
                  size: format.size(vault.ledger.databaseBytes),
                  lag: format.span(vault.ledger.lagMs),
                })}
              </dd>
              <dt>{say('client.appendOnly')}</dt>
              <dd>{say(vault.appendOnly ? 'common.yes' : 'common.no')}</dd>
              <dt>API</dt>
              <dd>
                <a href={addressOf('getOpenApi', {})}>OpenAPI</a>
              </dd>
            </dl>
          </div>
        )}
      </Loaded>
    </Card>
  );
}
