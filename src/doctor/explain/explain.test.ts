import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { messageExamples } from '../../../test/support/failure-messages.ts';
import { explain, type Observation, withObservations } from './explain.ts';
import { findSignatures } from './find-signatures.ts';
import { findAlertName } from './knowledge/alerts.ts';
import { signatures } from './knowledge/all.ts';
import { causeIds, causeTable } from './knowledge/causes.ts';
import { sources } from './knowledge/sources.ts';

function leading(text: string): string | undefined {
  return explain(text).failures[0]?.causes[0]?.id;
}

describe('every message of the table leads to its cause', () => {
  for (const { by, text, cause } of messageExamples) {
    test(`${by}: ${text.slice(0, 90)}`, () => {
      const causes = explain(text).failures[0]?.causes.map(({ id, score }) => `${id} ${score}`);
      assert.equal(leading(text), cause, causes?.join(', ') ?? 'nothing was found');
    });
  }
});

test('every signature is met by a message of the table, or is a number', () => {
  const met = new Set(
    messageExamples
      .flatMap(({ text }) => text.split('\n').flatMap(findSignatures))
      .map(({ signature }) => signature.id),
  );
  const missing = signatures.filter(({ id, kind }) => kind !== 'code' && !met.has(id));
  assert.deepEqual(
    missing.map(({ id }) => id),
    [],
  );
});

test('every cause is somebody’s first answer', () => {
  const named = new Set(messageExamples.map(({ text }) => leading(text)));
  // What no message says by itself: only a check of the server, or an alert, shows these.
  const others = [
    'tls-inspection',
    'version-fallback',
    'alpn-mismatch',
    'client-certificate-rejected',
  ];
  assert.deepEqual(
    causeIds.filter((id) => !named.has(id) && !others.includes(id)),
    [],
  );
});

test('a number is known in every spelling', () => {
  for (const one of signatures) {
    if (one.kind !== 'code') continue;
    const values = one.win32 ? [one.code, 0x8007_0000 + one.code] : [one.code];
    for (const value of values) {
      const hex = value.toString(16);
      const spellings = [
        `0x${hex}`,
        `error 0x${hex.toUpperCase()}`,
        `error ${value}`,
        `(error: ${value})`,
      ];
      if (value >= 2 ** 31) spellings.push(hex.toUpperCase(), String(value - 2 ** 32));
      for (const text of [...spellings, String(value), ...one.names]) {
        const ids = findSignatures(text).map(({ signature }) => signature.id);
        assert.ok(ids.includes(one.id), `${text} is ${one.id}`);
      }
    }
  }
});

test('numbers that count something else are no errors', () => {
  for (const text of [
    'copied 10054 files from the first volume to the second one in this run',
    'worker 36887 took the next folder of the queue and began to read its files',
    'listening on 10.0.5.4 and on port 1460 of the second address of this machine',
    '2026-11-24 10:05:42.100 wrote line 1053 of the table of contents',
    'WARNING Failed: fsutils.cpp(10054) gave up after 12030 bytes',
    'error: connection to 10.0.0.7:10054 and [::1]:10061 and vault.example:12029 is slow',
    '  at Backup.run(Backup.java:10054)',
    'Temperature of the disk: 100.50 degrees, 12029.5 hours',
    'curl 7.88.1 (x86_64-pc-linux-gnu) fetched 35 files',
  ]) {
    assert.deepEqual(explain(text).known, false, text);
  }
});

test('ids are unique, weights are shares, and causes, sources and alerts exist', () => {
  assert.equal(new Set(signatures.map(({ id }) => id)).size, signatures.length);
  for (const one of signatures) {
    assert.ok(one.source in sources, one.id);
    if (one.kind === 'alert') continue;
    for (const [cause, weight] of Object.entries(one.suggests)) {
      assert.ok(cause in causeTable, one.id);
      assert.ok(weight > -1 && weight < 1 && weight !== 0, one.id);
    }
  }
  assert.equal(findAlertName('120'), 'no_application_protocol');
  assert.equal(findAlertName('HandshakeFailure'), 'handshake_failure');
  assert.equal(findAlertName('no such alert'), undefined);
});

test('a time beside the number of an event is no alert', () => {
  const ids = (text: string) => findSignatures(text).map(({ signature }) => signature.id);
  for (const text of ['36887 at 10:05:42', 'Schannel 36887, 20.11.2026', '36887 10.0.0.7']) {
    assert.deepEqual(ids(text), ['schannel/36887'], text);
  }
});

test('an alert with its reason outranks a bare reset beside it', () => {
  const text = 'read: connection reset by peer\nSSL alert number 112';
  assert.equal(leading(text), 'unknown-server-name');
  assert.equal(leading('Connection reset\nSSL alert number 70'), 'client-too-old');
});

test('a clock that is wrong outranks the distrust that it causes', () => {
  const text =
    'certificate is not yet valid\nunable to get local issuer certificate\nself-signed certificate';
  assert.equal(leading(text), 'clock-wrong');
});

