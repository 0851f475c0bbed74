import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSealiftError, SealiftError } from '../base/errors.ts';
import { alertOf, translateConnectionError } from './tls-errors.ts';

/** An error of OpenSSL as Node 26 gives it after the handshake; EPROTO errors have the text only. */
function opensslError(reason: string, alertNumber?: number): Error {
  const tail = alertNumber === undefined ? '' : `:SSL alert number ${alertNumber}`;
  const code = `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`;
  return Object.assign(
    new Error(
      `40:error:0A000410:SSL routines:ssl3_read_bytes:${reason}:rec_layer_s3.c:918${tail}\n`,
    ),
    { library: 'SSL routines', reason, code },
  );
}

function translate(error: unknown): SealiftError {
  const translated = translateConnectionError(error, 'vault:8443');
  assert.ok(translated instanceof SealiftError);
  assert.equal(translated.cause, error);
  assert.equal(translated.fields['authority'], 'vault:8443');
  return translated;
}

for (const [reason, number, alert, hint] of [
  [
    'ssl/tls alert handshake failure',
    40,
    'handshake_failure',
    /sealift explain --server vault:8443/,
  ],
  ['tlsv1 alert protocol version', 70, 'protocol_version', /share no TLS version/],
  ['tlsv1 alert insufficient security', 71, 'insufficient_security', /share no cipher suite/],
  ['tlsv13 alert certificate required', 116, 'certificate_required', /--tls-client-cert/],
  ['tlsv1 alert unknown ca', 48, 'unknown_ca', /--tls-client-cert/],
  ['tlsv1 unrecognized name', 112, 'unrecognized_name', /host name/],
] as const) {
  test(`alert ${number} is told as ${alert}, with OpenSSL's own words and what to do`, () => {
    const error = translate(opensslError(reason, number));
    assert.ok(isSealiftError(error, 'tls/handshake'));
    assert.equal(error.fields['alert'], alert);
    assert.equal(error.fields['reason'], reason);
    assert.equal(error.retryable, false);
    assert.match(error.hint ?? '', hint);
    assert.doesNotMatch(error.message, /\n/);
  });
}

test('an alert is found in the words where the number is missing', () => {
  assert.equal(alertOf(opensslError('ssl/tls alert bad certificate')), 'bad_certificate');
  assert.equal(alertOf(opensslError('wrong version number')), undefined);
  assert.equal(alertOf(opensslError('tlsv1 alert new thing', 200)), 'alert_200');
});

test('a write that ends in EPROTO is read for its alert too', () => {
  const cause = Object.assign(
    new Error(
      'write EPROTO 80:error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:rec.c:916:SSL alert number 70',
    ),
    { code: 'EPROTO' },
  );
  const error = translate(cause);
  assert.ok(isSealiftError(error, 'tls/handshake'));
  assert.equal(error.fields['alert'], 'protocol_version');
  assert.equal(error.fields['reason'], 'tlsv1 alert protocol version');
});

test('a record that did not decrypt may come through on a new connection', () => {
  const error = translate(opensslError('decryption failed or bad record mac'));
  assert.ok(isSealiftError(error, 'tls/handshake'));
  assert.equal(error.retryable, true);
});

for (const code of ['SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE']) {
  test(`${code} is untrusted, and the hint names --cacert`, () => {
    const error = translate(Object.assign(new Error('no'), { code }));
    assert.ok(isSealiftError(error, 'tls/untrusted'));
    assert.equal(error.fields['reason'], code);
    assert.equal(error.retryable, false);
    assert.match(error.hint ?? '', /--cacert/);
  });
}

for (const code of ['ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 'ENOTFOUND', 'EPIPE']) {
  test(`${code} is unreachable and may be retried`, () => {
    const error = translate(Object.assign(new Error('no'), { code }));
    assert.ok(isSealiftError(error, 'backend/unreachable'));
    assert.equal(error.retryable, true);
  });
}

test('an answer that is no HTTP breaks the protocol', () => {
  const error = translate(Object.assign(new Error('no'), { code: 'HPE_INVALID_CONSTANT' }));
  assert.ok(isSealiftError(error, 'backend/protocol'));
});

test('errors of ours, and those without a code, stay as they are', () => {
  for (const error of [new SealiftError('backend/full', 'full'), new Error('bug')]) {
    assert.equal(translateConnectionError(error, 'vault:8443'), error);
  }
});
