import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSealiftError } from '../base/errors.ts';
import { displayLocation, parseLocation, splitSocketPath } from './location.ts';

for (const [text, path] of [
  ['/srv/repo', '/srv/repo'],
  ['repo', 'repo'],
  ['./a:b', './a:b'],
  ['local:/srv/repo', '/srv/repo'],
  ['local:a:b', 'a:b'],
  ['C:\\backup', 'C:\\backup'],
  ['\\\\server\\share', '\\\\server\\share'],
] as const) {
  test(`${text} is a folder`, () => {
    assert.deepEqual(parseLocation(text), { kind: 'local', path });
  });
}

for (const [text, href] of [
  ['rest:https://host:8000/', 'https://host:8000/'],
  ['rest:https://host:8000', 'https://host:8000/'],
  ['rest:http://user:p%40ss@host/a/b', 'http://user:p%40ss@host/a/b/'],
  ['rest:https://[::1]:8000/name/', 'https://[::1]:8000/name/'],
] as const) {
  test(`${text} is a REST server with a path that ends in a slash`, () => {
    const location = parseLocation(text);
    assert.equal(location.kind, 'rest');
    assert.equal(location.kind === 'rest' && location.url.href, href);
  });
}

test('a REST server can stand behind a Unix socket', () => {
  const location = parseLocation('rest:http+unix:///run/rest.sock:/name');
  assert.equal(location.kind, 'rest');
  if (location.kind !== 'rest') return;
  assert.deepEqual(splitSocketPath(location.url), {
    socketPath: '/run/rest.sock',
    path: '/name/',
  });
});

test('azure, s3 and sealift locations are taken apart', () => {
  assert.deepEqual(parseLocation('azure:backups:/laptops/anna/'), {
    kind: 'azure',
    container: 'backups',
    prefix: 'laptops/anna',
  });
  assert.deepEqual(parseLocation('azure:backups:/'), {
    kind: 'azure',
    container: 'backups',
    prefix: '',
  });
  assert.deepEqual(parseLocation('sealift:home'), { kind: 'sealift', name: 'home' });
  for (const text of ['s3:https://s3.example.com/bucket/a/b', 's3:s3.example.com/bucket/a/b/']) {
    const location = parseLocation(text);
    assert.equal(location.kind, 's3');
    assert.equal(displayLocation(location), 's3:https://s3.example.com/bucket/a/b');
  }
});

test('what is shown keeps the user and leaves out the password', () => {
  const shown = displayLocation(parseLocation('rest:https://anna:geheim@host:8000/x/'));
  assert.equal(shown, 'rest:https://anna@host:8000/x/');
});

test('a shown location can be parsed again', () => {
  for (const text of [
    '/srv/repo',
    'rest:https://anna@host:8000/x/',
    'azure:backups:/a',
    's3:https://s3.example.com/bucket/a',
    'sealift:home',
  ]) {
    assert.equal(displayLocation(parseLocation(text)), text);
  }
});

for (const text of [
  '',
  'local:',
  'rest:',
  'rest:host:8000',
  'rest:ftp://host/',
  'rest:https://host/?a=b',
  'rest:https://host/#a',
  'rest:http+unix:///',
  'https://host/',
  'sftp:user@host:/repo',
  'azure:',
  'azure::/x',
  's3:https://host/',
  's3:https://key:secret@host/bucket',
  'sealift:',
  'sealift:../x',
]) {
  test(`"${text}" is refused with a hint`, () => {
    assert.throws(
      () => parseLocation(text),
      (error) => isSealiftError(error, 'backend/location') && error.hint !== undefined,
    );
  });
}

for (const text of [
  'rest:https://anna:geheim@host:port/',
  'rest:https://anna:geheim@host/?x',
  'rest:ftp://anna:gehe@im@host/',
  'https://anna:geheim@host/',
  's3:https://anna:geheim@host/bucket',
]) {
  test(`the complaint about ${text.slice(0, 12)}… does not carry the password`, () => {
    assert.throws(
      () => parseLocation(text),
      (error) =>
        isSealiftError(error, 'backend/location') &&
        !JSON.stringify([error.message, error.hint, error.fields, String(error.cause)]).includes(
          'gehe',
        ),
    );
  });
}
