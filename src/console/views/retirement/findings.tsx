/** Contradictions of a plan, in sentences. */

import type { PlanFinding } from '../../../vault/api/schemas/policy.ts';
import { useSay } from '../../hooks/settings.ts';
import { Badge, Notice } from '../../ui/parts.tsx';

export function Findings({ findings }: { readonly findings: readonly PlanFinding[] }) {
  const say = useSay();
  return findings.map(({ code, where, severity, message }) => (
    <Notice key={`${code} ${where}`} tone={severity === 'error' ? 'bad' : 'warn'}>
      <span className="row tight">
        <Badge tone={severity === 'error' ? 'bad' : 'warn'}>{say(`severity.${severity}`)}</Badge>
        <span className="breakable">{message}</span>
        <code className="small faint">{where}</code>
      </span>
    </Notice>
  ));
}
