/**
 * The collector for PowerShell 2.0 and later: the registry by the batch file's commands, updates and the
 * versions of files by WMI and .NET 2.0. Nothing that came with PowerShell 3 is used.
 */

import { filesThatMatter } from './requests.ts';

/** Lines `kb=`, `file=` and, last, `details=done`. */
export function detailsScript(): string {
  const files = filesThatMatter.map((file) => `'${file}'`).join(',');
  return [
    "$ErrorActionPreference = 'SilentlyContinue'",
    'if (Get-Command Get-WmiObject -ErrorAction SilentlyContinue) { $fixes = Get-WmiObject Win32_QuickFixEngineering } else { $fixes = Get-HotFix }',
    "foreach ($fix in $fixes) { 'kb=' + $fix.HotFixID }",
    `foreach ($name in ${files}) {`,
    "  $path = Join-Path $env:SystemRoot ('System32\\' + $name)",
    '  if (Test-Path $path) {',
    '    $v = [System.Diagnostics.FileVersionInfo]::GetVersionInfo($path)',
    "    'file={0}={1}.{2}.{3}.{4}' -f $name, $v.FileMajorPart, $v.FileMinorPart, $v.FileBuildPart, $v.FilePrivatePart",
    '  }',
    '}',
    "'details=done'",
  ].join('\r\n');
}
