import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { placeholders } from '../../src/base/fill-text.ts';
import { english } from '../../src/console/texts/en.ts';
import { sayIn } from '../../src/console/texts/texts.ts';
import { chinese } from '../../src/console/texts/zh-cn.ts';

const source = resolve(import.meta.dirname, '../../src/console');
const code = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('texts'))
  .map((name) => readFileSync(join(source, name), 'utf8'))
  .join('\n');

test('every text of the console exists in both languages, and none is empty', () => {
  assert.deepEqual(Object.keys(chinese), Object.keys(english));
  for (const text of [...Object.values(english), ...Object.values(chinese)]) {
    assert.notEqual(text.trim(), '');
  }
});

test('a translation takes the same values as the original, in each of its forms', () => {
  for (const [key, text] of Object.entries(english)) {
    const translated = chinese[key as keyof typeof english];
    const wanted = [...new Set(placeholders(text))].sort();
    assert.deepEqual([...new Set(placeholders(translated))].sort(), wanted, key);
  }
});

test('the Chinese texts are Chinese, but for names that are the same in both', () => {
  for (const [key, text] of Object.entries(chinese)) {
    if (text === english[key as keyof typeof english]) {
      assert.match(text, /^[A-Z0-9][\w.\- ]*$/, key);
    } else {
      assert.match(text, /[\u4e00-\u9fff]/, key);
    }
  }
});

test('no text is left over: each key, or what it is made of, stands in the code', () => {
  const unused = Object.keys(english).filter((key) => {
    const beginnings = [key.slice(0, key.indexOf('.')), key.slice(0, key.lastIndexOf('.'))];
    const isMade = beginnings.some(
      (group) => code.includes(`\`${group}.$`) || code.includes(`(say, '${group}', `),
    );
    return !isMade && !code.includes(`'${key}'`);
  });
  assert.deepEqual(unused, []);
});

test('the form for one is taken for one, and numbers are written as the language does', () => {
  assert.equal(sayIn('en')('clients.silentFor', { count: 1 }), '1 day or more');
  assert.equal(sayIn('en')('clients.silentFor', { count: 1500 }), '1,500 days or more');
  assert.equal(sayIn('zh-CN')('clients.silentFor', { count: 1 }), '1 天及以上');
});
