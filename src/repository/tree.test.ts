import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { headOf } from '../../test/support/node-heads.ts';
import { requiredNodeKeys } from '../../test/support/node-keys.ts';
import { compareByteStrings, decodeByteString } from '../base/byte-string.ts';
import { compactJson } from './go-json.ts';
import { blobIdOf, parseBlobId } from './ids.ts';
import {
  decodeTree,
  type EncodedNode,
  isNodeName,
  TreeCursor,
  TreeEncoder,
  type TreeNode,
} from './tree.ts';

const id = parseBlobId('cd'.repeat(32));
const utc = { mtime: 0, atime: 0, ctime: 0 };
const least: TreeNode = {
  name: 'a',
  type: 'file',
  mode: 0,
  mtime: 0n,
  atime: 0n,
  ctime: 0n,
  timeZones: utc,
  uid: 0,
  gid: 0,
  user: '',
  group: '',
  inode: 0n,
  deviceId: 0n,
  size: 0n,
  links: 0n,
  device: 0n,
  content: [],
  error: '',
};
const epoch =
  '"mtime":"1970-01-01T00:00:00Z","atime":"1970-01-01T00:00:00Z","ctime":"1970-01-01T00:00:00Z"';

function encode(...nodes: readonly TreeNode[]): Uint8Array {
  const encoder = new TreeEncoder();
  for (const node of nodes) encoder.add(node);
  return encoder.finish();
}
const textOf = (...nodes: readonly TreeNode[]): string => Buffer.from(encode(...nodes)).toString();
const decode = (text: string): TreeNode[] => Array.from(decodeTree(Buffer.from(text)));
const nodeText = (more = '', name = 'a'): string =>
  `{"name":"${name}","type":"file",${epoch},"uid":0,"gid":0,"content":[]${more}}`;

test('an empty directory is the tree that restic writes', () => {
  assert.equal(textOf(), '{"nodes":[]}\n');
  assert.equal(
    blobIdOf(encode()),
    'ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8',
  );
});

test('values that are zero or empty are left out, but for those always written', () => {
  assert.equal(textOf(least), `{"nodes":[${nodeText()}]}\n`);
});

test('all fields stand in restic’s order', () => {
  const node: TreeNode = {
    ...least,
    name: 'q"\\\u00a0',
    type: 'symlink',
    mode: 134218239,
    mtime: -1n,
    atime: 1_500_000_000n,
    timeZones: { mtime: 60, atime: -210, ctime: 0 },
    uid: 1,
    gid: 2,
    user: 'u<',
    group: 'g',
    inode: 18446744073709551615n,
    deviceId: 4n,
    size: 5n,
    links: 6n,
    linkTarget: 'x\udce9',
    extendedAttributes: [
      { name: 'user.b', value: Uint8Array.of(0xff) },
      { name: 'user.a', value: null },
    ],
    genericAttributes: { b: '{ "x" : "<" }', a: '12345678901234567890' },
    device: 7n,
    content: null,
    subtree: id,
    error: 'e',
  };
  const text =
    '{"nodes":[{"name":"q\\\\\\"\\\\\\\\\\\\u00a0","type":"symlink","mode":134218239,' +
    '"mtime":"1970-01-01T00:59:59.999999999+01:00","atime":"1969-12-31T20:30:01.5-03:30",' +
    '"ctime":"1970-01-01T00:00:00Z","uid":1,"gid":2,"user":"u\\u003c","group":"g",' +
    '"inode":18446744073709551615,"device_id":4,"size":5,"links":6,"linktarget":"x\\ufffd",' +
    '"linktarget_raw":"eOk=","extended_attributes":[{"name":"user.b","value":"/w=="},' +
    '{"name":"user.a","value":null}],"generic_attributes":{"a":12345678901234567890,' +
    `"b":{"x":"\\u003c"}},"device":7,"content":null,"subtree":"${id}","error":"e"}]}\n`;
  assert.equal(textOf(node), text);
  const genericAttributes = { a: '12345678901234567890', b: '{"x":"\\u003c"}' };
  assert.deepEqual(decode(text), [{ ...node, genericAttributes }]);
});

const name = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map(decodeByteString)
  .filter(isNodeName);
const anyName = fc.oneof(name, fc.string({ unit: 'binary', minLength: 1 }).filter(isNodeName));
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const text = fc.string({ unit: 'binary' });
const ns = fc.bigInt({ min: -(10n ** 19n), max: 10n ** 20n });
const zone = fc.integer({ min: -14 * 60, max: 14 * 60 });
const hexId = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => parseBlobId(Buffer.from(bytes).toString('hex')));
const attribute = fc.record(
  { name: text, value: fc.option(fc.uint8Array()) },
  { noNullPrototype: true },
);
const node: fc.Arbitrary<TreeNode> = fc.record(
  {
    name: anyName,
    type: fc.constantFrom('file', 'dir', 'dev', 'chardev', 'fifo', 'socket', ''),
    mode: uint32,
    mtime: ns,
    atime: ns,
    ctime: ns,
    timeZones: fc.record({ mtime: zone, atime: zone, ctime: zone }, { noNullPrototype: true }),
    uid: uint32,
    gid: uint32,
    user: text,
    group: text,
    inode: uint64,
    deviceId: uint64,
    size: uint64,
    links: uint64,
    linkTarget: fc.uint8Array({ minLength: 1 }).map(decodeByteString),
    extendedAttributes: fc.array(attribute, { minLength: 1, maxLength: 3 }),
    genericAttributes: fc.dictionary(text, fc.json().map(compactJson), {
      minKeys: 1,
      maxKeys: 3,
      noNullPrototype: true,
    }),
    device: uint64,
    content: fc.option(fc.array(hexId, { maxLength: 3 })),
    subtree: hexId,
    error: text,
  },
  {
    noNullPrototype: true,
    requiredKeys: [...requiredNodeKeys, 'timeZones'],
  },
);

