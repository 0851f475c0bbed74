import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { headOf } from '../../test/support/node-heads.ts';
import { decodeByteString } from '../base/byte-string.ts';
import { matchHead, type NodeHeadNumbers, unlike } from './node-head.ts';
import { isNodeName, TreeEncoder, type TreeNode } from './tree.ts';

const plain: TreeNode = {
  name: 'notes.txt',
  type: 'file',
  mode: 0o644,
  mtime: 1_732_800_000_123_456_789n,
  atime: 1_732_800_000_123_456_789n,
  ctime: 1_732_800_001_000_000_000n,
  timeZones: { mtime: 0, atime: 0, ctime: 0 },
  uid: 1000,
  gid: 100,
  user: 'ada',
  group: 'users',
  inode: 131_073n,
  deviceId: 2049n,
  size: 12n,
  links: 1n,
  device: 0n,
  content: [],
  error: '',
};

function jsonOf(node: TreeNode): string {
  const encoder = new TreeEncoder();
  encoder.add(node);
  return Buffer.from(encoder.finish()).toString('utf8').slice('{"nodes":['.length);
}

const matches = (text: string, head: NodeHeadNumbers): boolean =>
  matchHead(Buffer.from(text), 0, head) !== unlike;

const year0 = -62_167_219_200_000_000_000n;
const year9999 = 253_402_300_799_999_999_999n;
const time = fc.bigInt({ min: year0 + 10n ** 14n, max: year9999 - 10n ** 14n });
const number = fc.oneof(
  fc.bigInt({ min: 0n, max: 9n }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n }),
);
const minutes = fc.integer({ min: -14 * 60, max: 14 * 60 });
const node: fc.Arbitrary<TreeNode> = fc.record(
  {
    name: fc.uint8Array({ minLength: 1, maxLength: 12 }).map(decodeByteString).filter(isNodeName),
    type: fc.constantFrom('file', 'dir', 'symlink', 'socket', 'x "y"'),
    mode: fc.nat(),
    mtime: time,
    atime: time,
    ctime: time,
    timeZones: fc.record({ mtime: minutes, atime: minutes, ctime: minutes }),
    uid: fc.nat(),
    gid: fc.nat(),
    user: fc.string(),
    group: fc.string(),
    inode: number,
    deviceId: number,
    size: number,
    links: number,
    device: fc.constant(0n),
    content: fc.constant(null),
    error: fc.constant(''),
  },
  { noNullPrototype: true },
);

test('the JSON of a node begins as its own head says, whatever is in it, and in any zone', () => {
  fc.assert(
    fc.property(node, (it) => {
      const json = jsonOf(it);
      const rest = matchHead(Buffer.from(json), 0, headOf(it));
      assert.notEqual(rest, unlike);
      assert.equal(Buffer.from(json).toString('utf8', rest), ',"content":null}]}\n');
    }),
    { numRuns: 1000 },
  );
});

test('a head with one thing else is not that of the node', () => {
  const others: readonly Partial<TreeNode>[] = [
    { name: 'notes.txt2' },
    { name: 'notes.tx' },
    { name: 'notes.txä' },
    { type: 'dir' },
    { mode: 0 },
    { mode: 0o600 },
    { mtime: plain.mtime + 1n },
    { atime: plain.atime - 10n ** 9n },
    { ctime: plain.ctime + 86_400n * 10n ** 9n },
    { uid: 1 },
    { user: '' },
    { group: 'user' },
    { inode: 13_107n },
    { inode: 0n },
    { deviceId: 2n ** 60n },
    { size: 1n },
    { size: 120n },
    { links: 0n },
  ];
  const json = jsonOf(plain);
  assert.ok(matches(json, headOf(plain)));
  for (const other of others) {
    const it = { ...plain, ...other };
    const rest = matchHead(Buffer.from(json), 0, headOf(it));
    // Without links the head ends before theirs, which is then a member too many.
    const isShorter = other.links === 0n;
    assert.equal(rest === unlike, !isShorter, JSON.stringify(Object.keys(other)));
    if (isShorter) assert.ok(json.slice(rest).startsWith(',"links":1'));
  }
});

test('what is no time or no number is none, though its digits come to the same', () => {
  const head = headOf(plain);
  const json = jsonOf(plain);
  assert.ok(json.includes('"mtime":"2024-11-28T13:20:00.123456789Z"'));
  const spelled = (was: string, is: string): boolean => {
    assert.ok(json.includes(was), was);
    return matches(json.replace(was, is), head);
  };
  assert.ok(spelled('T13:20:00.123456789Z', 'T15:20:00.123456789+02:00'));
  assert.ok(spelled('T13:20:00.123456789Z', 'T08:50:00.123456789-04:30'));
  assert.ok(spelled('13:20:01Z', '13:20:01.000Z'));
  for (const time of [
    '2024-11-28T13:19:60.123456789Z',
    '2024-11-28T12:80:00.123456789Z',
    '2024-11-27T37:20:00.123456789Z',
    '2024-11-28T13:20:00.1234567890Z',
    '2024-11-28T13:20:00.Z',
    '2024-11-28T13:20:00.123456789',
    '2024-11-28T13:20:00.123456789z',
    '2024-11-28 13:20:00.123456789Z',
    '2024-11-28T13:20:00.123456789+0000',
    '2024-10-59T13:20:00.123456789Z',
    '2024-1 -28T13:20:00.123456789Z',
    '0000-00-00T13:20:00.123456789Z',
  ]) {
    assert.ok(!spelled('2024-11-28T13:20:00.123456789Z', time), time);
  }
  assert.ok(!spelled('"size":12', '"size":012'));
  assert.ok(!spelled('"inode":131073', '"inode":"131073"'));
  assert.ok(!matches('', head));
  for (let size = 0; size < json.indexOf(',"content"') - 1; size += 1) {
    assert.ok(!matches(json.slice(0, size), head), `cut after ${size} bytes`);
  }
});
