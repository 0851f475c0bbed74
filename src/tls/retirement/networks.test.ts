import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { inNetwork, parseNetwork } from './networks.ts';

function contains(network: string, address: string): boolean {
  const parsed = parseNetwork(network);
  if (parsed === undefined) throw new assert.AssertionError({ message: `${network} is refused` });
  return inNetwork(address, parsed);
}

test('a network holds its addresses and no others', () => {
  assert.ok(contains('10.0.0.0/8', '10.255.1.2'));
  assert.ok(!contains('10.0.0.0/8', '11.0.0.1'));
  assert.ok(contains('192.0.2.128/25', '192.0.2.200'));
  assert.ok(!contains('192.0.2.128/25', '192.0.2.100'));
  assert.ok(contains('2001:db8::/32', '2001:db8:1::5'));
  assert.ok(!contains('2001:db8::/32', '2001:db9::1'));
  assert.ok(contains('0.0.0.0/0', '203.0.113.9'));
  assert.ok(!contains('0.0.0.0/0', '::1'));
});

test('an address alone is a network of one, and a mapped one is IPv4', () => {
  assert.ok(contains('192.0.2.7', '192.0.2.7'));
  assert.ok(contains('192.0.2.7', '::ffff:192.0.2.7'));
  assert.ok(contains('::ffff:192.0.2.0/120', '192.0.2.9'));
  assert.ok(!contains('192.0.2.7', '192.0.2.8'));
  assert.ok(contains('fe80::1', 'fe80::1%eth0'));
});

test('what is neither address nor network is not taken for one', () => {
  for (const text of [
    'cafe',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.0/33',
    '1::2::3',
    '::/129',
    '',
    '01.2.3.4',
    '1:2:3:4:5:6:7',
    ':::',
  ]) {
    assert.equal(parseNetwork(text), undefined, text);
  }
});

test("membership is what Node's own block list says", () => {
  const ipv4 = fc.ipV4();
  const ipv6 = fc.ipV6();
  const cases = fc.oneof(
    fc.tuple(ipv4, fc.integer({ min: 0, max: 32 }), ipv4, fc.constant('ipv4' as const)),
    fc.tuple(ipv6, fc.integer({ min: 0, max: 128 }), ipv6, fc.constant('ipv6' as const)),
  );
  fc.assert(
    fc.property(cases, ([base, bits, address, family]) => {
      const list = new net.BlockList();
      list.addSubnet(base, bits, family);
      assert.equal(contains(`${base}/${bits}`, address), list.check(address, family));
      assert.ok(contains(`${base}/${bits}`, base));
    }),
    { numRuns: 300 },
  );
});
