import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allOf, networkOf } from './network-of.ts';

test('addresses of one site share a network, however they are written', () => {
  const networks = {
    '203.0.113.7': '203.0.113.0/24',
    '2001:db8:1:2:3:4:5:6': '2001:db8:1:2::/64',
    '2001:0db8:0001:0002::7': '2001:db8:1:2::/64',
    '2001:db8::7': '2001:db8:0:0::/64',
    'fe80::1%eth0': 'fe80:0:0:0::/64',
    '::1': '0:0:0:0::/64',
    '64:ff9b::192.0.2.33': '64:ff9b:0:0::/64',
  };
  for (const [address, network] of Object.entries(networks)) {
    assert.equal(networkOf(address), network);
  }
  assert.equal(allOf('203.0.113.7'), '0.0.0.0/0');
  assert.equal(allOf('2001:db8::7'), '::/0');
});
