/**
 * Damaged hives with damaged logs, and damaged exports, all the way to a diagnosis. 150 cases of each by
 * default; SEALIFT_FUZZ_CASES=100000 is the long run.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeDirty, makeHive } from '../../../test/support/make-hive.ts';
import { machineReg } from '../../../test/support/windows-machine.ts';
import { isSealiftError } from '../../base/errors.ts';
import { diagnose } from '../doctor.ts';
import { hivePartOf, type RegistryPart } from './read-file.ts';
import { machineOf } from './read-machines.ts';
import { makeRegTree } from './reg-tree.ts';
import { Hive } from './registry/hive.ts';
import { openHiveImage } from './registry/hive-image.ts';
import { decodeRegFile, parseRegText } from './registry/reg-text.ts';

const numRuns = Number(process.env['SEALIFT_FUZZ_CASES'] ?? 150);
/** Far more than a case needs; a reader that goes round in circles or grows does not get below it. */
const maxMsOfCase = 20_000;
const maxGrowthBytes = 512 * 1024 ** 2;

const text = machineReg('2008 R2 SP1').replaceAll('[HKLM\\', '[HKEY_LOCAL_MACHINE\\');
const hive = makeHive(text, 'HKEY_LOCAL_MACHINE\\SOFTWARE', 200_000);
const dirty = makeDirty(hive, 24);

// Without fast-check's preference for the smallest numbers: those are the signature, always.
const share = fc.noBias(fc.integer({ min: 0, max: 1_000_000 })).map((parts) => parts / 1_000_000);

/** Where bytes change and to what, and where the file ends; 1 is its end. */
const damage = fc.record({
  cut: fc.oneof({ weight: 6, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: share }),
  flips: fc.array(
    fc.tuple(
      // What stands at the beginning decides most, so it is hit more often than its share.
      fc.oneof(
        { weight: 8, arbitrary: share },
        { weight: 1, arbitrary: share.map((where) => where * 0.05) },
      ),
      fc.integer({ min: 0, max: 255 }),
    ),
    { maxLength: 24 },
  ),
});
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(bytes: Uint8Array, { cut, flips }: Damage): Uint8Array {
  const copy = Uint8Array.from(bytes.subarray(0, Math.floor(bytes.length * cut)));
  for (const [where, value] of flips) {
    if (copy.length > 0) copy[Math.floor(where * (copy.length - 1))] = value;
  }
  return copy;
}

/** @returns true when it came to a diagnosis */
function judge(read: () => RegistryPart | undefined): boolean {
  let part: RegistryPart | undefined;
  try {
    part = read();
  } catch (error) {
    // A clear refusal is an answer; anything else is a bug.
    assert.ok(isSealiftError(error), String(error));
    assert.match(error.message, /damaged\.hive|damaged\.reg/);
    return false;
  }
  if (part === undefined) return false;
  const { facts } = machineOf([part], 'damaged');
  assert.ok(['ready', 'not-ready', 'unknown'].includes(diagnose(facts).status));
  return true;
}

test('the undamaged hive needs its log, and has all keys with it', () => {
  const keysOf = (logs: readonly Uint8Array[]): number => {
    const image = openHiveImage(dirty.hive, logs);
    assert.ok(!('kind' in image));
    return [...new Hive(image).walk()].length;
  };
  assert.ok(keysOf([]) < keysOf([dirty.log]));
  const clean = openHiveImage(hive);
  assert.ok(!('kind' in clean));
  assert.equal(keysOf([dirty.log]), [...new Hive(clean).walk()].length);
});

test('a damaged hive with a damaged log is read, or refused by name; nothing hangs or grows', () => {
  let judged = 0;
  fc.assert(
    fc.property(damage, damage, fc.boolean(), (ofHive, ofLog, isDirty) => {
      const primary = damaged(isDirty ? dirty.hive : hive, ofHive);
      const log = damaged(dirty.log, ofLog);
      const before = [primary.slice(), log.slice()];
      const rss = process.memoryUsage.rss();
      judged += Number(judge(() => hivePartOf('damaged.hive', primary, [log])));
      assert.ok(process.memoryUsage.rss() - rss < maxGrowthBytes);
      assert.deepEqual([primary, log], before);
    }),
    { numRuns, interruptAfterTimeLimit: numRuns * maxMsOfCase, markInterruptAsFailure: true },
  );
  // Else the damage were such that nothing behind the first check is tried.
  assert.ok(judged > numRuns / 5, `${judged} of ${numRuns}`);
});

test('a damaged export is read, or refused by name', () => {
  const bytes = new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'));
  let judged = 0;
  fc.assert(
    fc.property(damage, (of) => {
      const isJudged = judge(() => {
        const parsed = parseRegText(decodeRegFile(damaged(bytes, of)));
        if (parsed === undefined) return undefined;
        const { tree, problems } = makeRegTree(parsed, 'damaged.reg');
        const sources = [{ file: 'damaged.reg', kind: 'reg-export' as const, notes: [] }];
        return { kind: 'registry', file: 'damaged.reg', tree, sources, problems: () => problems };
      });
      judged += Number(isJudged);
    }),
    { numRuns, interruptAfterTimeLimit: numRuns * maxMsOfCase, markInterruptAsFailure: true },
  );
  assert.ok(judged > numRuns / 5, `${judged} of ${numRuns}`);
});
