/** Processor time of a process that goes on running, by the kernel's account (Linux: proc(5)). */

import { readFileSync } from 'node:fs';
import type { ProcessorTime } from './statistics.ts';

/** USER_HZ, which the kernel's ABI keeps at 100 on every processor that Node runs on. */
const ticksPerSecond = 100;
/** Places of utime and stime among the fields that follow the name. */
const userField = 11;
const systemField = 12;

/** Undefined where there is no such account. */
export function processorTimeOf(pid: number): ProcessorTime | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** @param text of `/proc/PID/stat`; the name in it, in parentheses, may contain anything */
export function parseStat(text: string): ProcessorTime {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    userSeconds: Number(fields[userField]) / ticksPerSecond,
    systemSeconds: Number(fields[systemField]) / ticksPerSecond,
  };
}

/** What passed between two readings; undefined when one is missing. */
export function timeBetween(
  before: ProcessorTime | undefined,
  after: ProcessorTime | undefined,
): ProcessorTime | undefined {
  if (before === undefined || after === undefined) return undefined;
  return {
    userSeconds: after.userSeconds - before.userSeconds,
    systemSeconds: after.systemSeconds - before.systemSeconds,
  };
}
