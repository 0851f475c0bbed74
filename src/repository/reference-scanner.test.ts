import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { requiredNodeKeys } from '../../test/support/node-keys.ts';
import { compareByteStrings, decodeByteString } from '../base/byte-string.ts';
import { encodeHex } from '../base/bytes.ts';
import { parseBlobId } from './ids.ts';
import { ReferenceScanner } from './reference-scanner.ts';
import { decodeTree, isNodeName, TreeEncoder, type TreeNode } from './tree.ts';

interface Outcome {
  readonly nodes: readonly unknown[];
  readonly error: string | undefined;
}

/** What was found until the end or the first error. */
function outcome(nodes: Iterable<unknown>): Outcome {
  const found: unknown[] = [];
  try {
    for (const node of nodes) found.push(node);
  } catch (error) {
    assert.ok(error instanceof Error);
    return { nodes: found, error: error.message };
  }
  return { nodes: found, error: undefined };
}

function* scanned(bytes: Uint8Array): Generator<unknown> {
  const scanner = new ReferenceScanner(bytes);
  while (scanner.next()) {
    const { name, type, hasContent, contentCount, subtree } = scanner;
    const ids = Array.from({ length: contentCount }, (_, at) => encodeHex(scanner.contentId(at)));
    assert.throws(() => scanner.contentId(contentCount), RangeError);
    const content = hasContent ? ids.join('') : undefined;
    yield { name, type, content, subtree: subtree && encodeHex(subtree) };
  }
}

function* decoded(bytes: Uint8Array): Generator<unknown> {
  for (const { name, type, content, subtree } of decodeTree(bytes)) {
    yield { name, type, content: content?.join(''), subtree };
  }
}

function compare(bytes: Uint8Array): Outcome {
  const expected = outcome(decoded(bytes));
  assert.deepEqual(outcome(scanned(bytes)), expected, Buffer.from(bytes).toString('latin1'));
  return expected;
}

const id = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => parseBlobId(encodeHex(bytes)));
const name = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8 }).filter(isNodeName),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }).filter(isNodeName),
  fc.uint8Array({ minLength: 1, maxLength: 4 }).map(decodeByteString).filter(isNodeName),
);
const text = fc.oneof(fc.constantFrom('', 'root', 'größe'), fc.string({ maxLength: 5 }));
const ns = fc.bigInt({ min: -(10n ** 19n), max: 10n ** 20n });
const zone = fc.constantFrom(0, 0, 60, -210);
const number = fc.oneof(
  fc.bigInt({ min: 0n, max: 99999n }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const node: fc.Arbitrary<TreeNode> = fc.record(
  {
    name,
    type: fc.constantFrom(
      'file',
      'dir',
      'symlink',
      'dev',
      'chardev',
      'fifo',
      'socket',
      'irregular',
    ),
    mode: uint32,
    mtime: ns,
    atime: ns,
    ctime: ns,
    timeZones: fc.record({ mtime: zone, atime: zone, ctime: zone }),
    uid: uint32,
    gid: uint32,
    user: text,
    group: text,
    inode: number,
    deviceId: number,
    size: number,
    links: number,
    linkTarget: text,
    device: number,
    content: fc.option(fc.array(id, { maxLength: 3 })),
    subtree: id,
    error: fc.constantFrom('', '', '', 'e'),
  },
  {
    requiredKeys: [...requiredNodeKeys],
  },
);
const tree = fc.uniqueArray(node, { maxLength: 4, selector: (each) => each.name }).map((nodes) => {
  const encoder = new TreeEncoder();
  for (const each of nodes.toSorted((a, b) => compareByteStrings(a.name, b.name))) {
    encoder.add(each);
  }
  return encoder.finish();
});

/** What damage and other programs may put in the place of some bytes of a tree. */
const patch = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  removed: fc.integer({ min: 0, max: 3 }),
  added: fc.oneof(
    fc.uint8Array({ maxLength: 3 }),
    fc
      .constantFrom(
        '0',
        '9',
        '"',
        '\\',
        '/',
        '.',
        ' ',
        ',',
        ':',
        '{',
        '}',
        '[',
        ']',
        'Z',
        '-',
        'null',
        'é',
      )
      .map((added) => Uint8Array.from(Buffer.from(added))),
  ),
});

test('trees give what decoding gives', () => {
  fc.assert(
    fc.property(tree, (bytes) => {
      assert.equal(compare(bytes).error, undefined);
    }),
  );
});

