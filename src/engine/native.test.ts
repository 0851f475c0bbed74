import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { skipWithout } from '../../test/support/peers.ts';
import { systemCodeOf } from '../base/errors.ts';
import { loadNative, type Native } from './native.ts';
import { pathForSystem } from './walk.ts';

const native = loadNative();
const skip = native === undefined ? 'koffi is not installed' : false;

function setUp(t: TestContext): { folder: string; file: string; calls: Native } {
  assert.ok(native);
  const folder = mkdtempSync(join(tmpdir(), 'sealift-native-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'file\udcff');
  writeFileSync(pathForSystem(file), 'x');
  return { folder, file, calls: native };
}

test('an extended attribute is set, listed, read and removed, on a name that is not UTF-8', {
  skip,
}, (t) => {
  const { file, calls } = setUp(t);
  const large = new Uint8Array(1000).fill(7);
  calls.setAttribute(file, 'user.sealift', Buffer.from('a\0b'));
  calls.setAttribute(file, 'user.large', large);
  assert.deepEqual(calls.listAttributes(file).sort(), ['user.large', 'user.sealift']);
  assert.deepEqual(Buffer.from(calls.getAttribute(file, 'user.sealift')), Buffer.from('a\0b'));
  assert.deepEqual(Buffer.from(calls.getAttribute(file, 'user.large')), Buffer.from(large));
  calls.removeAttribute(file, 'user.sealift');
  assert.deepEqual(calls.listAttributes(file), ['user.large']);
});

test('a failed call throws the code of the system', { skip }, (t) => {
  const { folder, file, calls } = setUp(t);
  const codeOf = (call: () => unknown): string | undefined => {
    try {
      call();
      return undefined;
    } catch (error) {
      return systemCodeOf(error);
    }
  };
  assert.equal(
    codeOf(() => calls.listAttributes(join(folder, 'none'))),
    'ENOENT',
  );
  assert.equal(
    codeOf(() => calls.makeFifo(file, 0o600)),
    'EEXIST',
  );
});

test('times are set to the nanosecond, before 1970 and of the link itself', { skip }, (t) => {
  const { folder, file, calls } = setUp(t);
  const link = join(folder, 'link');
  symlinkSync('nowhere', link);
  for (const [path, mtime] of [
    [file, 1_700_000_000_123_456_789n],
    [link, -123_456_789n],
  ] as const) {
    calls.setTimes(path, { atime: 5n, mtime });
    assert.equal(lstatSync(pathForSystem(path), { bigint: true }).mtimeNs, mtime);
  }
});

test('a FIFO is made with its mode', { skip }, (t) => {
  const { folder, calls } = setUp(t);
  calls.makeFifo(join(folder, 'fifo'), 0o600);
  assert.ok(lstatSync(join(folder, 'fifo')).isFIFO());
});

test('attributes agree with what getfattr says', { skip: skip || skipWithout('getfattr') }, (t) => {
  const { folder, calls } = setUp(t);
  const path = join(folder, 'plain');
  writeFileSync(path, '');
  calls.setAttribute(path, 'user.k', Buffer.from('v'));
  const output = execFileSync('getfattr', ['--absolute-names', '-d', path], { encoding: 'utf8' });
  assert.match(output, /^user\.k="v"$/m);
});
