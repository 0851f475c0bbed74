/** A table with its caption for screen readers; one that is wider than its place is scrolled, by keyboard too. */

import type { ReactNode } from 'react';

export function Table({
  label,
  stacks = false,
  children,
}: {
  readonly label: string;
  /** On a narrow screen each row is a block of its own. */
  readonly stacks?: boolean;
  readonly children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <figure className="table-wrap" tabIndex={0} aria-label={label}>
      <table className={stacks ? 'table stacking' : 'table'}>
        <caption className="only-read">{label}</caption>
        {children}
      </table>
    </figure>
  );
}
