import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { windowsMachine } from '../../../test/support/windows-machine.ts';
import { isSealiftError } from '../../base/errors.ts';
import { type FactsDocument, factsJsonSchema, factsSchemaPath } from './facts.ts';
import { parseFacts } from './parse-facts.ts';

const root = resolve(import.meta.dirname, '../../..');

function parse(fields: Partial<FactsDocument> & Record<string, unknown>): unknown {
  const document = { schema: 'sealift-facts', version: 1, ...fields };
  return parseFacts(JSON.stringify(document), 'facts.json');
}

function codeOf(fields: Partial<FactsDocument> & Record<string, unknown>): {
  code: string;
  message: string;
} {
  try {
    parse(fields);
  } catch (error) {
    assert.ok(isSealiftError(error));
    return { code: error.code, message: error.message };
  }
  return assert.fail('the facts were taken');
}

test('the published schema is that of the code', () => {
  // To renew it: node scripts/write-schemas.ts
  const published = JSON.parse(readFileSync(resolve(root, factsSchemaPath), 'utf8'));
  assert.deepEqual(published, JSON.parse(JSON.stringify(factsJsonSchema())));
});

test('facts of a machine come back from their JSON unchanged', () => {
  const facts = windowsMachine('2008 R2 SP1', { updates: ['KB3140245'], net35: true });
  assert.deepEqual(parseFacts(JSON.stringify(facts), 'facts.json'), facts);
});

describe('facts that cannot be used', () => {
  test('of a newer version are refused with both versions', () => {
    const { code, message } = codeOf({ version: 2 as never, whatever: true });
    assert.equal(code, 'facts/newer');
    assert.match(message, /version 2; this Sealift reads up to 1/);
  });

  test('that are no JSON, no facts, or have a wrong field are refused with the field', () => {
    assert.throws(
      () => parseFacts('not json', 'x.json'),
      (error) => isSealiftError(error, 'facts/invalid'),
    );
    assert.throws(
      () => parseFacts('{"a":1}', 'x.json'),
      (error) => isSealiftError(error, 'facts/invalid'),
    );
    const { code, message } = codeOf({ os: { family: 'windows', build: -1 } });
    assert.equal(code, 'facts/invalid');
    assert.match(message, /os\.build/);
  });

  const value = { path: 'HKLM\\SYSTEM\\X', name: 'Enabled', type: 'REG_DWORD' };
  const contradictions: readonly (readonly [string, Partial<FactsDocument>])[] = [
    [
      'two contents of one value',
      {
        registry: [
          { ...value, data: 0 },
          { ...value, name: 'ENABLED', data: 1 },
        ],
      },
    ],
    [
      'an update that is and is not installed',
      {
        updates: [
          { kb: 'KB3140245', state: 'installed' },
          { kb: 'KB3140245', state: 'not-installed' },
        ],
      },
    ],
    [
      'a build that its version never had',
      { os: { family: 'windows', version: '6.1', build: 17_763 } },
    ],
    [
      'a second view on a 32-bit Windows',
      {
        os: { family: 'windows', architecture: 'x86' },
        registry: [{ ...value, path: 'HKLM\\SOFTWARE\\WOW6432Node\\Microsoft', data: 1 }],
      },
    ],
    [
      'SYSTEM of a client and SOFTWARE of a server',
      {
        registry: [
          {
            ...{ path: 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions' },
            ...{ name: 'ProductType', type: 'REG_SZ', data: 'WinNT' },
          },
          {
            ...{ path: 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' },
            ...{ name: 'InstallationType', type: 'REG_SZ', data: 'Server Core' },
          },
        ],
      },
    ],
  ];
  for (const [claim, fields] of contradictions) {
    test(`that contradict each other are refused: ${claim}`, () => {
      assert.equal(codeOf(fields).code, 'facts/contradictory');
    });
  }

  test('the same value twice is no contradiction', () => {
    assert.ok(
      parse({
        registry: [
          { ...value, data: 1 },
          { ...value, data: 1 },
        ],
      }),
    );
  });
});
