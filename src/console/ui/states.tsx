/** What a page shows while it has nothing to show: loading, failed, empty; and that what it shows is old. */

import type { UseQueryResult } from '@tanstack/react-query';
import { RefreshCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../api.ts';
import { useSay } from '../hooks/settings.ts';
import { Notice, Time } from './parts.tsx';

/**
 * Draws what a query brought. While it is on its way there are bones, when it failed there is the reason
 * with a way to try again, and when only the renewal failed the old data stay, marked as old.
 */
export function Loaded<T>({
  query,
  lines = 4,
  children,
}: {
  readonly query: UseQueryResult<T>;
  readonly lines?: number;
  readonly children: (data: T) => ReactNode;
}) {
  if (query.data === undefined) {
    return query.isError ? (
      <Failed error={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <Bones lines={lines} />
    );
  }
  return (
    <>
      {query.isError && <Stale atMs={query.dataUpdatedAt} onRetry={() => void query.refetch()} />}
      {children(query.data)}
    </>
  );
}

export function Bones({ lines = 4 }: { readonly lines?: number }) {
  const say = useSay();
  return (
    <div className="stack" role="status">
      <span className="only-read">{say('state.loading')}</span>
      {Array.from({ length: lines }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bones are all alike
        <span key={index} className="bone" style={{ width: `${92 - ((index * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

export function Failed({
  error,
  onRetry,
}: {
  readonly error: unknown;
  readonly onRetry?: () => void;
}) {
  const say = useSay();
  return (
    <div className="stack">
      <ErrorNotice error={error} />
      {onRetry !== undefined && (
        <div>
          <button type="button" className="button" onClick={onRetry}>
            <RefreshCw size={15} aria-hidden />
            {say('state.retry')}
          </button>
        </div>
      )}
    </div>
  );
}

/** What happened, and what to do about it. */
export function ErrorNotice({ error }: { readonly error: unknown }) {
  const say = useSay();
  if (!(error instanceof ApiError)) {
    return <Notice tone="bad">{say('state.failed')}</Notice>;
  }
  return (
    <Notice tone="bad">
      <p className="strong breakable">{error.message}</p>
      {error.hint !== undefined && <p className="breakable">{error.hint}</p>}
    </Notice>
  );
}

export function Stale({ atMs, onRetry }: { readonly atMs: number; readonly onRetry: () => void }) {
  const say = useSay();
  return (
    <div className="band" role="status">
      <span>
        {say('state.stale')} <Time ms={atMs} />
      </span>
      <button type="button" className="button tiny" onClick={onRetry}>
        {say('state.retry')}
      </button>
    </div>
  );
}

export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className="state">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