test('trees that were changed give what decoding gives, with the same errors', () => {
  fc.assert(
    fc.property(tree, patch, (bytes, { at, removed, added }) => {
      const start = Math.floor(at * bytes.length);
      compare(Buffer.concat([bytes.subarray(0, start), added, bytes.subarray(start + removed)]));
    }),
    { numRuns: 3000 },
  );
});

const hex = 'cd'.repeat(32);
const date = '2026-11-28T22:19:19.123456789+01:00';
const file = `{"name":"a","type":"file","mode":420,"mtime":"${date}","uid":0,"size":5,"content":["${hex}"]}`;

test('a node is taken as it stands or parsed, with one result', () => {
  const changes: readonly (readonly [found: string, put: string])[] = [
    ['"a"', '"é"'],
    ['"a"', '"a/b"'],
    ['"a"', '".."'],
    ['"a"', '"..."'],
    ['"a"', '""'],
    ['"a"', '"\\\\x41"'],
    ['"a"', '"\u007f"'],
    ['"a"', '"\n"'],
    ['"file"', '"irregular"'],
    ['"type":"file",', ''],
    ['"type":"file"', '"type": "file"'],
    ['"type":"file"', '"type":"file","type":"dir"'],
    ['420', '0420'],
    ['420', '4294967295'],
    ['420', '4294967296'],
    ['420', '-1'],
    ['420', '4e2'],
    ['420', ''],
    ['"size":5', '"size":999999999999999'],
    ['"size":5', '"size":18446744073709551615'],
    ['"size":5', '"size":18446744073709551616'],
    ['"size":5', '"size":"5"'],
    ['"size":5', '"later":{"a":[1]}'],
    ['"size":5', '"size":null'],
    ['"size":5,', '"linktarget":"ä\\u00e4",'],
    ...[
      '2026-02-28',
      '2026-02-29',
      '2024-02-29',
      '2026-04-31',
      '2026-12-31',
      '2026-13-01',
      '2026-00-01',
      '2026-01-00',
      '0000-01-01',
      '20x6-01-01',
    ].map((day) => ['2026-11-28', day] as const),
    ...['T23:59:59', 'T24:00:00', 'T23:60:00', 'T23:59:60', ' 22:19:19'].map(
      (time) => ['T22:19:19', time] as const,
    ),
    ...['', '.', '.1', '.1234567890', ',1'].map((fraction) => ['.123456789', fraction] as const),
    ...['Z', '', '+99:99', '-0100', '-01:0x'].map((offset) => ['+01:00', offset] as const),
    [`["${hex}"]`, 'null'],
    [`["${hex}"]`, '[]'],
    [`["${hex}"]`, `["${hex}",]`],
    [`["${hex}"]`, `["${hex}" , "${hex}"]`],
    [`["${hex}"]`, `["${hex}"],"subtree":"${hex}"`],
    [`["${hex}"]`, `["${hex}"],"subtree":"${hex.toUpperCase()}"`],
    [hex, hex.slice(1)],
    [hex, `${hex}c`],
    [hex, hex.replace('c', 'g')],
    [`]}`, ']'],
    [`]}`, ']} '],
  ];
  for (const [found, put] of [['', ''] as const, ...changes]) {
    compare(Buffer.from(`{"nodes":[${file.replace(found, put)}]}\n`));
    compare(Buffer.from(`{"nodes":[${file.replace('"a"', '"0"')},${file.replace(found, put)}]}`));
    compare(Buffer.from(`{"nodes":[${file.replace(found, put)},${file.replace('"a"', '"x"')}]}`));
  }
});

test('the order of names is that of their bytes, however each is spelled', () => {
  const names = ['a', 'A', 'aa', 'é', '\\\\xc3', '\\\\u00e9', '\\\\U0001f600', '😀'];
  const errors = names.flatMap((first) =>
    names.map((second) => {
      const nodes = [first, second].map((each) => file.replace('"a"', `"${each}"`));
      return compare(Buffer.from(`{"nodes":[${nodes.join(',')}]}`)).error;
    }),
  );
  assert.ok(errors.filter((error) => error?.includes('not ordered')).length > names.length);
  assert.ok(errors.includes(undefined));
});

test('a file of many blobs gives all of them', () => {
  const ids = Array.from({ length: 1000 }, (_, at) => at.toString(16).padStart(64, '0'));
  const node = file.replace(`"${hex}"`, ids.map((each) => `"${each}"`).join(','));
  const { nodes } = compare(Buffer.from(`{"nodes":[${node}]}`));
  assert.equal(nodes.length, 1);
});
