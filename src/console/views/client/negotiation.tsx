/** What two sides agree on, or the alert that parts them, and why, step by step. */

import type { ApiNegotiation } from '../../../vault/api/schemas/client.ts';
import { useSay } from '../../hooks/settings.ts';
import { Badge } from '../../ui/parts.tsx';
import { versionName } from '../../ui/words.tsx';

export function Negotiation({
  title,
  result,
}: {
  readonly title: string;
  readonly result: ApiNegotiation | null;
}) {
  const say = useSay();
  if (result === null) {
    return (
      <div>
        <h3>{title}</h3>
        <p className="soft">{say('offer.notKept')}</p>
      </div>
    );
  }
  const parts = [
    result.version === null ? null : versionName(result.version),
    result.cipherSuite,
    result.group,
  ];
  return (
    <div className="stack tight">
      <h3>{title}</h3>
      <div className="row tight">
        {result.agreed ? (
          <Badge tone="good">{say('offer.agreed')}</Badge>
        ) : (
          <Badge tone="bad">{say('offer.refused')}</Badge>
        )}
        <span className="breakable">
          {result.agreed ? parts.filter((part) => part !== null).join(' · ') : result.alert}
        </span>
      </div>
      {result.why.length > 0 && (
        <ol className="steps small soft">
          {result.why.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      )}
    </div>
  );
}
