import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ConfigFile } from './config-file.ts';
import { findConfigEntry, parseOpensslConfig } from './config-file.ts';
import { findTlsSettings } from './tls-settings.ts';

const settingOf = (text: string, name: string, section = 'default'): string | undefined =>
  findConfigEntry(parseOpensslConfig({ file: 'openssl.cnf', text }), section, name)?.value;

test('the system defaults are found through openssl_conf, ssl_conf and system_default', () => {
  const text = [
    'openssl_conf = init # what the library reads',
    '[init]',
    'ssl_conf = ssl',
    '[ssl]',
    'system_default = tls',
    '[tls]',
    'minprotocol = TLSv1.2',
    'CipherString = DEFAULT:@SECLEVEL=1',
    '1.Options = -SessionTicket',
    'Curves = P-256',
    'Unknown = value',
  ].join('\n');
  const settings = findTlsSettings(parseOpensslConfig({ file: '/etc/ssl/openssl.cnf', text }));
  assert.deepEqual(
    settings.map(({ command, value, entry }) => [command, value, entry.line]),
    [
      ['MinProtocol', 'TLSv1.2', 7],
      ['CipherString', 'DEFAULT:@SECLEVEL=1', 8],
      ['Options', '-SessionTicket', 9],
      ['Groups', 'P-256', 10],
    ],
  );
});

test('Node reads nodejs_conf, not openssl_conf', () => {
  const text =
    'openssl_conf=a\nnodejs_conf=b\n[b]\nssl_conf=c\n[c]\nsystem_default=d\n[d]\nGroups=X25519';
  const config = parseOpensslConfig({ file: 'f', text });
  assert.deepEqual(findTlsSettings(config), []);
  assert.equal(findTlsSettings(config, 'nodejs_conf')[0]?.value, 'X25519');
});

test('quotes keep comment signs and dollars, escapes give control characters', () => {
  assert.equal(settingOf(`a = "x # y" z`, 'a'), 'x # y z');
  assert.equal(settingOf('a = one\\ttwo', 'a'), 'one\ttwo');
  assert.equal(settingOf("a = 'it costs $5'", 'a'), 'it costs $5');
  assert.equal(settingOf('a = 50\\# of it', 'a'), '50# of it');
});

test('a line goes on after a backslash, and its number is that of its beginning', () => {
  const config = parseOpensslConfig({ file: 'f', text: '\na = HIGH:\\\n!aNULL\nb = 1' });
  assert.deepEqual(config.sections.get('default'), [
    { name: 'a', value: 'HIGH:!aNULL', file: 'f', line: 2 },
    { name: 'b', value: '1', file: 'f', line: 4 },
  ]);
});

test('variables come from the section, the default section, another section, or the environment', () => {
  const text = 'base = /etc\n[s]\na = $base/ssl\nb = $(a)/certs\n[t]\nc = $s::b\nd = $ENV::HOME';
  const config = parseOpensslConfig({ file: 'f', text, environment: { HOME: '/root' } });
  assert.deepEqual(config.problems, []);
  assert.equal(findConfigEntry(config, 's', 'b')?.value, '/etc/ssl/certs');
  assert.equal(findConfigEntry(config, 't', 'c')?.value, '/etc/ssl/certs');
  assert.equal(findConfigEntry(config, 't', 'd')?.value, '/root');
});

test('a variable without a value is a problem that takes every setting away', () => {
  const text =
    'openssl_conf=a\nx=$nothing\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\nGroups=X25519';
  const config = parseOpensslConfig({ file: 'f', text });
  assert.equal(config.problems[0]?.detail, 'the variable nothing has no value');
  assert.deepEqual(findTlsSettings(config), []);
});

test('an included file continues the section and may open others', () => {
  const files: Record<string, ConfigFile[]> = {
    '/etc/crypto-policies/back-ends/opensslcnf.config': [
      { file: 'opensslcnf.config', text: 'CipherString = @SECLEVEL=2:kEECDH' },
    ],
  };
  const config = parseOpensslConfig({
    file: 'openssl.cnf',
    text: '[crypto_policy]\n.include = /etc/crypto-policies/back-ends/opensslcnf.config\nx=1',
    include: (path) => files[path] ?? [],
  });
  assert.deepEqual(config.sections.get('crypto_policy'), [
    { name: 'CipherString', value: '@SECLEVEL=2:kEECDH', file: 'opensslcnf.config', line: 1 },
    { name: 'x', value: '1', file: 'openssl.cnf', line: 3 },
  ]);
});

test('a file that includes itself ends with a problem', () => {
  const self: ConfigFile = { file: 'f', text: '.include f' };
  const config = parseOpensslConfig({ ...self, include: () => [self] });
  assert.match(config.problems[0]?.detail ?? '', /include each other/);
});

test('the last of two equal names counts, in the place of the last', () => {
  const config = parseOpensslConfig({ file: 'f', text: 'a=1\nb=2\na=3' });
  assert.deepEqual(
    config.sections.get('default')?.map(({ name, value }) => name + value),
    ['b2', 'a3'],
  );
});

test('no text makes the parser throw', () => {
  const piece = fc.constantFrom('[', ']', '=', '$', '{', '(', '"', "'", '\\', '\n', '#', '::', 'a');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const config = parseOpensslConfig({ file: 'f', text: pieces.join('') });
      assert.ok(config.sections.has('default'));
    }),
  );
});
