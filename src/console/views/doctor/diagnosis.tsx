/** A machine judged: the verdict, what was found with its evidence, and the fixes as files. */

import type {
  DoctorDiagnosis,
  DoctorFinding,
  DoctorStack,
  FixFile,
} from '../../../vault/api/schemas/doctor.ts';
import { useSay } from '../../hooks/settings.ts';
import { Answer, Badge, Notice, type Tone } from '../../ui/parts.tsx';
import { ReadinessBadge, readinessTones } from '../../ui/words.tsx';
import { Fixes } from './fixes.tsx';

const severityTones: Readonly<Record<DoctorFinding['severity'], Tone>> = {
  error: 'bad',
  warning: 'warn',
  note: 'accent',
};

export function Diagnosis({
  diagnosis,
  fixes,
}: {
  readonly diagnosis: DoctorDiagnosis;
  readonly fixes: readonly FixFile[];
}) {
  const say = useSay();
  const { status, system, policy, findings, consumers, stacks, remedies, problems } = diagnosis;
  return (
    <div className="stack">
      <Answer tone={readinessTones[status]} title={say(`doctor.status.${status}`)}>
        {[system, say('doctor.heldAgainst', { policy })]
          .filter((part) => part !== null)
          .join(' · ')}
      </Answer>
      {problems.map((problem) => (
        <Notice key={problem} tone="warn">
          {problem}
        </Notice>
      ))}
      {findings.length > 0 && (
        <div>
          <h3>{say('doctor.findings')}</h3>
          <ul className="list-lines">
            {findings.map((finding) => (
              <Finding key={finding.id} finding={finding} />
            ))}
          </ul>
        </div>
      )}
      {remedies.length > 0 && (
        <div className="stack">
          <h3>{say('doctor.remedies')}</h3>
          <ul className="list-lines">
            {remedies.map(({ id, title, byHand, changes }) => (
              <li key={id}>
                <span className="strong">{title}</span>{' '}
                {byHand && <Badge tone="warn">{say('doctor.byHand')}</Badge>}
                {changes.length > 0 && (
                  <pre className="small soft">
                    <code>{changes.join('\n')}</code>
                  </pre>
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
      {fixes.length > 0 && <Fixes fixes={fixes} />}
      <div className="consumers">
        {consumers.map((consumer) => (
          <StackGroup
            key={consumer.consumer}
            title={consumer.title}
            status={consumer.status}
            stacks={consumer.stacks}
          />
        ))}
      </div>
      {stacks.length > 0 && (
        <details>
          <summary>{say('doctor.stacks', { count: stacks.length })}</summary>
          <StackTable stacks={stacks} />
        </details>
      )}
    </div>
  );
}

function Finding({ finding }: { readonly finding: DoctorFinding }) {
  const say = useSay();
  const { severity, title, why, evidence, sources } = finding;
  return (
    <li className="stack tight">
      <div className="row tight">
        <Badge tone={severityTones[severity]}>{say(`severity.${severity}`)}</Badge>
        <span className="strong">{title}</span>
      </div>
      <p className="soft">{why}</p>
      {evidence.length > 0 && (
        <details className="small">
          <summary>{say('doctor.evidence')}</summary>
          <ul>
            {evidence.map((line) => (
              <li key={line} className="mono breakable">
                {line}
              </li>
            ))}
          </ul>
          {sources.map(({ title: name, url }) => (
            <p key={name} className="faint">
              {say('doctor.source')}:{' '}
              {url !== null && /^https:\/\//.test(url) ? (
                <a href={url} rel="noreferrer noopener" target="_blank">
                  {name}
                </a>
              ) : (
                name
              )}
            </p>
          ))}
        </details>
      )}
    </li>
  );
}

function StackGroup({
  title,
  status,
  stacks,
}: {
  readonly title: string;
  readonly status: DoctorDiagnosis['status'];
  readonly stacks: readonly DoctorStack[];
}) {
  return (
    <details>
      <summary>
        {title} <ReadinessBadge state={status} />
      </summary>
      <StackTable stacks={stacks} />
    </details>
  );
}

function StackTable({ stacks }: { readonly stacks: readonly DoctorStack[] }) {
  return (
    <ul className="list-lines small">
      {stacks.map(({ stack, title, status, outcomes, missing }) => (
        <li key={stack} className="stack tight">
          <div className="row tight">
            <span className="strong">{title}</span>
            <ReadinessBadge state={status} />
          </div>
          {outcomes.map(({ text }) => (
            <span key={text} className="soft">
              {text}
            </span>
          ))}
          {missing.map(({ kind, text }) => (
            <span key={kind} className="faint">
              {text}
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}
