import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJavaVersion, readReleaseFile } from './java-version.ts';
import { parseProperties } from './properties.ts';
import { readSecurityProperties, readSystemProperties } from './security-properties.ts';

test('entries end in any separator, and values go on over lines without their indentation', () => {
  const text =
    '# no\n! no\na=1\nb : 2\nc 3\n\n d\\ e = SSLv3, \\\n    RC4, \\\n  # DES\nempty\nu=\\u0041';
  assert.deepEqual(parseProperties(text), [
    { key: 'a', value: '1', line: 3 },
    { key: 'b', value: '2', line: 4 },
    { key: 'c', value: '3', line: 5 },
    { key: 'd e', value: 'SSLv3, RC4, # DES', line: 7 },
    { key: 'empty', value: '', line: 10 },
    { key: 'u', value: 'A', line: 11 },
  ]);
});

test('a line that ends in two backslashes ends there', () => {
  assert.deepEqual(
    parseProperties('a=x\\\\\nb=y').map(({ value }) => value),
    ['x\\', 'y'],
  );
});

test('no text makes the parser throw', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '=', '\\', '\n', 'u', ' ', '0', '#') }),
      (text) => {
        assert.ok(parseProperties(text).length <= text.length);
      },
    ),
  );
});

const base = {
  file: 'java.security',
  text: 'jdk.tls.disabledAlgorithms=SSLv3, TLSv1\nsecurity.overridePropertiesFile=true\nsecurity.useSystemPropertiesFile=true\n',
};

test("an administrator's file counts over the system's, and that over the runtime's", () => {
  const system = {
    file: 'java.config',
    text: 'jdk.tls.disabledAlgorithms=DES\njdk.certpath.disabledAlgorithms=MD2',
  };
  const override = {
    file: 'my.security',
    text: '\njdk.tls.disabledAlgorithms=RC4',
    replaces: false,
  };
  const settings = readSecurityProperties({ base, system, override });
  assert.deepEqual(settings.get('jdk.tls.disabledAlgorithms'), {
    ...{ value: 'RC4', file: 'my.security', line: 2 },
  });
  assert.equal(settings.get('jdk.certpath.disabledAlgorithms')?.value, 'MD2');
});

test('an override counts only where the runtime allows it', () => {
  const locked = {
    ...base,
    text: base.text.replace('overridePropertiesFile=true', 'overridePropertiesFile=false'),
  };
  const override = { file: 'o', text: 'jdk.tls.disabledAlgorithms=', replaces: false };
  const settings = readSecurityProperties({ base: locked, override });
  assert.equal(settings.get('jdk.tls.disabledAlgorithms')?.value, 'SSLv3, TLSv1');
});

test('an included file is read in its place', () => {
  const settings = readSecurityProperties({
    base: { ...base, text: `${base.text}include more.security\n` },
    include: (path) => ({ file: path, text: 'jdk.tls.disabledAlgorithms=TLSv1.2' }),
  });
  assert.equal(settings.get('jdk.tls.disabledAlgorithms')?.file, 'more.security');
});

test('the last -D of a name counts', () => {
  const options = [
    '-Xmx1g',
    '-Djdk.tls.client.protocols=TLSv1',
    '-Djdk.tls.client.protocols=TLSv1.2',
    '-Dother=1',
  ];
  assert.deepEqual([...readSystemProperties(options)], [['jdk.tls.client.protocols', 'TLSv1.2']]);
});

test('versions of both schemes are read', () => {
  const cases: readonly (readonly [string, number, number])[] = [
    ['1.8.0_442-b06', 8, 442],
    ['8u291', 8, 291],
    ['java version "1.7.0_80"', 7, 80],
    ['1.6.0', 6, 0],
    ['17.0.15+6-Debian-1deb12u1', 17, 15],
    ['openjdk version "21.0.8" 2025-07-15 LTS', 21, 8],
    ['25', 25, 0],
    ['11.0.13', 11, 13],
  ];
  for (const [text, major, update] of cases) {
    assert.deepEqual(parseJavaVersion(text), { major, update }, text);
  }
  assert.equal(parseJavaVersion('unknown'), undefined);
});

test('the release file names version and vendor', () => {
  assert.deepEqual(readReleaseFile('IMPLEMENTOR="Debian"\nJAVA_VERSION="17.0.15"\n'), {
    ...{ version: '17.0.15', vendor: 'Debian' },
  });
});
