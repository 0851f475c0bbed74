/**
 * The collector for PowerShell 2.0 and later: the registry by the batch file's commands, updates and the
 * versions of files by WMI and .NET 2.0. Nothing that came with PowerShell 3 is used.
 */

import { filesThatMatter } from './requests.ts';
import { collectorForCmd } from './script-cmd.ts';

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

/** Runs the batch file's part by `cmd`, since `reg.exe` tells each type as it is, then adds its own. */
export function collectorForPowerShell(): string {
  return [
    '# Writes what the doctor of Sealift needs to know of this Windows into a folder.',
    '# Usage: powershell -File collect.ps1 [FOLDER]. Nothing is changed on this machine.',
    '# The text below is the batch file that "sealift doctor collect --script cmd" prints.',
    'param([string]$Folder = $env:COMPUTERNAME)',
    "$Batch = @'",
    collectorForCmd().trimEnd(),
    "'@",
    "$file = Join-Path $env:TEMP ('sealift-collect-' + [System.Guid]::NewGuid().ToString() + '.cmd')",
    '[System.IO.File]::WriteAllText($file, $Batch + [char]13 + [char]10, [System.Text.Encoding]::ASCII)',
    '& cmd.exe /d /c $file $Folder',
    'Remove-Item $file',
    '$details = & {',
    detailsScript(),
    '}',
    "$details | Out-File -Encoding ASCII -FilePath (Join-Path $Folder 'details.txt')",
    '',
  ].join('\r\n');
}
