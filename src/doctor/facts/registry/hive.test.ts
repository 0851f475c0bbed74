import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { makeEmptyHive } from '../../../../test/support/empty-hive.ts';
import { skipWithout } from '../../../../test/support/peers.ts';
import { Hive } from './hive.ts';
import { openHiveImage } from './hive-image.ts';
import { marvin32 } from './marvin32.ts';
import {
  applyRegText,
  decodeRegFile,
  formatRegValue,
  parseRegText,
  regHeader,
} from './reg-text.ts';
import { dwordOf, type RegistryValue, registryTypes, stringOf } from './registry-value.ts';

const prefix = 'HKEY_LOCAL_MACHINE\\X';

function utf16(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf16le'));
}

function mustOpen(bytes: Uint8Array, logs: Uint8Array[] = []): Hive {
  const image = openHiveImage(bytes, logs);
  assert.ok('rootOffset' in image, JSON.stringify(image));
  return new Hive(image);
}

/** Values of every type, names that are not ASCII, deep keys, data above one segment. */
function sampleKeys(): Map<string, RegistryValue[]> {
  const types = Object.values(registryTypes).filter((type) => type !== registryTypes.REG_LINK);
  const keys = new Map<string, RegistryValue[]>();
  keys.set(
    'All types',
    types.map((type) => ({
      name: `type ${type}`,
      type,
      data: Uint8Array.from([1, 2, 3, 4, type]),
    })),
  );
  keys.set('Strings', [
    { name: '', type: registryTypes.REG_SZ, data: utf16('default value\0') },
    { name: 'quoted "\\"', type: registryTypes.REG_SZ, data: utf16('C:\\Program Files\\"x"\0') },
    { name: 'Prénom 漢', type: registryTypes.REG_SZ, data: utf16('ä漢😀\0') },
    { name: 'many', type: registryTypes.REG_MULTI_SZ, data: utf16('one\0two\0\0') },
    { name: 'dword', type: registryTypes.REG_DWORD, data: Uint8Array.from([0, 8, 0, 0]) },
    { name: 'empty', type: registryTypes.REG_BINARY, data: new Uint8Array(0) },
    { name: 'short', type: registryTypes.REG_BINARY, data: Uint8Array.from([7]) },
  ]);
  keys.set('Big', [
    { name: 'big', type: registryTypes.REG_BINARY, data: new Uint8Array(12_000).fill(0xa5) },
  ]);
  const levels = Array.from({ length: 60 }, (_, i) => `level ${i}`);
  levels.forEach((_, i) => {
    keys.set(levels.slice(0, i + 1).join('\\'), []);
  });
  keys.set('Many', []);
  for (let i = 0; i < 700; i += 1) keys.set(`Many\\key ${i}`, []);
  return keys;
}

function toRegText(keys: Map<string, RegistryValue[]>): string {
  let text = `${regHeader}\r\n`;
  for (const [path, values] of keys) {
    text += `[${prefix}\\${path}]\r\n${values.map((value) => `${formatRegValue(value)}\r\n`).join('')}\r\n`;
  }
  return text;
}

describe('a hive that hivex made', { skip: skipWithout('hivexregedit') }, () => {
  test('agrees with hivexregedit --export on every key and value', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'sealift-hive-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'hive');
    const regFile = join(folder, 'keys.reg');
    writeFileSync(file, makeEmptyHive());
    writeFileSync(regFile, toRegText(sampleKeys()));
    execFileSync('hivexregedit', [
      '--merge',
      '--encoding',
      'UTF-16LE',
      '--prefix',
      prefix,
      file,
      regFile,
    ]);

    const exported = parseRegText(
      execFileSync('hivexregedit', ['--export', '--prefix', prefix, file, '\\'], {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      }),
    );
    assert.ok(exported);
    assert.deepEqual(exported.problems, []);
    const theirs = [...applyRegText(exported).values()].map(({ path, values }) => ({
      path: path.slice(prefix.length).replace(/^\\+/, ''),
      values: [...values.values()].map(({ value }) => ({
        ...value,
        data: Buffer.from(value.data),
      })),
    }));
    const hive = mustOpen(readFileSync(file));
    const ours = [...hive.walk()].map(({ path, key }) => ({
      path,
      values: [...hive.values(key)].map(({ name, type, data }) => ({
        name,
        type,
        data: Buffer.from(data),
      })),
    }));
    assert.deepEqual(hive.problems, []);
    const order = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
    const byName = (keys: typeof ours) =>
      keys.sort(order).map((key) => ({
        path: key.path,
        values: key.values.sort((a, b) => (a.name < b.name ? -1 : 1)),
      }));
    assert.ok(ours.length > 700);
    assert.deepEqual(byName(ours), byName(theirs));

    const strings = hive.findKey('STRINGS');
    assert.ok(strings);
    const quoted = hive.findValue(strings, 'QUOTED "\\"');
    assert.equal(quoted && stringOf(quoted), 'C:\\Program Files\\"x"');
    const dword = hive.findValue(strings, 'dword');
    assert.equal(dword && dwordOf(dword), 0x800);
  });
});

