/** A door in a process of its own, so that its memory and its open files are its own too. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { DoorLimits } from '../../src/door/limits.ts';

export interface DoorState {
  readonly halfOpen: number;
  readonly open: number;
  /** Bytes that are resident. */
  readonly rss: number;
  /** How many connections ended, by reason, or by outcome where there is none. */
  readonly ended: Readonly<Record<string, number>>;
}

export interface DoorProcess {
  readonly port: number;
  state(): Promise<DoorState>;
}

/** A terminating door with the intermediate policy that echoes; ended with the test. */
export async function forkDoor(
  context: { after(cleanUp: () => void): void },
  limits: Partial<DoorLimits>,
): Promise<DoorProcess> {
  const child = fork(new URL('door-child.ts', import.meta.url), [JSON.stringify(limits)], {
    execArgv: [],
  });
  context.after(() => {
    child.kill();
  });
  const [{ port }] = await once(child, 'message');
  return {
    port,
    async state() {
      child.send('state');
      const [state] = await once(child, 'message');
      return state;
    },
  };
}
