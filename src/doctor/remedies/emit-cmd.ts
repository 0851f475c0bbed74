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
        return [
          `echo ${operation.name} was left: reg.exe cannot write it, import the .reg file. 1>&2`,
        ];
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
    return data.some((part) => part === '' || /[\r\n]/.test(part))
      ? undefined
      : `/t ${type} /d ${quote(data.join('\\0'))}`;
  }
  if (type === 'REG_BINARY') {
    const hex = Buffer.from(toRegistryValue('', value).data).toString('hex');
    return hex === '' ? undefined : `/t REG_BINARY /d ${hex}`;
  }
  return undefined;
}

/**
 * A backslash before a quote would escape it. cmd knows no `\\"`: to it each quote opens or closes, so a
 * text with one has every character that means something to cmd escaped, the quotes too.
 */
function quote(text: string): string {
  const escaped = text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1');
  const argument = `"${escaped}"`;
  const plain = text.includes('"') ? argument.replace(/[()!^"<>&|]/g, '^$&') : argument;
  return plain.replaceAll('%', '%%');
}
