/** Asks before something that cannot be taken back. */

import type { ReactNode } from 'react';
import { useSay } from '../hooks/settings.ts';
import { Dialog } from './dialog.tsx';
import { ErrorNotice } from './states.tsx';

export function ConfirmDialog({
  title,
  action,
  change,
  onConfirm,
  onClose,
  children,
}: {
  readonly title: string;
  readonly action: string;
  readonly change: {
    readonly isPending: boolean;
    readonly isError: boolean;
    readonly error: unknown;
  };
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}) {
  const say = useSay();
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      {change.isError && <ErrorNotice error={change.error} />}
      <footer>
        <button type="button" className="button" onClick={onClose}>
          {say('common.cancel')}
        </button>
        <button
          type="button"
          className="button danger"
          disabled={change.isPending}
          onClick={onConfirm}
        >
          {action}
        </button>
      </footer>
    </Dialog>
  );
}
