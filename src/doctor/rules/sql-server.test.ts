import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sqlServerHasTls12, sqlServerNeeds } from './sql-server.ts';

/** Builds and what KB3135244 says of them. */
const builds: readonly (readonly [string, boolean | undefined])[] = [
  ['9.0.5324.0', false],
  ['10.0.5500.0', false],
  ['10.0.5896.0', true],
  ['10.4.6000.29', false],
  ['10.0.6547.0', true],
  ['10.53.6000.34', false],
  ['10.53.6542.0', true],
  ['11.0.2100.60', false],
  ['11.2.5644.2', true],
  ['11.3.6020.0', false],
  ['11.4.7001.0', true],
  ['12.0.2000.8', false],
  ['12.0.2271.0', undefined],
  ['12.1.4100.1', false],
  ['12.1.4439.1', true],
  ['12.2.5000.0', true],
  ['13.0.1601.5', true],
  ['16.0.1000.6', true],
  ['', undefined],
  ['twelve', undefined],
];

for (const [version, expected] of builds) {
  test(`SQL Server ${version || '(no version)'}: TLS 1.2 ${expected ?? 'cannot be told'}`, () => {
    assert.equal(sqlServerHasTls12(version), expected);
  });
}

test('what is asked for has TLS 1.2 itself', () => {
  for (const version of [
    '10.0.5500.0',
    '10.53.6000.34',
    '11.0.2100.60',
    '12.0.2000.8',
    '9.0.1.1',
  ]) {
    assert.equal(sqlServerHasTls12(`${sqlServerNeeds(version)}.0`), true, version);
  }
});
