import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SealiftError } from '../base/errors.ts';
import { renderError } from './render-error.ts';

const missing = new SealiftError('repository/missing', 'there is no repository at /srv/x', {
  fields: { location: '/srv/x' },
});
const plain = { language: 'en', json: false, verbose: false } as const;

test('a failure is printed as error and hint', () => {
  assert.equal(
    renderError(missing, plain),
    'error: there is no repository at /srv/x\n' +
      'hint: Check the location, or create the repository with sealift init.',
  );
});

test('a hint of the error itself goes before the general one', () => {
  const error = new SealiftError('backend/full', 'no room', { hint: 'Delete something.' });
  assert.equal(renderError(error, plain), 'error: no room\nhint: Delete something.');
});

test('in Chinese the text of the code is filled with the facts, and the detail follows', () => {
  assert.equal(
    renderError(missing, { ...plain, language: 'zh-CN' }),
    '错误: 没有找到存储库：/srv/x\n' +
      '详情: there is no repository at /srv/x\n' +
      '提示: 请检查位置，或用 sealift init 创建存储库。',
  );
});

test('as JSON a failure is one line with the exit code, as restic prints it', () => {
  const line = renderError(missing, { ...plain, json: true });
  assert.doesNotMatch(line, /\n/);
  assert.deepEqual(JSON.parse(line), {
    message_type: 'exit_error',
    code: 10,
    message: 'there is no repository at /srv/x',
    error_code: 'repository/missing',
    hint: 'Check the location, or create the repository with sealift init.',
    fields: { location: '/srv/x' },
  });
});

const expired = new SealiftError('tls/untrusted', 'the certificate of a:1 is not trusted', {
  cause: Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' }),
  hint: 'Renew it.',
});

test('a failure of TLS names its cause before the hint', () => {
  assert.equal(
    renderError(expired, plain),
    'error: the certificate of a:1 is not trusted\n' +
      'cause: The certificate of the server has expired\n' +
      'hint: Renew it.',
  );
  const { cause } = JSON.parse(renderError(expired, { ...plain, json: true }));
  assert.equal(cause.cause, 'certificate-expired');
});

test('a failure of TLS that nobody can explain prints no cause', () => {
  const error = new SealiftError('tls/policy', 'refused', { hint: 'Ask.' });
  assert.equal(renderError(error, plain), 'error: refused\nhint: Ask.');
});

test('a stack appears only when asked for, with its causes', () => {
  const error = new SealiftError('backend/io', 'broken', { cause: new Error('the disk said no') });
  assert.doesNotMatch(renderError(error, plain), /at .*:\d+/);
  const verbose = renderError(error, { ...plain, verbose: true });
  assert.match(verbose, /render-error\.test\.ts:\d+/);
  assert.match(verbose, /the disk said no/);
});

test('a failure that nobody foresaw keeps its stack to itself, too', () => {
  const text = renderError(new TypeError('x is not a function'), plain);
  assert.match(text, /^error: something unexpected went wrong: x is not a function\nhint: /);
  assert.doesNotMatch(text, /at .*:\d+/);
});

test('control characters of a name cannot reach the terminal', () => {
  const error = new SealiftError('source/missing', 'evil\u001b[2Jname\n');
  assert.match(renderError(error, plain), /^error: evil\\x1b\[2Jname\\x0a\n/);
});
