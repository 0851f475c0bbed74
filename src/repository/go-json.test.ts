import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  compactJson,
  encodeJsonBytes,
  encodeJsonString,
  encodeJsonStrings,
  jsonMembers,
} from './go-json.ts';

test('strings are escaped as Go escapes them', () => {
  // Right column: Go 1.22, json.Marshal.
  const cases: [string, string][] = [
    ['plain', '"plain"'],
    ['"\\/', '"\\"\\\\/"'],
    ['\b\f\n\r\t', '"\\b\\f\\n\\r\\t"'],
    ['\u0000\u000b\u001f', '"\\u0000\\u000b\\u001f"'],
    ['<&>', '"\\u003c\\u0026\\u003e"'],
    ['\u2028\u2029', '"\\u2028\\u2029"'],
    ['<\u007f\u0085\u009f', '"\\u003c\u007f\u0085\u009f"'],
    ['ä漢\u{1f600}\ufffd', '"ä漢\u{1f600}\ufffd"'],
    ['<\u{1f600}', '"\\u003c\u{1f600}"'],
    ['raw \udcff\udc80.', '"raw \\ufffd\\ufffd."'],
  ];
  for (const [text, wanted] of cases) assert.equal(encodeJsonString(text), wanted);
});

test('any well-formed string reads back as it was', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(fc.property(text, (it) => assert.equal(JSON.parse(encodeJsonString(it)), it)));
});

test('nil bytes are null, no bytes are an empty text', () => {
  assert.equal(encodeJsonBytes(null), 'null');
  assert.equal(encodeJsonBytes(new Uint8Array()), '""');
  assert.equal(encodeJsonBytes(Uint8Array.of(0xff, 0xfe)), '"//4="');
  assert.equal(encodeJsonStrings([]), '[]');
});

test('compacting drops white space between tokens only, and escapes for HTML inside strings', () => {
  assert.equal(compactJson('{ "a b" : [ 1 ,\n"<\\" >" ] }'), '{"a b":[1,"\\u003c\\" \\u003e"]}');
});

test('compacting keeps the value of any JSON document', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      assert.deepEqual(JSON.parse(compactJson(json)), JSON.parse(json));
    }),
  );
});

test('members come with the exact text of their values', () => {
  const text = ' { "a" : 18446744073709551615 , "b\\"}":{"c":["]",{}]}, "d":"x,\\"}" ,"e":null}';
  assert.deepEqual(Array.from(jsonMembers(text)), [
    { key: 'a', raw: '18446744073709551615' },
    { key: 'b"}', raw: '{"c":["]",{}]}' },
    { key: 'd', raw: '"x,\\"}"' },
    { key: 'e', raw: 'null' },
  ]);
  assert.deepEqual(Array.from(jsonMembers('{}')), []);
});

test('members together are the object, for any object', () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(object, fc.nat(2), (value, indent) => {
      const found = Array.from(jsonMembers(JSON.stringify(value, null, indent)));
      assert.deepEqual(
        found.map(({ key, raw }) => [key, JSON.parse(raw)]),
        Object.entries(JSON.parse(JSON.stringify(value))),
      );
    }),
  );
});
