/** Causes of a failure, the likeliest first, each with the check that tells it apart and its fixes. */

import type { Cause, Explanation as Data } from '../../../vault/api/schemas/explain.ts';
import { useSay } from '../../hooks/settings.ts';
import { Badge } from '../../ui/parts.tsx';
import { Empty } from '../../ui/states.tsx';

export function Explanation({ explanation }: { readonly explanation: Data }) {
  const say = useSay();
  const { known, failures, lines } = explanation;
  if (!known) {
    return (
      <Empty title={say('explain.unknown')}>
        <p>{say('explain.unknownMore')}</p>
      </Empty>
    );
  }
  return (
    <div className="stack">
      {failures.map((failure) => (
        <section key={failure.firstLine} className="stack">
          {lines > 1 && (
            <h3>
              {say('explain.where', {
                count: failure.count,
                first: String(failure.firstLine),
                last: String(failure.lastLine),
              })}
            </h3>
          )}
          <ol className="list-lines">
            {failure.causes.map((cause, index) => (
              <CauseLine key={cause.id} cause={cause} isFirst={index === 0} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

function CauseLine({ cause, isFirst }: { readonly cause: Cause; readonly isFirst: boolean }) {
  const say = useSay();
  const { title, likelihood, means, check, fixes, evidence } = cause;
  return (
    <li>
      <details open={isFirst}>
        <summary>
          <strong className="tone-ink">{title}</strong>{' '}
          <Badge tone={isFirst ? 'accent' : 'mute'}>{likelihood}</Badge>
        </summary>
        <div className="stack">
          <p>{means}</p>
          <div>
            <h3>{say('explain.check')}</h3>
            <p className="soft pre-line">{check}</p>
          </div>
          {fixes.map(({ platform, title: name, text }) => (
            <div key={`${platform} ${name}`}>
              <h3>
                {say('explain.fix')}: {name} <span className="faint small">{platform}</span>
              </h3>
              <p className="soft pre-line breakable">{text}</p>
            </div>
          ))}
          {evidence.length > 0 && (
            <details className="small">
              <summary>{say('doctor.evidence')}</summary>
              <ul className="list-lines">
                {evidence.map((entry) => (
                  <li key={`${entry.line} ${entry.text}`}>
                    <code className="breakable">{entry.text}</code>
                    <p className="soft">
                      {entry.says}
                      {entry.source !== null && <span className="faint"> ({entry.source})</span>}
                    </p>
                  </li>
                ))}
              </ul>
            </details>
          )}
        </div>
      </details>
    </li>
  );
}
