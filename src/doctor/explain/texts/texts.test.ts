import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causeIds, causeTable, platforms } from '../knowledge/causes.ts';
import { readings } from '../knowledge/signature.ts';
import { causeText, explainTexts, observationKeys } from './explain-texts.ts';

const languages = ['en', 'zh-CN'] as const;

/** Every text of a language with the path that leads to it. */
function* textsOf(value: unknown, path = ''): Generator<[path: string, text: string]> {
  if (typeof value === 'string') yield [path, value];
  else
    for (const [key, inner] of Object.entries(value ?? {})) yield* textsOf(inner, `${path}/${key}`);
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();
}

test('no text is missing in either language, and none is left over', () => {
  const paths = languages.map((language) =>
    [...textsOf(explainTexts(language))].map(([path]) => path).sort(),
  );
  assert.deepEqual(paths[0], paths[1]);
  for (const language of languages) {
    const { causes, readings: said, observations, platforms: named } = explainTexts(language);
    assert.deepEqual(Object.keys(causes).sort(), [...causeIds].sort());
    assert.deepEqual(Object.keys(said).sort(), [...readings].sort());
    assert.deepEqual(Object.keys(observations).sort(), [...observationKeys].sort());
    assert.deepEqual(Object.keys(named).sort(), [...platforms].sort());
  }
});

test('every cause has a fix for each of its platforms', () => {
  for (const language of languages) {
    for (const cause of causeIds) {
      const { fixes } = causeText(cause, language);
      assert.deepEqual(Object.keys(fixes).sort(), [...causeTable[cause].fixes].sort(), cause);
    }
  }
});

test('no text is empty, and the Chinese ones are Chinese', () => {
  for (const [path, text] of textsOf(explainTexts('en'))) assert.match(text, /\w/, path);
  for (const [path, text] of textsOf(explainTexts('zh-CN'))) {
    // Names of products and bare commands read the same in every language.
    if (path.startsWith('/platforms/')) continue;
    assert.match(text, /[\u4e00-\u9fff]/, path);
  }
});

test('a translation takes the same values as the original', () => {
  const chinese = new Map(textsOf(explainTexts('zh-CN')));
  for (const [path, text] of textsOf(explainTexts('en'))) {
    assert.deepEqual(placeholders(chinese.get(path) ?? ''), placeholders(text), path);
  }
});

test('registry values, updates and commands are spelled alike in both languages', () => {
  const facts = /KB\d+|[A-Z]\w+=\d|HKLM\\[\w\\.]+|v[24]\.0\.\d+|`sealift[^`]*`|\*\.[\w.]+\w/g;
  const chinese = new Map(textsOf(explainTexts('zh-CN')));
  for (const [path, text] of textsOf(explainTexts('en'))) {
    const there = new Set(chinese.get(path)?.match(facts) ?? []);
    for (const fact of new Set(text.match(facts) ?? []))
      assert.ok(there.has(fact), `${path}: ${fact}`);
  }
});
