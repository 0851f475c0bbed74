import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import tls from 'node:tls';
import { makeAuthority, type TestAuthority } from '../../../test/support/certificate.ts';
import { listenHttp, listenHttps } from '../../../test/support/tls-listeners.ts';
import { translateConnectionError } from '../../storage/tls-errors.ts';
import { explainFailure } from './explain-failure.ts';

/** The error that Sealift makes of a connection that fails. */
async function failureOf(port: number, options: tls.ConnectionOptions): Promise<unknown> {
  const socket = tls.connect({ host: '127.0.0.1', port, servername: 'localhost', ...options });
  const [error] = await once(socket, 'error');
  return translateConnectionError(error, `localhost:${port}`);
}

async function serve(
  context: TestContext,
  options: Parameters<typeof listenHttps>[1] = {},
): Promise<{ readonly port: number; readonly authority: TestAuthority }> {
  const authority = await makeAuthority();
  const identity = await authority.issue({ commonName: 'localhost', use: 'server' });
  const { port } = await listenHttps(context, { ...identity, ...options });
  return { port, authority };
}

test('an authority that is not known here is the cause', async (context) => {
  const { port } = await serve(context);
  const found = explainFailure(await failureOf(port, {}));
  assert.equal(found?.cause, 'untrusted-root');
  assert.match(found?.text ?? '', /does not trust the authority/);
});

test('a server of old versions only is too old, since this client is not', async (context) => {
  const { port, authority } = await serve(context, {
    ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' },
  });
  const found = explainFailure(await failureOf(port, { ca: authority.cert }));
  assert.equal(found?.cause, 'server-too-old');
});

test('a port without TLS is told in the language that is asked for', async (context) => {
  const { port } = await listenHttp(context);
  const found = explainFailure(await failureOf(port, {}), 'zh-CN');
  assert.equal(found?.cause, 'not-tls');
  assert.equal(found?.text, '那里的应答不是 TLS');
});

test('what is not understood, or only guessed, is left alone', () => {
  for (const thing of [
    new Error('disk full'),
    new Error('read ECONNRESET'),
    undefined,
    'text',
    {},
  ]) {
    assert.equal(explainFailure(thing), undefined);
  }
});

test('an error that is its own cause does not hold it up', () => {
  const error = new Error('certificate has expired');
  error.cause = error;
  assert.equal(explainFailure(error)?.cause, 'certificate-expired');
});
