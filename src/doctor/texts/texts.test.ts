import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeholders } from '../../base/fill-text.ts';
import { english } from './en.ts';
import { textsIn } from './texts.ts';

/** Every text with its path: `findings.suites/policy.title`. */
function leaves(tree: object, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const path = `${prefix}${key}`;
    if (typeof value === 'string') found.set(path, value);
    else for (const [below, text] of leaves(value, `${path}.`)) found.set(below, text);
  }
  return found;
}

const texts = leaves(english);
const chinese = leaves(textsIn('zh-CN'));

test('every text of the doctor exists in both languages', () => {
  assert.ok(texts.size > 150);
  assert.deepEqual([...chinese.keys()], [...texts.keys()]);
});

test('a translation takes the same values as the original', () => {
  for (const [path, text] of texts) {
    assert.deepEqual(placeholders(chinese.get(path) ?? '').sort(), placeholders(text).sort(), path);
  }
});

test('no text is empty, and the Chinese ones are Chinese', () => {
  for (const [path, text] of texts) assert.notEqual(text.trim(), '', path);
  for (const [path, text] of chinese) assert.match(text, /[\u4e00-\u9fff]/, path);
});

test('texts stand in brackets only around a value that may be missing', () => {
  for (const [path, text] of [...texts, ...chinese]) {
    for (const [, part = ''] of text.matchAll(/\[([^[\]]*)\]/g)) {
      assert.ok(placeholders(part).length > 0, path);
    }
  }
});
