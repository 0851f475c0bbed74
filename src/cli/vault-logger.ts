/** Structured logs of a vault that this process runs: JSON lines on standard error. */

import { type Logger, pino } from 'pino';
import type { OutputModes } from './output.ts';

/** @param usual level without --verbose; --quiet leaves no more than warnings */
export function makeVaultLogger(modes: OutputModes, usual: 'info' | 'warn' | 'error'): Logger {
  const level = modes.quiet && usual === 'info' ? 'warn' : modes.verbosity > 0 ? 'debug' : usual;
  return pino({ level }, pino.destination({ dest: 2, sync: true }));
}
