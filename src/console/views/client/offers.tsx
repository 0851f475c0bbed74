/** What its ClientHellos say, in words, and what comes of each today and in the end. */

import type { ReactNode } from 'react';
import type { ClientHello, OfferDocument } from '../../../vault/api/schemas/client.ts';
import { useSay } from '../../hooks/settings.ts';
import { Badge, Card, CopyButton, Time } from '../../ui/parts.tsx';
import { Empty } from '../../ui/states.tsx';
import { Version, word } from '../../ui/words.tsx';
import { Negotiation } from './negotiation.tsx';

export function Offers({ hellos }: { readonly hellos: readonly ClientHello[] }) {
  const say = useSay();
  return (
    <Card title={say('offer.title')} note={say('offer.note')}>
      {hellos.length === 0 ? (
        <Empty title={say('offer.none')} />
      ) : (
        <div className="stack">
          {hellos.map((hello, index) => (
            <details key={hello.fingerprint} open={index === 0}>
              <summary>
                <code className="breakable">{hello.fingerprint}</code>{' '}
                {hello.looksLike.length > 0 && (
                  <span>
                    {say('failure.looksLike', {
                      program: hello.looksLike.map(({ name }) => name).join(', '),
                    })}
                  </span>
                )}{' '}
                <span className="faint small">
                  <Time ms={Date.parse(hello.lastSeenAt)} />
                </span>
              </summary>
              <div className="offer">
                <Negotiation title={say('offer.today')} result={hello.today} />
                <Negotiation title={say('offer.finally')} result={hello.finally} />
                {hello.offer !== null && (
                  <OfferFacts offer={hello.offer} fingerprint={hello.fingerprint} />
                )}
              </div>
            </details>
          ))}
        </div>
      )}
    </Card>
  );
}

function OfferFacts({
  offer,
  fingerprint,
}: {
  readonly offer: OfferDocument;
  readonly fingerprint: string;
}) {
  const say = useSay();
  const lines: readonly (readonly [string, ReactNode])[] = [
    [
      say('offer.versions'),
      <span key="versions" className="row tight">
        {offer.versions.map((version) => (
          <Version key={version} version={version} />
        ))}
      </span>,
    ],
    [
      say('offer.suites', { count: offer.cipherSuites.length }),
      <ul key="suites" className="small names">
        {offer.cipherSuites.map(({ name, strength }) => (
          <li key={name}>
            <code>{name}</code>{' '}
            {strength !== null && <span className="faint">{word(say, 'strength', strength)}</span>}
          </li>
        ))}
      </ul>,
    ],
    [
      say('offer.groups'),
      <span key="groups" className="row tight small">
        {offer.groups.map(({ name, postQuantum }) => (
          <span key={name}>
            <code>{name}</code>
            {postQuantum && <Badge tone="good">{say('overview.postQuantum')}</Badge>}
          </span>
        ))}
      </span>,
    ],
    [say('offer.shares'), offer.keyShares.join(', ')],
    [
      say('offer.schemes'),
      <span key="schemes" className="small">
        {offer.signatureSchemes.join(', ')}
      </span>,
    ],
    ['SNI', offer.serverName],
    ['ALPN', offer.alpn.join(', ')],
    [
      say('offer.extensions'),
      <span key="extensions" className="small">
        {offer.extensions.join(', ')}
      </span>,
    ],
    [say('offer.resumption'), say(offer.resumption ? 'common.yes' : 'common.no')],
  ];
  return (
    <dl className="facts wide-facts">
      <dt>JA4</dt>
      <dd className="row tight">
        <code>{fingerprint}</code>
        <CopyButton text={fingerprint} />
      </dd>
      {lines.map(([name, value]) => (
        <FactLine key={name} name={name} value={value} />
      ))}
    </dl>
  );
}

function FactLine({ name, value }: { readonly name: string; readonly value: ReactNode }) {
  const say = useSay();
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {value === null || value === '' ? (
          <span className="faint">{say('common.none')}</span>
        ) : (
          value
        )}
      </dd>
    </>
  );
}
