import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { makePe } from '../../../../test/support/make-pe.ts';
import { windowsNode } from '../../../../test/support/wine.ts';
import { type ReadAt, readPeVersion } from './pe-version.ts';

/** Counts what is read, so that a test can hold it bounded. */
function reader(bytes: Uint8Array): {
  read: ReadAt;
  readonly size: number;
  readonly count: number;
} {
  const tally = { size: 0, count: 0 };
  return {
    read: async (offset, size) => {
      const piece = bytes.subarray(offset, offset + size);
      tally.size += piece.length;
      tally.count += 1;
      return piece;
    },
    get size() {
      return tally.size;
    },
    get count() {
      return tally.count;
    },
  };
}

const versionOf = (bytes: Uint8Array) => readPeVersion(reader(bytes).read);

describe('the version of a Windows library', () => {
  for (const bits of [32, 64] as const) {
    test(`is read from a ${bits}-bit one`, async () => {
      assert.equal(await versionOf(makePe('6.1.7601.24545', { bits })), '6.1.7601.24545');
    });
  }

  test('of any four numbers comes back as it was', async () => {
    const number = fc.nat({ max: 0xffff });
    await fc.assert(
      fc.asyncProperty(fc.tuple(number, number, number, number), async (numbers) => {
        assert.equal(await versionOf(makePe(numbers.join('.'))), numbers.join('.'));
      }),
    );
  });

  test('a large library costs a few small reads', async () => {
    const large = reader(makePe('2.0.9270.0', { padding: 8 * 1024 * 1024 }));
    assert.equal(await readPeVersion(large.read), '2.0.9270.0');
    assert.ok(large.count <= 12, String(large.count));
    assert.ok(large.size < 4096, String(large.size));
  });

  test('text, an empty file and a program of Linux have none', async () => {
    for (const text of ['', 'MZ', 'hello', '\x7fELF'.padEnd(4096, '\0')]) {
      assert.equal(await versionOf(Buffer.from(text, 'latin1')), undefined);
    }
  });

  test('a file cut anywhere gives its version or none', async () => {
    const whole = makePe('6.1.7601.24545');
    for (let length = 0; length < whole.length; length += 1) {
      const version = await versionOf(whole.subarray(0, length));
      assert.ok(version === undefined || version === '6.1.7601.24545', String(length));
    }
  });

  test('damage of any bytes neither throws nor reads without bound', async () => {
    const change = fc.record({ at: fc.nat({ max: 0x5ff }), byte: fc.nat({ max: 255 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 24 }), async (changes) => {
        const bytes = makePe('6.1.7601.24545');
        for (const { at, byte } of changes) bytes[at] = byte;
        const damaged = reader(bytes);
        const version = await readPeVersion(damaged.read);
        assert.ok(version === undefined || /^\d+(?:\.\d+){3}$/.test(version));
        assert.ok(damaged.count <= 12 && damaged.size < 256 * 1024);
      }),
      { numRuns: 2000 },
    );
  });
});

const wineFolder = '/usr/lib/x86_64-linux-gnu/wine/x86_64-windows';

test('libraries of Wine have the version that their own texts name', {
  skip: !existsSync(wineFolder) && 'Wine is not there',
}, async () => {
  const names = readdirSync(wineFolder).filter((name) => /\.(?:dll|exe)$/.test(name));
  let compared = 0;
  for (const name of names.slice(0, 150)) {
    const bytes = readFileSync(join(wineFolder, name));
    // The text stands beside the numbers in the same resource, behind its name in UTF-16.
    const key = Buffer.from('FileVersion\0', 'utf16le');
    const at = bytes.indexOf(key);
    if (at < 0) continue;
    const text = bytes.toString('utf16le', at + key.length, at + key.length + 48);
    const named = /^\0*(\d+(?:\.\d+){3})\0/.exec(text)?.[1];
    if (named === undefined) continue;
    const numbers = named.split('.').map(Number).join('.');
    assert.equal(await versionOf(bytes), numbers, name);
    compared += 1;
  }
  assert.ok(compared > 50, `only ${compared} were compared`);
});

test('Node for Windows says which it is', {
  skip: windowsNode() === undefined && 'Node for Windows is not there',
}, async () => {
  const program = windowsNode() ?? '';
  const manifest = join(program, '../../package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  assert.equal(await versionOf(readFileSync(program)), `${version.replace(/^v/, '')}.0`);
});
