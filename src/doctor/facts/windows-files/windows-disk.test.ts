import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dotNetOfClr } from './file-versions.ts';
import { diskParts } from './windows-disk.ts';

const paths: readonly (readonly [string, string | undefined])[] = [
  ['C:\\Program Files\\A\\b.exe', 'Program Files/A/b.exe'],
  ['"C:\\Program Files\\A\\b.exe" -service', 'Program Files/A/b.exe'],
  ['C:\\Tools\\b.exe -k x.exe', 'Tools/b.exe'],
  ['%SystemRoot%\\System32\\winhttp.dll', 'Windows/System32/winhttp.dll'],
  ['\\SystemRoot\\System32\\x.dll', 'Windows/System32/x.dll'],
  ['%ProgramFiles%\\A\\b.exe', 'Program Files/A/b.exe'],
  ['\\??\\C:\\A\\b.exe', undefined],
  ['\\\\server\\share\\b.exe', undefined],
  ['C:\\A\\..\\b.exe', undefined],
  ['b.exe', undefined],
  ['', undefined],
];

for (const [path, expected] of paths) {
  test(`the path ${JSON.stringify(path)} of the registry`, () => {
    assert.equal(diskParts(path)?.join('/'), expected);
  });
}

test('clr.dll tells the release of .NET Framework 4, never a later one', () => {
  const rows = [
    ['4.0.30319.1', '4.0'],
    ['4.0.30319.17929', '4.5'],
    ['4.0.30319.18408', '4.5'],
    ['4.0.30319.34209', '4.5.2'],
    ['4.6.1055.0', '4.6'],
    ['4.7.3056.0', '4.7'],
    ['4.8.4110.0', '4.8'],
    ['2.0.50727.8938', undefined],
  ] as const;
  for (const [version, release] of rows) assert.equal(dotNetOfClr(version), release, version);
});
