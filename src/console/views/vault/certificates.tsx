/** Certificates in use and how long they last. */

import { useVault } from '../../hooks/queries.ts';
import { useSay } from '../../hooks/settings.ts';
import { useNow } from '../../hooks/use-now.ts';
import { dayMs } from '../../ui/format.ts';
import { Badge, Card, Notice, Time } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/states.tsx';

const soonDays = 21;

export function Certificates() {
  const say = useSay();
  const query = useVault('listCertificates', {});
  return (
    <div id="certificates" className="span-6">
      <Card title={say('certificate.title')}>
        <Loaded query={query}>
          {({ server, authority, problem, clients }) => (
            <div className="stack">
              {problem !== null && <Notice tone="bad">{problem}</Notice>}
              <ul className="list-lines">
                {server.map(({ serial, subject, names, keyType, notAfter }) => (
                  <li key={serial} className="stack tight">
                    <div className="row between">
                      <strong className="breakable">{names.join(', ') || subject}</strong>
                      <Badge tone="mute">{keyType}</Badge>
                    </div>
                    <Expiry at={notAfter} />
                  </li>
                ))}
                {authority !== null && (
                  <li className="stack tight">
                    <strong className="breakable">
                      {say('health.authority')}: {authority.subject}
                    </strong>
                    <Expiry at={authority.notAfter} />
                    <code className="small faint breakable">{authority.fingerprint}</code>
                  </li>
                )}
              </ul>
              {clients.length > 0 && (
                <details>
                  <summary>{say('certificate.ofClients', { count: clients.length })}</summary>
                  <ul className="list-lines scroll-list small">
                    {clients.map(({ serial, name, state, expiresAt }) => (
                      <li key={serial} className="row between">
                        <span className="breakable">{name}</span>
                        <span className="row tight">
                          {state === 'active' ? (
                            <Expiry at={expiresAt} />
                          ) : (
                            say(`certificate.${state}`)
                          )}
                        </span>
                      </li>
                    ))}
                  </ul>
                </details>
              )}
            </div>
          )}
        </Loaded>
      </Card>
    </div>
  );
}

function Expiry({ at }: { readonly at: string }) {
  const say = useSay();
  const nowMs = useNow();
  const ms = Date.parse(at);
  const left = ms - nowMs;
  const isSoon = left < soonDays * dayMs;
  return (
    <span className="row tight small soft">
      {isSoon && (
        <Badge tone={left <= 0 ? 'bad' : 'warn'}>
          {say(left <= 0 ? 'certificate.expired' : 'certificate.soon')}
        </Badge>
      )}
      {say('certificate.expires')} <Time ms={ms} form="both" />
    </span>
  );
}
