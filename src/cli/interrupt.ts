/**
 * Ctrl-C and SIGTERM: the first asks the work to stop cleanly; the second is left to the system, which ends the
 * process.
 */

import { exitCodes } from './exit-codes.ts';

/**
 * The signal's abort reason is the name of what was received. SIGHUP is left alone, so that `nohup`
 * works; the vault takes it as the wish to reload.
 * @param onFirst called once, before the signal is aborted
 */
export function watchInterrupts(onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    // `process.exit` would wait for threads, and for whatever keeps this one busy.
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    onFirst();
    controller.abort(new Interruption(name));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}

/** Why the work was asked to stop. */
export class Interruption extends Error {
  override readonly name = 'AbortError';
  readonly received: NodeJS.Signals;

  constructor(received: NodeJS.Signals) {
    super(`received ${received}`);
    this.received = received;
  }
}

/** Resolves when the process is asked to stop; a server waits for it. */
export function waitForInterrupt(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** How a server that was asked to stop ends: a service manager's SIGTERM is no failure. */
export function exitCodeAfter(signal: AbortSignal): 0 | 130 {
  const reason: unknown = signal.reason;
  return reason instanceof Interruption && reason.received === 'SIGTERM'
    ? exitCodes.done
    : exitCodes.interrupted;
}
