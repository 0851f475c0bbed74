/**
 * The collector for `cmd`, from Windows XP on: `reg.exe`, `wmic` and `systeminfo` where they are. It
 * writes one folder that the doctor reads, and changes nothing.
 */

import { agentPrograms, windowsFiles } from '../windows-files/file-versions.ts';
import { keysAbove, type RegistryRequest, registryRequests } from './requests.ts';

/** The file in the folder that says what each of the others is. */
export const indexName = 'sealift-collected.txt';
export const indexVersion = 1;

const head = [
  '@echo off',
  'rem Writes what the doctor of Sealift needs to know of this Windows into a folder.',
  'rem Usage: collect.cmd [FOLDER]. Nothing is changed on this machine.',
  'setlocal DisableDelayedExpansion',
  // A 32-bit prompt would show the registry of 32-bit programs only.
  'if not defined PROCESSOR_ARCHITEW6432 goto :begin',
  'if not exist "%SystemRoot%\\Sysnative\\cmd.exe" goto :begin',
  '"%SystemRoot%\\Sysnative\\cmd.exe" /d /c ""%~f0" %*"',
  'exit /b %errorlevel%',
  ':begin',
  'set "OUT=%~1"',
  'if "%OUT%"=="" set "OUT=%COMPUTERNAME%"',
  'if not exist "%OUT%" mkdir "%OUT%"',
  `set "INDEX=%OUT%\\${indexName}"`,
  `>"%INDEX%" echo sealift-collected=${indexVersion}`,
  'if errorlevel 1 exit /b 1',
  '>>"%INDEX%" echo host=%COMPUTERNAME%',
];

const tail = [
  'systeminfo >"%OUT%\\systeminfo.txt" 2>nul',
  'wmic qfe get HotFixID >"%OUT%\\updates.txt" 2>nul <nul',
  ...Object.entries(windowsFiles).map(([name, places]) =>
    versionOf(
      name,
      places.map((place) => `%WIN%\\\\${place.replaceAll('\\', '\\\\')}`),
    ),
  ),
  ...Object.values(agentPrograms).flatMap(({ name, path }) =>
    path === undefined ? [] : [versionOf(name, [path.replaceAll('\\', '\\\\')])],
  ),
  '>>"%INDEX%" echo done=1',
  'echo Written to %OUT%. Copy this folder to where Sealift runs: sealift doctor FOLDER',
  'exit /b 0',
  '',
  // A key that cannot be exported: the nearest key above that can be listed tells whether it exists.
  ':above',
  'set "N=%~1"',
  'set "KEY=%~2"',
  'shift',
  'shift',
  ':next',
  'if "%~1"=="" goto :lost',
  'reg query "%~1" >"%OUT%\\%N%.above.txt" 2>nul',
  'if errorlevel 1 goto :further',
  '>>"%INDEX%" echo above=%N%;%KEY%;%~1',
  'exit /b 0',
  ':further',
  'shift',
  'goto :next',
  ':lost',
  '>>"%INDEX%" echo failed=%N%;%KEY%',
  'exit /b 0',
];

export function collectorForCmd(): string {
  const lines = registryRequests().flatMap(requestLines);
  const folder = 'set "WIN=%SystemRoot:\\=\\\\%"';
  return [...head, folder, ...lines, ...tail, ''].join('\r\n');
}

/** WMI wants each backslash twice. */
function versionOf(name: string, paths: readonly string[]): string {
  const where = paths.map((path) => `name='${path}'`).join(' or ');
  return `wmic datafile where "${where}" get Version >"%OUT%\\${name}.txt" 2>nul <nul`;
}

function requestLines({ path, how, name = '' }: RegistryRequest, i: number): string[] {
  const number = String(i + 1).padStart(3, '0');
  const file = `"%OUT%\\${number}.${how === 'export' ? 'reg' : 'txt'}"`;
  const otherwise = ['above', number, path, ...keysAbove(path)].map((text, position) =>
    position === 0 ? `call :${text}` : `"${text}"`,
  );
  const command = {
    // reg.exe of XP knows no /y and asks before it overwrites.
    export: `if exist ${file} del ${file}\r\nreg export "${path}" ${file} >nul 2>&1 <nul`,
    list: `reg query "${path}" >${file} 2>nul`,
    search: `reg query "${path}" /s /v ${name} >${file} 2>nul || reg query "${path}" >${file} 2>nul`,
  }[how];
  const kind = how === 'export' ? 'export' : 'query';
  return [
    command,
    `if errorlevel 1 (${otherwise.join(' ')}) else (>>"%INDEX%" echo ${kind}=${number};${path})`,
  ];
}