test('an empty hive has a root and nothing else', () => {
  const hive = mustOpen(makeEmptyHive());
  assert.deepEqual(
    [...hive.walk()].map(({ path }) => path),
    [''],
  );
  assert.equal(hive.findKey('ControlSet001'), undefined);
});

test('damage anywhere neither throws nor hangs, and the input stays as it was', () => {
  const whole = makeEmptyHive();
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }),
      fc.nat(whole.length),
      (flips, size) => {
        const damaged = whole.slice(0, size);
        for (const [offset, value] of flips) if (offset < size) damaged[offset] = value;
        const before = damaged.slice();
        const image = openHiveImage(damaged, [damaged]);
        if ('rootOffset' in image) {
          const hive = new Hive(image);
          for (const { key } of hive.walk()) for (const value of hive.values(key)) stringOf(value);
        }
        assert.deepEqual(damaged, before);
      },
    ),
    { numRuns: 500 },
  );
});

test('a file that is no hive is told from one that is cut short', () => {
  assert.deepEqual(openHiveImage(Buffer.alloc(8192, 'x')), { kind: 'not-a-hive' });
  assert.deepEqual(openHiveImage(makeEmptyHive().subarray(0, 100)), {
    kind: 'too-short',
    size: 100,
  });
});

test('a dirty hive gets the entries of its log, on a copy', () => {
  const clean = makeEmptyHive();
  const dirty = clean.slice();
  setSequences(dirty, 3, 2);
  const page = clean.slice(4096, 8192);
  page[0x20 + 4 + 76] = 'B'.charCodeAt(0);
  const log = makeNewLog(dirty, [{ sequence: 3, offset: 0, page }]);
  const before = dirty.slice();
  const image = openHiveImage(dirty, [log]);
  assert.ok('rootOffset' in image);
  assert.deepEqual(image.notes, [{ kind: 'replayed', entries: 1 }]);
  assert.equal(new Hive(image).root()?.name, 'BOOT');
  assert.deepEqual(dirty, before);
});

test('a log entry whose hash is wrong is not applied, and the hive is told to be stale', () => {
  const dirty = makeEmptyHive();
  setSequences(dirty, 3, 2);
  const page = dirty.slice(4096, 8192);
  page[0x20 + 4 + 76] = 'B'.charCodeAt(0);
  const log = makeNewLog(dirty, [{ sequence: 3, offset: 0, page }]);
  log[600] = (log[600] ?? 0) ^ 1;
  const image = openHiveImage(dirty, [log]);
  assert.ok('rootOffset' in image);
  assert.deepEqual(image.notes, [{ kind: 'dirty-without-log' }]);
  assert.equal(new Hive(image).root()?.name, 'ROOT');
});

test('a clean hive ignores its logs, whatever they hold', () => {
  const clean = makeEmptyHive();
  const page = clean.slice(4096, 8192);
  page[0x20 + 4 + 76] = 'B'.charCodeAt(0);
  const image = openHiveImage(clean, [makeNewLog(clean, [{ sequence: 1, offset: 0, page }])]);
  assert.ok('rootOffset' in image);
  assert.equal(new Hive(image).root()?.name, 'ROOT');
});

