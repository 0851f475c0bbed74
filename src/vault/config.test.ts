import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { defaultVaultConfig, parseVaultConfig } from './config.ts';
import { parseListen, parseLocalListen } from './config-fields.ts';

test('an empty file gives TLS 1.2 as the minimum and private repositories', () => {
  const config = parseVaultConfig('', 'vault.yaml');
  assert.deepEqual(config, defaultVaultConfig);
  assert.equal(config.tls.minVersion, '1.2');
  assert.equal(config.repositories.private, true);
});

test('sizes and durations are read as people write them', () => {
  const config = parseVaultConfig(
    'repositories: { maxFileSize: 256M }\nlimits: { idleTimeout: 5m }',
    'vault.yaml',
  );
  assert.equal(config.repositories.maxFileSize, 256 * 1024 ** 2);
  assert.equal(config.limits.idleTimeout, 300_000);
});

test('an error names the file and the field', () => {
  const cases = [
    ['tls: { minVersion: 1.1 }', /vault\.yaml: tls\.minVersion/],
    ['tls: { certificate: a.pem }', /vault\.yaml: tls: certificate and key/],
    ['repositories: { maxFileSize: many }', /vault\.yaml: repositories\.maxFileSize.*size/],
    ['limits: { idleTimeout: soon }', /limits\.idleTimeout.*duration/],
    ['listen: nowhere', /listen.*HOST:PORT/],
    ['tsl: {}', /tsl/],
    ['preview: { listen: "a:1", at: tomorrow }', /preview\.at.*date/],
    ['notices: { email: { host: a } }', /notices\.email/],
    ['a: [', /vault\.yaml/],
  ] as const;
  for (const [text, message] of cases)
    assert.throws(() => parseVaultConfig(text, 'vault.yaml'), { code: 'vault/config', message });
});

test('an address is a host and a port, IPv6 in brackets', () => {
  assert.deepEqual(parseListen('localhost:8443'), { host: 'localhost', port: 8443 });
  assert.deepEqual(parseListen('[::1]:0'), { host: '::1', port: 0 });
  assert.deepEqual(parseListen(':8443'), { host: '::', port: 8443 });
  for (const text of ['', '8443', 'a:b', '::1:8443', 'a:70000'])
    assert.equal(parseListen(text), undefined, text);
});

test('an address without a host is only of this machine', () => {
  assert.deepEqual(parseLocalListen('9464'), { host: 'localhost', port: 9464 });
  assert.deepEqual(parseLocalListen(':9464'), { host: 'localhost', port: 9464 });
  assert.deepEqual(parseLocalListen('0.0.0.0:9464'), { host: '0.0.0.0', port: 9464 });
  assert.equal(parseLocalListen('9464/metrics'), undefined);
});

test('the guide names every setting, and its example is good', () => {
  const file = resolve(import.meta.dirname, '../../docs/guide/vault.md');
  const guide = readFileSync(file, 'utf8');
  const names = settingsOf({
    ...defaultVaultConfig,
    preview: { listen: '', at: '' },
    metrics: { listen: '' },
    tags: '',
  });
  assert.ok(names.length > 20, `${names.length} settings`);
  assert.deepEqual(
    names.filter((name) => !guide.includes(`\`${name}\``)),
    [],
  );
  const [, example = ''] = /```yaml\n([^`]*)```/.exec(guide) ?? [];
  const { notices } = parseVaultConfig(example, 'vault.md');
  assert.equal(notices.owners[0]?.name, 'anna');
});

/** Dotted names of the leaves. */
function settingsOf(section: object, prefix = ''): string[] {
  return Object.entries(section).flatMap(([key, value]: [string, unknown]) => {
    const isSection = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isSection && key !== 'listen'
      ? settingsOf(value, `${prefix}${key}.`)
      : [`${prefix}${key}`];
  });
}
