/** How a whole divides: a bar in parts, and each part with its name, count and share. */

import type { ReactNode } from 'react';
import { useFormat } from './format.ts';

export interface SharePart {
  readonly key: string;
  readonly name: ReactNode;
  readonly count: number;
  /** A custom property of tokens.css. */
  readonly color: string;
}

export function ShareBar({
  parts,
  label,
}: {
  readonly parts: readonly SharePart[];
  readonly label: string;
}) {
  const format = useFormat();
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  return (
    <div>
      <div className="share-bar" aria-hidden>
        {parts
          .filter(({ count }) => count > 0)
          .map(({ key, count, color }) => (
            <i key={key} style={{ flex: `${count} 1 0`, background: `var(${color})` }} />
          ))}
      </div>
      <ul className="legend" aria-label={label}>
        {parts.map(({ key, name, count, color }) => (
          <li key={key}>
            <i style={{ background: `var(${color})` }} />
            <span className="breakable">{name}</span>
            <span className="count">{format.number(count)}</span>
            <span className="percent">{format.percent(total === 0 ? 0 : count / total)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