test('Marvin32 gives the published values', () => {
  assert.equal(marvin32(new Uint8Array(0)), 0xb39efca403966e08n);
  assert.equal(marvin32(Buffer.from('abcd')), 0x20094fb11a6cd086n);
  assert.equal(marvin32(Uint8Array.from({ length: 40 }, (_, i) => i)), 0x2366e1bab67b6ea3n);
});

test('an export reads the same in every encoding that regedit writes', () => {
  const text = toRegText(sampleKeys());
  const wanted = parseRegText(text);
  assert.ok(wanted);
  assert.deepEqual(wanted.problems, []);
  const little = Buffer.from(`\ufeff${text}`, 'utf16le');
  const encodings = [
    little,
    Buffer.from(little).swap16(),
    Buffer.from(`\ufeff${text}`),
    Buffer.from(text),
  ];
  for (const bytes of encodings) assert.deepEqual(parseRegText(decodeRegFile(bytes)), wanted);
});

test('later lines win, deleted keys take what is below them, unknown lines are told', () => {
  const parsed = parseRegText(
    [
      'REGEDIT4',
      '[HKLM\\A\\B]',
      '"x"=dword:1',
      '"x"=dword:2 ; comment',
      'nonsense',
      '[-hkey_local_machine\\a]',
      '[HKEY_LOCAL_MACHINE\\C]',
      '"list"=hex(7):6f,6e,\\',
      '  65,00,00',
      '"gone"="a"',
      '"GONE"=-',
    ].join('\n'),
  );
  assert.ok(parsed);
  assert.deepEqual(parsed.problems, [{ line: 5, text: 'nonsense' }]);
  const keys = applyRegText(parsed);
  assert.deepEqual([...keys.keys()], ['HKEY_LOCAL_MACHINE\\C']);
  const values = [...(keys.get('HKEY_LOCAL_MACHINE\\C')?.values.values() ?? [])];
  assert.deepEqual(
    values.map(({ value }) => Buffer.from(value.data).toString('utf16le')),
    ['one\0\0'],
  );
});

test('no text makes the export reader throw', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          '[',
          ']',
          '"',
          '\\',
          '=',
          'hex:',
          '00,',
          '\n',
          'a',
          '-',
          '@',
          'dword:',
          '1',
          ';',
        ),
        { maxLength: 60 },
      ),
      (parts) => {
        const parsed = parseRegText(`REGEDIT4\n${parts.join('')}`);
        if (parsed) applyRegText(parsed);
      },
    ),
    { numRuns: 2000 },
  );
});

function setSequences(hive: Uint8Array, primary: number, secondary: number): void {
  const view = new DataView(hive.buffer, hive.byteOffset, hive.byteLength);
  view.setUint32(4, primary, true);
  view.setUint32(8, secondary, true);
  let sum = 0;
  for (let offset = 0; offset < 508; offset += 4) sum ^= view.getUint32(offset, true);
  view.setUint32(508, sum >>> 0, true);
}

interface LogPage {
  readonly sequence: number;
  readonly offset: number;
  readonly page: Uint8Array;
}

function makeNewLog(hive: Uint8Array, pages: readonly LogPage[]): Uint8Array {
  const base = hive.slice(0, 512);
  const baseView = new DataView(base.buffer);
  baseView.setUint32(28, 6, true);
  const first = pages[0]?.sequence ?? 0;
  setSequences(base, first, first);
  const entries = pages.map(({ sequence, offset, page }) => {
    const size = Math.ceil((48 + page.length) / 512) * 512;
    const entry = new Uint8Array(size);
    const view = new DataView(entry.buffer);
    entry.set(Buffer.from('HvLE'), 0);
    view.setUint32(4, size, true);
    view.setUint32(12, sequence, true);
    view.setUint32(16, hive.length - 4096, true);
    view.setUint32(20, 1, true);
    view.setUint32(40, offset, true);
    view.setUint32(44, page.length, true);
    entry.set(page, 48);
    view.setBigUint64(24, marvin32(entry.subarray(40)), true);
    view.setBigUint64(32, marvin32(entry.subarray(0, 32)), true);
    return entry;
  });
  return new Uint8Array(Buffer.concat([base, ...entries]));
}
