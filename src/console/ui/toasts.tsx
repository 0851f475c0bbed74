/** Short news in the corner: something was done, or failed. Read out, gone by itself. */

import { useEffect, useSyncExternalStore } from 'react';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'good' | 'bad';
}

const shownMs = 6000;
let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

export function tell(text: string, tone: Toast['tone'] = 'good'): void {
  lastId += 1;
  publish([...toasts, { id: lastId, text, tone }]);
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((toast) => (
        <Line key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function Line({ toast }: { readonly toast: Toast }) {
  useEffect(() => {
    const timer = setTimeout(() => publish(toasts.filter(({ id }) => id !== toast.id)), shownMs);
    return () => clearTimeout(timer);
  }, [toast.id]);
  return <div className={toast.tone === 'bad' ? 'toast bad' : 'toast'}>{toast.text}</div>;
}

function publish(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}
