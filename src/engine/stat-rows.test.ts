import assert from 'node:assert/strict';
import { type BigIntStats, lstatSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitTime } from '../base/time.ts';
import { matchHead, unlike } from '../repository/node-head.ts';
import { TreeEncoder } from '../repository/tree.ts';
import { NodeMaker } from './metadata.ts';
import { StatRows, type statFields } from './stat-rows.ts';

const stats = lstatSync(import.meta.filename, { bigint: true });
const time = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n });
const number = fc.oneof(
  fc.bigInt({ min: 0n, max: 9n }),
  fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
);

function statsWith(values: Partial<Record<(typeof statFields)[number], bigint>>): BigIntStats {
  return Object.assign(Object.create(Object.getPrototypeOf(stats)), stats, values);
}

test('numbers and times read as the bigints that were put in', () => {
  fc.assert(
    fc.property(time, number, (ns, ino) => {
      const rows = StatRows.of(2);
      rows.set(1, statsWith({ mtimeNs: ns, ino, dev: -1n }));
      const moment = { seconds: 0, nanos: 0 };
      rows.moment(1, 'mtimeNs', moment);
      assert.deepEqual(moment, splitTime(ns));
      const isExact = ino <= BigInt(Number.MAX_SAFE_INTEGER);
      assert.equal(rows.whole(1, 'ino'), isExact ? Number(ino) : String(ino));
      assert.equal(rows.whole(1, 'dev'), String(2n ** 64n - 1n));
      assert.equal(rows.bigint(1, 'mtimeNs'), ns);
      assert.equal(rows.type(0), undefined);
    }),
    { numRuns: 2000 },
  );
});

test('a row tells of itself what the node made of its bigints tells', () => {
  const modes = [0o100644, 0o040755, 0o120777, 0o060600, 0o020600, 0o010600, 0o140755, 0o104755];
  for (const withAtime of [false, true]) {
    const nodes = new NodeMaker({ withAtime, native: () => undefined, onWarning: () => {} });
    for (const mode of modes) {
      const rows = StatRows.of(1);
      rows.set(0, statsWith({ mode: BigInt(mode), size: 2n ** 60n, nlink: 3n, atimeNs: 5n }));
      const type = rows.type(0);
      assert.ok(type !== undefined);
      if (type === 'symlink') continue; // its node reads the link
      const encoder = new TreeEncoder();
      encoder.add(nodes.make('ä "1"', import.meta.filename, type, rows.stat(0)));
      const json = encoder.finish();
      const head = nodes.head('ä "1"', type, rows, 0);
      assert.notEqual(matchHead(json, '{"nodes":['.length, head), unlike);
    }
  }
});
