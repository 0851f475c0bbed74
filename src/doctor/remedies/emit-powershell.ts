/**
 * Operations as a PowerShell script for version 2.0 and later. It goes by .NET's registry, since
 * PowerShell's own provider splits key names such as `RC4 128/128` at the slash.
 */

import type { Operation, ValueData } from './operations.ts';

const roots: Readonly<Record<string, string>> = {
  HKLM: 'LocalMachine',
  HKCU: 'CurrentUser',
  HKU: 'Users',
};

const kinds: Readonly<Record<string, string>> = {
  REG_SZ: 'String',
  REG_EXPAND_SZ: 'ExpandString',
  REG_BINARY: 'Binary',
  REG_DWORD: 'DWord',
  REG_MULTI_SZ: 'MultiString',
  REG_QWORD: 'QWord',
};

const head = [
  "$ErrorActionPreference = 'Stop'",
  'if ($env:PROCESSOR_ARCHITEW6432) {',
  "  throw 'Run this in the 64-bit PowerShell: a 32-bit one writes to another place.'",
  '}',
  'function Set-SealiftValue($root, $path, $name, $data, $kind) {',
  '  $key = $root.CreateSubKey($path)',
  '  try { $key.SetValue($name, $data, $kind) } finally { $key.Close() }',
  '}',
  'function Remove-SealiftValue($root, $path, $name) {',
  '  $key = $root.OpenSubKey($path, $true)',
  '  if ($key) { try { $key.DeleteValue($name, $false) } finally { $key.Close() } }',
  '}',
  'function Remove-SealiftKey($root, $path) {',
  '  $key = $root.OpenSubKey($path)',
  '  if ($key) { $key.Close(); $root.DeleteSubKeyTree($path) }',
  '}',
];

export function emitPowerShell(
  operations: readonly Operation[],
  comments: readonly string[] = [],
): string {
  const notes = comments.map((comment) => `# ${comment.replace(/[\r\n]+/g, ' ')}`);
  return [...notes, ...head, ...operations.map(lineOf), ''].join('\r\n');
}

function lineOf(operation: Operation): string {
  const place = placeOf(operation.path);
  switch (operation.kind) {
    case 'set': {
      const argument = argumentOf(operation.value);
      if (argument === undefined) {
        const text = `${operation.name} was left: .NET cannot write it, import the .reg file.`;
        return `Write-Warning ${quote(text)}`;
      }
      const { data, kind } = argument;
      return `Set-SealiftValue ${place} ${quote(operation.name)} ${data} ${quote(kind)}`;
    }
    case 'delete-value':
      return `Remove-SealiftValue ${place} ${quote(operation.name)}`;
    case 'delete-key':
      return `Remove-SealiftKey ${place}`;
    case 'unknown':
      return `# ${operation.path} ${operation.name} was not read: what stood there is unknown`;
  }
}

function placeOf(path: string): string {
  const [root = '', ...rest] = path.split('\\');
  const hive = `([Microsoft.Win32.Registry]::${roots[root] ?? root})`;
  return `${hive} ${quote(rest.join('\\'))}`;
}

/** A DWord is signed in .NET. undefined for what .NET would write as another type or other bytes. */
function argumentOf({
  type,
  data,
}: ValueData): { readonly data: string; readonly kind: string } | undefined {
  const kind = kinds[type];
  if (kind === undefined) return undefined;
  if (typeof data === 'number') {
    return type === 'REG_DWORD' ? { data: `([int]${data | 0})`, kind } : undefined;
  }
  if (typeof data === 'string') return { data: quote(data), kind };
  if (Array.isArray(data)) return { data: `([string[]]@(${data.map(quote).join(', ')}))`, kind };
  const bytes = Buffer.from(data.hex, 'hex');
  if (type === 'REG_QWORD' && bytes.length === 8) {
    return { data: `([long]${bytes.readBigInt64LE()})`, kind };
  }
  return type === 'REG_BINARY'
    ? { data: `([byte[]]@(${[...bytes].join(', ')}))`, kind }
    : undefined;
}

/** PowerShell takes typographic quotes for quotes, too. */
function quote(text: string): string {
  return `'${text.replace(/['\u2018-\u201b]/g, '$&$&')}'`;
}
