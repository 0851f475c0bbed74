/** What a port sends over loopback, seen on the wire: whether it ever resets a connection. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface ResetCapture {
  /** Ends the capture. */
  stop(): Promise<{ readonly sent: number; readonly resets: number }>;
}

/** @returns undefined where packets cannot be captured: no Python, no Linux, or not the right to */
export async function captureResets(port: number): Promise<ResetCapture | undefined> {
  const script = join(import.meta.dirname, 'reset-capture.py');
  const child = spawn('python3', [script, String(port)], { stdio: ['pipe', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const closed = new Promise<void>((done) => {
    child.once('close', () => done());
    child.once('error', () => done());
  });
  const isReady = await Promise.race([
    once(child.stdout, 'data').then(() => true),
    closed.then(() => false),
  ]);
  if (!isReady) return undefined;
  return {
    async stop() {
      child.stdin.end();
      await closed;
      const last = output.trimEnd().split('\n').at(-1) ?? '';
      return JSON.parse(last) as { sent: number; resets: number };
    },
  };
}
