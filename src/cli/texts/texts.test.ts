import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { fillText, placeholders } from '../../base/fill-text.ts';
import { english } from './en.ts';
import { errorTexts } from './errors.ts';
import { sayIn } from './texts.ts';
import { chinese } from './zh-cn.ts';

const root = resolve(import.meta.dirname, '../../..');
const codesSource = readFileSync(resolve(root, 'src/base/errors.ts'), 'utf8');
const union = /export type ErrorCode =([^;]*);/.exec(codesSource)?.[1] ?? '';
const codes = [...union.matchAll(/'([^']+)'/g)].map((match) => match[1] ?? '');

test('every text of the command line exists in both languages', () => {
  assert.deepEqual(Object.keys(chinese), Object.keys(english));
});

test('a translation takes the same values as the original', () => {
  for (const [key, text] of Object.entries(english)) {
    const translated = chinese[key as keyof typeof english];
    assert.deepEqual(placeholders(translated).sort(), placeholders(text).sort(), key);
  }
});

test('no text is empty, and the Chinese ones are Chinese', () => {
  for (const [key, text] of Object.entries(chinese)) {
    assert.match(text, /[\u4e00-\u9fff]|^(?:TLS|ID)|^[，]/, key);
  }
  for (const [key, text] of Object.entries(english)) assert.notEqual(text, '', key);
});

test('every error code has a text and a hint in both languages', () => {
  assert.ok(codes.length > 40, 'the union of codes was found');
  for (const [language, texts] of Object.entries(errorTexts)) {
    assert.deepEqual(Object.keys(texts).sort(), codes.toSorted(), language);
    for (const [code, { message }] of Object.entries(texts)) {
      assert.notEqual(message, '', `${language} ${code}`);
    }
  }
});

test('every error code has a heading in docs/errors.md, and no other heading is there', () => {
  const text = readFileSync(resolve(root, 'docs/errors.md'), 'utf8');
  const headings = [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1] ?? '');
  assert.deepEqual(headings.sort(), codes.toSorted());
});

test('a part in brackets goes away when its value is missing', () => {
  assert.equal(fillText('a file[: {file}]', {}), 'a file');
  assert.equal(fillText('a file[: {file}]', { file: 'x' }), 'a file: x');
  assert.equal(sayIn('en')('tls.line', { version: 'TLSv1.3', cipher: 'C' }), 'TLS: TLSv1.3, C');
});

test('a value that looks like a template is printed as it is', () => {
  assert.equal(fillText('{a} and {b}', { a: '{b}[x]', b: '2' }), '{b}[x] and 2');
});