function encodedOf(cursor: TreeCursor, node: TreeNode, isStored = true): EncodedNode | undefined {
  return cursor.encoded(headOf(node), () => isStored);
}

test('any tree reads back as it was, and encodes to the same bytes again', () => {
  const nodes = fc
    .uniqueArray(node, { selector: (it) => it.name, maxLength: 4 })
    .map((list) => list.toSorted((a, b) => compareByteStrings(a.name, b.name)));
  fc.assert(
    fc.property(nodes, (list) => {
      const bytes = encode(...list);
      const decoded = Array.from(decodeTree(bytes));
      assert.deepEqual(decoded, list);
      assert.deepEqual(encode(...decoded), bytes);
    }),
  );
});

test('nodes copied from a tree, whole or among others, are those that encoding gives', () => {
  const nodes = fc
    .uniqueArray(node, { selector: (it) => it.name, maxLength: 6 })
    .map((list) => list.toSorted((a, b) => compareByteStrings(a.name, b.name)));
  const fates = fc.array(fc.constantFrom('same', 'changed', 'left out'), {
    minLength: 6,
    maxLength: 6,
  });
  fc.assert(
    fc.property(nodes, fates, (list, fate) => {
      const cursor = new TreeCursor(encode(...list));
      const copied = new TreeEncoder();
      const encoded = new TreeEncoder();
      for (const [index, it] of list.entries()) {
        assert.ok(cursor.next());
        if (fate[index] === 'left out') continue;
        const now = fate[index] === 'same' ? it : { ...it, mtime: it.mtime + 1n };
        const found = encodedOf(cursor, now);
        if (now !== it) assert.equal(found, undefined);
        if (found === undefined) copied.add(now);
        else copied.addEncoded(found);
        encoded.add(now);
      }
      assert.equal(cursor.next(), false);
      assert.deepEqual(Buffer.from(copied.finish()), Buffer.from(encoded.finish()));
    }),
  );
});

test('a tree copied in full is handed on, not copied', () => {
  const tree = encode({ ...least, name: 'a' }, { ...least, name: 'b' });
  const cursor = new TreeCursor(tree);
  const encoder = new TreeEncoder();
  for (const name of ['a', 'b']) {
    cursor.next();
    const found = encodedOf(cursor, { ...least, name });
    assert.ok(found);
    encoder.addEncoded(found);
  }
  assert.equal(encoder.finish(), tree);
});

test('a node is not taken as it is with a longer number, an error, a member unknown, or content missing', () => {
  const taken = (text: string, head: TreeNode, isStored = true): boolean => {
    const cursor = new TreeCursor(Buffer.from(text));
    cursor.next();
    return encodedOf(cursor, head, isStored) !== undefined;
  };
  const file = { ...least, links: 1n, content: [id] };
  assert.ok(taken(textOf(file), file));
  assert.ok(!taken(textOf(file), file, false));
  assert.ok(!taken(textOf({ ...file, links: 12n }), file));
  assert.ok(!taken(textOf({ ...file, content: null }), file));
  assert.ok(!taken(textOf({ ...file, error: 'x' }), file));
  assert.ok(!taken(textOf({ ...file, genericAttributes: { a: '1' } }), file));
});

test('names stand in the order of their bytes', () => {
  // U+FF61 stands after U+1F600 in UTF-16, before it in UTF-8.
  const names = ['Z', 'a', 'a.b', 'ab', 'é', '\uff61', '\u{1f600}', '\udcff'];
  const bytes = encode(...names.map((it) => ({ ...least, name: it })));
  assert.deepEqual(
    Array.from(decodeTree(bytes), (it) => it.name),
    names,
  );
});

test('unordered and duplicate names are refused in both directions', () => {
  for (const [first, second] of [
    ['b', 'a'],
    ['a', 'a'],
    ['\u{1f600}', '\uff61'],
    ['a', 'Z'],
  ] as const) {
    assert.throws(() => encode({ ...least, name: first }, { ...least, name: second }), {
      code: 'format/tree',
    });
    const stored = `{"nodes":[${nodeText('', first)},${nodeText('', second)}]}`;
    assert.throws(() => decode(stored), { code: 'format/tree' });
  }
});

