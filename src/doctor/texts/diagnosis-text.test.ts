import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence } from '../verdicts/verdict.ts';
import { evidenceText } from './diagnosis-text.ts';

test('evidence says absent only of a value that has a name and was not there', () => {
  const rows: readonly (readonly [Evidence, string])[] = [
    [{ path: 'HKLM\\A', name: 'B' }, 'HKLM\\A  B = absent'],
    [{ path: 'HKLM\\A', name: 'B', value: 'REG_DWORD 0' }, 'HKLM\\A  B = REG_DWORD 0'],
    [{ path: 'HKLM\\A' }, 'HKLM\\A'],
    [{ path: 'HKLM\\A', value: 'a root' }, 'HKLM\\A = a root'],
    [{ file: 'SYSTEM', offset: 4096 }, 'SYSTEM, offset 0x1000'],
    [
      { name: 'winhttp.dll', value: '6.1.7601.1', file: 'f', line: 3 },
      'winhttp.dll = 6.1.7601.1 (f, line 3)',
    ],
    [{ value: 'p:8080', file: 'https_proxy' }, 'p:8080 (https_proxy)'],
  ];
  for (const [evidence, text] of rows) assert.equal(evidenceText(evidence, 'en'), text);
});
