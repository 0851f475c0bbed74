/** The time of this browser, corrected by the vault's own clock, renewed every half minute. */

import { useSyncExternalStore } from 'react';

const stepMs = 30_000;
let offsetMs = 0;
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

export function useNow(): number {
  return useSyncExternalStore(subscribe, () => nowMs);
}

/** What the vault said the time is: ages are told by its clock, whatever this machine believes. */
export function setVaultTime(vaultMs: number): void {
  const offset = vaultMs - Date.now();
  if (Math.abs(offset - offsetMs) < 2000) return;
  offsetMs = offset;
  tick();
}

function tick(): void {
  nowMs = Date.now() + offsetMs;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, stepMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