test('a name that could leave its directory is refused in both directions', () => {
  for (const bad of ['', '.', '..', '/', 'a/b', '../x', 'a\0b']) {
    assert.throws(() => encode({ ...least, name: bad }), { code: 'format/tree' });
  }
  for (const quoted of [
    '',
    '.',
    '..',
    'a/b',
    '\\\\x2e\\\\x2e',
    '\\\\x00',
    'a\\\\057b',
    '\\\\u002e',
  ]) {
    assert.throws(() => decode(`{"nodes":[${nodeText('', quoted)}]}`), { code: 'format/tree' });
  }
});

test('a lone surrogate in JSON is no raw byte', () => {
  assert.deepEqual(
    decode(`{"nodes":[${nodeText('', 'x\\udc80')}]}`).map((it) => it.name),
    ['x\ufffd'],
  );
});

test('null content and no content differ from an empty list', () => {
  const content = (stored: string): unknown =>
    decode(`{"nodes":[${nodeText().replace('"content":[]', stored)}]}`)[0]?.content;
  assert.equal(content('"content":null'), null);
  assert.deepEqual(content('"content":[]'), []);
  assert.equal(content('"x":0'), null);
});

test('numbers around 2^53 and up to 2^64 are exact', () => {
  for (const number of [2n ** 53n - 1n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n, 10n ** 15n]) {
    const [found] = decode(`{"nodes":[${nodeText(`,"inode": ${number},"links":2`)}]}`);
    assert.equal(found?.inode, number);
    assert.equal(found?.links, 2n);
  }
  for (const bad of ['18446744073709551616', '-1', '-9007199254740993', '1e30', '1.5', '"1"']) {
    assert.throws(() => decode(`{"nodes":[${nodeText(`,"inode":${bad}`)}]}`), {
      code: 'format/tree',
    });
  }
});

test('unknown fields are skipped, in nodes and around them', () => {
  const stored = `{ "x" : {"nodes":["]}"]}, "nodes" : [ ${nodeText(',"new":[{"a":"]"}]')} ] ,\n"y":-1.5 } \n`;
  assert.deepEqual(decode(stored), [least]);
  assert.deepEqual(decode('{}'), []);
  assert.deepEqual(decode('{"nodes":null}\n'), []);
});

test('link targets are read raw where they are stored raw', () => {
  const target = (more: string): unknown => decode(`{"nodes":[${nodeText(more)}]}`)[0]?.linkTarget;
  assert.equal(target(',"linktarget":"x\\ufffd","linktarget_raw":"eOk="'), 'x\udce9');
  assert.equal(target(',"linktarget":"x"'), 'x');
  assert.equal(target(''), undefined);
});

test('a tree cut short at any byte is refused', () => {
  const bytes = encode(least, { ...least, name: 'b"]}', content: [id], subtree: id });
  for (let size = 0; size < bytes.length - 1; size += 1) {
    assert.throws(() => Array.from(decodeTree(bytes.subarray(0, size))), { code: 'format/tree' });
  }
});

test('what is no tree is refused', () => {
  const broken = [
    '[]',
    '{"nodes":{}}',
    '{"nodes":[1]}',
    '{"nodes":[null]}',
    '{"nodes":[{}]}',
    '{"nodes":[],}',
    '{"nodes":[,]}',
    '{"nodes":[]} x',
    '{"nodes":[],"nodes":[]}',
    '{nodes:[]}',
    `{"nodes":[${nodeText()},]}`,
    `{"nodes":[${nodeText()}${nodeText('', 'b')}]}`,
    `{"nodes":[${nodeText(',"subtree":"xyz"')}]}`,
    `{"nodes":[${nodeText(',"content":["xyz"]')}]}`,
    `{"nodes":[${nodeText(',"content":[1]')}]}`,
    `{"nodes":[${nodeText(',"mtime":"never"')}]}`,
    `{"nodes":[${nodeText(',"mode":4294967296')}]}`,
    `{"nodes":[${nodeText(',"generic_attributes":[]')}]}`,
    `{"nodes":[${nodeText(',"extended_attributes":[{"name":"a","value":"!"}]')}]}`,
  ];
  for (const stored of broken) {
    assert.throws(() => decode(stored), { code: 'format/tree' }, stored);
  }
});

test('nodes are yielded one by one, before what follows is looked at', () => {
  const nodes = decodeTree(Buffer.from(`{"nodes":[${nodeText()},broken`));
  assert.equal(nodes.next().value?.name, 'a');
  assert.throws(() => nodes.next(), { code: 'format/tree' });
});

test('a file of many blobs and a name of many bytes grow the buffer as needed', () => {
  const content = Array.from({ length: 5000 }, (_, i) => blobIdOf(Buffer.from(String(i))));
  const large = { ...least, name: '漢'.repeat(5000), content };
  assert.deepEqual(Array.from(decodeTree(encode(large))), [large]);
});

test('the result stays as it is when another tree is encoded', () => {
  const first = encode(least);
  const copy = first.slice();
  encode({ ...least, name: 'z' });
  assert.deepEqual(first, copy);
});