test('a complaint about a certificate shows that the versions had been agreed on', () => {
  const causes = explain('Connection reset\ncertificate has expired').failures[0]?.causes ?? [];
  const old = causes.find(({ id }) => id === 'client-too-old');
  assert.equal(causes[0]?.id, 'certificate-expired');
  assert.ok((old?.score ?? 0) < 0.15);
});

test('saying the same thing twice is not more evidence', () => {
  const once = explain('10054').failures[0]?.causes[0]?.score;
  const twice = explain(
    'error 10054 (0x80072746, WSAECONNRESET): An existing connection was forcibly closed by the remote host',
  );
  assert.equal(twice.failures[0]?.causes[0]?.score, once);
  assert.equal(twice.failures[0]?.causes[0]?.evidence.length, 2);
});

test('evidence names its line and quotes it', () => {
  const [failure] = explain('first\nsecond\nerror 10054 here\n').failures;
  const evidence = failure?.causes[0]?.evidence[0];
  assert.equal(evidence?.line, 3);
  assert.equal(evidence?.text, 'error 10054 here');
  assert.equal(evidence?.signature.id, 'winsock/10054');
});

test('the quote of a very long line shows the find, not the whole line', () => {
  const line = `${'x'.repeat(5000)} error 10054 ${'y'.repeat(5000)}`;
  const text = explain(line).failures[0]?.causes[0]?.evidence[0]?.text ?? '';
  assert.match(text, /error 10054/);
  assert.ok(text.length < 250);
});

test('text without a failure is unknown', () => {
  const { known, failures } = explain('snapshot 5f saved\nprocessed 12 files in 0:03');
  assert.equal(known, false);
  assert.deepEqual(failures, []);
});

test('the fix for the program that wrote the message comes first', () => {
  const platforms = (text: string) => explain(text).failures[0]?.causes[0]?.platforms[0];
  assert.equal(platforms('Received fatal alert: protocol_version'), 'java');
  assert.equal(platforms("code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'"), 'node');
  assert.equal(platforms('The following fatal alert was received: 70.'), 'windows');
});

describe('a log of many failures', () => {
  const filler = Array.from({ length: 30 }, (_, index) => `10:00:${index} reading a folder`);
  const reset = '2026-11-24 10:01:00 error 10054: forcibly closed';
  const dns = '2026-11-24 10:02:00 error 11001: No such host is known';

  test('puts the most frequent failure first and counts it', () => {
    const log = [...Array.from({ length: 12 }, () => [reset, ...filler]).flat(), dns, ...filler];
    const { failures } = explain(log);
    assert.equal(failures[0]?.causes[0]?.id, 'client-too-old');
    assert.equal(failures[0]?.count, 12);
    assert.equal(failures[1]?.causes[0]?.id, 'name-not-resolved');
    assert.equal(failures[1]?.count, 1);
  });

  test('puts the latest failure first when the numbers are alike', () => {
    const log = [reset, ...filler, reset, ...filler, reset, ...filler, dns, ...filler, dns];
    assert.equal(explain(log).failures[0]?.causes[0]?.id, 'name-not-resolved');
  });

  test('counts the same event again, even without lines between', () => {
    const [failure] = explain(Array.from({ length: 5 }, () => reset)).failures;
    assert.equal(failure?.count, 5);
    assert.equal(failure?.firstLine, 1);
    assert.equal(failure?.lastLine, 5);
  });

  test('takes a stack trace for one failure', () => {
    const trace = [
      '2026-11-24 10:01:00 backup failed',
      'javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure',
      '  at java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)',
      'Caused by: javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure',
    ];
    assert.equal(explain(trace).failures[0]?.count, 1);
  });
});

describe('what a check adds', () => {
  const old: Observation = {
    key: 'server.oldRefused',
    values: { spoken: 'TLS 1.2', refused: 'TLS 1.0', how: 'protocol_version' },
    weights: { 'client-too-old': 0.5 },
    supportsOnly: true,
  };

  test('strengthens the suspicion of the text', () => {
    const before = explain('10054');
    const after = withObservations(before, [old]);
    const score = (of: typeof before) => of.failures[0]?.causes[0]?.score ?? 0;
    assert.ok(score(after) > score(before));
    assert.deepEqual(after.failures[0]?.causes[0]?.observations, [old]);
  });

  test('raises no suspicion by itself when it only supports', () => {
    assert.equal(explain('all is well', { observations: [old] }).known, false);
    assert.equal(explain('11001', { observations: [old] }).failures[0]?.causes.length, 1);
  });

  test('takes back what it disproves', () => {
    const accepted: Observation = {
      key: 'server.oldAccepted',
      values: { spoken: 'TLS 1.0' },
      weights: { 'client-too-old': -0.8 },
    };
    const { failures } = explain('10054', { observations: [accepted] });
    assert.equal(failures[0]?.causes[0]?.id, 'something-between');
  });
});
