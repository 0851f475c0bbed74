import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  net4,
  net4in32,
  tls12Client,
  windowsMachine,
} from '../../../test/support/windows-machine.ts';
import { diagnose } from '../doctor.ts';
import { type Facts, makeFacts } from '../facts/facts.ts';
import { observationsOfDiagnosis } from './diagnosis.ts';
import { explain } from './explain.ts';

function causesOf(facts: Facts, text: string) {
  const observations = observationsOfDiagnosis(diagnose(facts));
  return explain(text, { observations }).failures[0]?.causes ?? [];
}

test('10054 on a Windows 7 with absent keys is the old client, more surely than without facts', () => {
  const [first] = causesOf(windowsMachine('7 SP1'), '10054');
  const alone = explain('10054').failures[0]?.causes[0]?.score ?? 0;
  assert.equal(first?.id, 'client-too-old');
  assert.ok((first?.score ?? 0) > alone);
  assert.deepEqual(
    first?.observations.map(({ key }) => key),
    ['machine.notReady'],
  );
});

test('10054 on a Windows that is ready points away from its versions', () => {
  const [first] = causesOf(windowsMachine('2022'), '10054');
  assert.equal(first?.id, 'something-between');
});

test('a .NET that is told to stay at its old defaults is to blame where Windows is ready', () => {
  const off = { SchUseStrongCrypto: 0, SystemDefaultTlsVersions: 0 };
  const facts = windowsMachine('2012 R2', { keys: { [net4]: off, [net4in32]: off } });
  const [first] = causesOf(facts, 'Could not create SSL/TLS secure channel');
  assert.equal(first?.id, 'dotnet-old-default');
});

test('TLS 1.2 switched off on a newer Windows makes an old client of it', () => {
  const facts = windowsMachine('2012 R2', { keys: { [tls12Client]: { Enabled: 0 } } });
  const [first] = causesOf(facts, '10054');
  assert.equal(first?.id, 'client-too-old');
  assert.equal(first?.observations[0]?.key, 'machine.notReady');
});

test('an OpenSSL that its configuration ends at TLS 1.1 makes an old client of a Linux', () => {
  const settings = { MaxProtocol: 'TLSv1.1' };
  const facts = makeFacts({
    os: { family: 'linux' },
    stacks: [{ kind: 'openssl', version: '3.0.2', settings }],
  });
  const [first] = causesOf(facts, 'read ECONNRESET');
  assert.equal(first?.id, 'client-too-old');
  assert.equal(first?.observations[0]?.values['version'], 'TLS 1.1');
});
