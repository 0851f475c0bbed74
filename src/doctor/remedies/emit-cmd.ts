/** Operations as a batch file for `cmd`, by the `reg.exe` that every Windows since XP has. */

import { toRegistryValue } from './emit-reg.ts';
import type { Operation, ValueData } from './operations.ts';

const head = [
  '@echo off',
  'setlocal DisableDelayedExpansion',
  'if defined PROCESSOR_ARCHITEW6432 (',
  '  echo Run this in the 64-bit command prompt: a 32-bit one writes to another place.',
  '  exit /b 1',
  ')',
];

export function emitCmd(
  operations: readonly Operation[],
  comments: readonly string[] = [],
): string {
  const notes = comments.map((comment) => `rem ${comment.replace(/[\r\n&|<>^%]+/g, ' ')}`);
  return [...head, ...notes, ...operations.flatMap(linesOf), 'exit /b 0', ''].join('\r\n');
}

// Lines of their own: not every cmd takes && and || behind a redirection as Windows' own does (Wine 8).
const orStop = 'if errorlevel 1 exit /b 1';

function linesOf(operation: Operation): string[] {
  const key = quote(operation.path);
  switch (operation.kind) {
    case 'set': {
      const argument = argumentOf(operation.value);
      if (argument === undefined) {
        return [`rem ${operation.name} cannot be restored by reg.exe; import the .reg file`];
      }
      return [`reg add ${key} ${nameOf(operation.name)} ${argument} /f >nul`, orStop];
    }
    case 'delete-value': {
      const value = nameOf(operation.name);
      // reg.exe fails when the value is already gone, which is what is wanted.
      return [
        `reg query ${key} ${value} >nul 2>&1`,
        `if not errorlevel 1 reg delete ${key} ${value} /f >nul`,
      ];
    }
    case 'delete-key':
      return [`reg query ${key} >nul 2>&1`, `if not errorlevel 1 reg delete ${key} /f >nul`];
    case 'unknown':
      return [`rem ${operation.name} was not read: what stood there is unknown`];
  }
}

function nameOf(name: string): string {
  return name === '' ? '/ve' : `/v ${quote(name)}`;
}

function argumentOf(value: ValueData): string | undefined {
  const { type, data } = value;
  if (type === 'REG_DWORD' && typeof data === 'number') return `/t REG_DWORD /d ${data}`;
  if ((type === 'REG_SZ' || type === 'REG_EXPAND_SZ') && typeof data === 'string') {
    return /[\r\n]/.test(data) ? undefined : `/t ${type} /d ${quote(data)}`;
  }
  if (type === 'REG_MULTI_SZ' && Array.isArray(data)) {
    return data.includes('') ? undefined : `/t ${type} /d ${quote(data.join('\\0'))}`;
  }
  if (type === 'REG_BINARY') {
    const hex = Buffer.from(toRegistryValue('', value).data).toString('hex');
    return hex === '' ? undefined : `/t REG_BINARY /d ${hex}`;
  }
  return undefined;
}

/** A backslash before the closing quote would escape it. */
function quote(text: string): string {
  const escaped = text.replaceAll('%', '%%').replace(/(\\*)"/g, '$1$1\\"');
  return `"${escaped.replace(/(\\+)$/, '$1$1')}"`;
}
