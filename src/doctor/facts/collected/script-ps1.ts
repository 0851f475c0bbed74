/**
 * The collector for PowerShell 2.0 and later: the registry by the batch file's commands, updates and the
 * versions of files by WMI and .NET 2.0. Nothing that came with PowerShell 3 is used.
 */

import { agentPrograms, windowsFiles } from '../windows-files/file-versions.ts';
import { collectorForCmd } from './script-cmd.ts';

/** Lines `kb=`, `file=` and, last, `details=done`. */
export function detailsScript(): string {
  const quoted = (text: string): string => `'${text}'`;
  const libraries = Object.entries(windowsFiles).map(([name, places]) => {
    return `Show ${quoted(name)} @(${places.map((place) => `(Join-Path $env:SystemRoot ${quoted(place)})`).join(', ')})`;
  });
  const programs = Object.values(agentPrograms).map(({ name, service, path }) => {
    const places = [`(Image ${quoted(service)})`, ...(path === undefined ? [] : [quoted(path)])];
    return `Show ${quoted(name)} @(${places.join(', ')})`;
  });
  return [
    "$ErrorActionPreference = 'SilentlyContinue'",
    'if (Get-Command Get-WmiObject -ErrorAction SilentlyContinue) { $fixes = Get-WmiObject Win32_QuickFixEngineering } else { $fixes = Get-HotFix }',
    "foreach ($fix in $fixes) { 'kb=' + $fix.HotFixID }",
    'function Image($service) {',
    "  $key = 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\' + $service",
    '  $path = [string](Get-ItemProperty $key -ErrorAction SilentlyContinue).ImagePath',
    '  if ($path.StartsWith([string][char]34)) { return $path.Substring(1).Split([char]34)[0] }',
    "  $path -replace '(?i)(\\.exe)\\s.*$', '$1'",
    '}',
    'function Show($name, $paths) {',
    '  foreach ($path in $paths) {',
    '    if (-not $path -or -not (Test-Path $path)) { continue }',
    '    $v = [System.Diagnostics.FileVersionInfo]::GetVersionInfo($path)',
    "    'file={0}={1}.{2}.{3}.{4}' -f $name, $v.FileMajorPart, $v.FileMinorPart, $v.FileBuildPart, $v.FilePrivatePart",
    '    return',
    '  }',
    '}',
    ...libraries,
    ...programs,
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
