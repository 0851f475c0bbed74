import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  factsOfReg,
  machineReg,
  type SystemName,
  schannel,
  tls12Client,
  windowsMachine,
} from '../../test/support/windows-machine.ts';
import { getBaseline } from '../tls/baselines.ts';
import { offeredVersions } from '../tls/offer.ts';
import { type TlsVersion, tls10, tls11, tls12, tls13 } from '../tls/versions.ts';
import { diagnose } from './doctor.ts';
import type { Facts } from './facts/facts.ts';
import type { StackVerdict, stackIds } from './verdicts/verdict.ts';

const on = { Enabled: 1, DisabledByDefault: 0 };

function stackOf(facts: Facts, id: (typeof stackIds)[number]): StackVerdict {
  const found = diagnose(facts).stacks.find(({ stack }) => stack === id);
  assert.ok(found, `${id} is judged`);
  return found;
}

function findingIds(facts: Facts): string[] {
  return diagnose(facts).findings.map(({ id }) => id);
}

describe('Schannel with absent keys', () => {
  const expected: readonly (readonly [SystemName, string, number[]])[] = [
    ['XP', 'not-ready', [tls10]],
    ['2008', 'not-ready', [tls10]],
    ['2008 SP2', 'not-ready', [tls10]],
    ['7 SP1', 'not-ready', [tls10]],
    ['2008 R2 SP1', 'not-ready', [tls10]],
    ['2012', 'ready', [tls10, tls11, tls12]],
    ['2012 R2', 'ready', [tls10, tls11, tls12]],
    ['2016', 'ready', [tls10, tls11, tls12]],
    ['2019', 'ready', [tls10, tls11, tls12]],
    ['2022', 'ready', [tls10, tls11, tls12, tls13]],
    ['2025', 'ready', [tls10, tls11, tls12, tls13]],
  ];
  for (const [system, status, versions] of expected) {
    test(`${system} is ${status} for a server that wants TLS 1.2`, () => {
      const verdict = stackOf(windowsMachine(system), 'schannel');
      assert.equal(verdict.status, status);
      const [outcome] = verdict.outcomes;
      assert.deepEqual(
        outcome?.scenario.versions.filter((version) => version >= tls10),
        versions,
      );
    });
  }

  test('Server 2012 R2 needs no change of Schannel when the keys are absent', () => {
    const ids = findingIds(windowsMachine('2012 R2'));
    assert.deepEqual(
      ids.filter((id) => id.startsWith('schannel/')),
      [],
    );
  });

  test('the highest version of both sides is what 2022 and Azure agree on', () => {
    const { negotiation } = stackOf(windowsMachine('2022'), 'schannel').outcomes[0] ?? {};
    assert.equal(negotiation?.kind === 'agreed' && negotiation.version, tls13);
    const older = stackOf(windowsMachine('2019'), 'schannel').outcomes[0]?.negotiation;
    assert.equal(older?.kind === 'agreed' && older.version, tls12);
  });

  test('while a server gives up old versions in phases, an old Windows works until its last one goes', () => {
    const phases: readonly (readonly TlsVersion[])[] = [
      [tls10, tls11, tls12],
      [tls11, tls12],
      [tls12],
      [tls12, tls13],
    ];
    const agreed = (facts: Facts) =>
      phases.map((versions) => {
        const policy = { ...getBaseline('old'), certificates: ['rsa'] as const, versions };
        const [verdict] = diagnose(facts, { policy }).stacks;
        const negotiation = verdict?.outcomes[0]?.negotiation;
        return negotiation?.kind === 'agreed' ? negotiation.version : verdict?.status;
      });
    const no = 'not-ready';
    assert.deepEqual(agreed(windowsMachine('7 SP1')), [tls10, no, no, no]);
    const mended = windowsMachine('7 SP1', { keys: { [tls12Client]: on } });
    assert.deepEqual(agreed(mended), [tls12, tls12, tls12, tls12]);
  });

  test('a Windows newer than the texts is ready whatever became of TLS 1.0 and 1.1', () => {
    const verdict = stackOf(windowsMachine('11 25H2'), 'schannel');
    assert.equal(verdict.status, 'ready');
    assert.equal(verdict.outcomes.length, 2);
  });
});

describe('the values of Schannel', () => {
  const rows: readonly (readonly [SystemName, Record<string, number>, string, string?])[] = [
    ['7 SP1', on, 'ready'],
    ['7 SP1', { Enabled: 0xffffffff, DisabledByDefault: 0 }, 'ready'],
    ['7 SP1', { DisabledByDefault: 0 }, 'ready'],
    ['7 SP1', { Enabled: 1 }, 'unknown', 'schannel/tls12-enabled-alone'],
    ['7 SP1', { Enabled: 0, DisabledByDefault: 0 }, 'not-ready', 'schannel/tls12-disabled'],
    ['7 SP1', { Enabled: 1, DisabledByDefault: 1 }, 'not-ready', 'schannel/tls12-half-disabled'],
    ['2012 R2', { Enabled: 1 }, 'ready'],
    ['2012 R2', { Enabled: 0 }, 'not-ready', 'schannel/tls12-disabled'],
    ['2016', { DisabledByDefault: 1 }, 'not-ready', 'schannel/tls12-disabled-by-default'],
  ];
  for (const [system, values, status, finding] of rows) {
    test(`${system} with ${JSON.stringify(values)} is ${status}`, () => {
      const facts = windowsMachine(system, { keys: { [tls12Client]: values } });
      assert.equal(stackOf(facts, 'schannel').status, status);
      if (finding !== undefined) assert.ok(findingIds(facts).includes(finding));
    });
  }

  test('a value of the wrong type does not count as set, and is told', () => {
    const facts = windowsMachine('7 SP1', {
      keys: { [tls12Client]: { Enabled: '1', DisabledByDefault: 0 } },
    });
    assert.ok(findingIds(facts).includes('schannel/wrong-type'));
    const text = { [tls12Client]: { Enabled: 1, DisabledByDefault: '0' } };
    const second = windowsMachine('7 SP1', { keys: text });
    assert.equal(stackOf(second, 'schannel').status, 'unknown');
  });

  test('names that only look right are told', () => {
    const facts = windowsMachine('7 SP1', {
      keys: {
        [`${schannel}\\Protocols\\TLS1.2\\Client`]: on,
        [`${schannel}\\Protocols\\TLS 1.2`]: { Enabled: 1 },
        [`${schannel}\\Protocols\\TLS 1.1\\Client`]: { DisableByDefault: 0 },
      },
    });
    const misses = diagnose(facts).findings.filter(({ id }) => id === 'schannel/near-miss');
    assert.deepEqual(misses.map(({ fields }) => fields['meant']).sort(), [
      'DisabledByDefault',
      'TLS 1.2',
      'TLS 1.2\\Client',
    ]);
    assert.equal(stackOf(facts, 'schannel').status, 'not-ready');
  });

  test('TLS 1.3 forced on a Windows without it changes no offer and is told', () => {
    const keys = { [`${schannel}\\Protocols\\TLS 1.3\\Client`]: on };
    const facts = windowsMachine('2019', { keys });
    assert.ok(findingIds(facts).includes('schannel/tls13-forced'));
    const offer = stackOf(facts, 'schannel').outcomes[0]?.scenario.offer;
    assert.ok(offer);
    assert.equal(offeredVersions(offer).includes(tls13), false);
  });
});

describe('KB4019276 on Server 2008 SP2', () => {
  test('is missing when every package was read and it is not among them', () => {
    const facts = windowsMachine('2008 SP2', { keys: { [tls12Client]: on } });
    assert.equal(stackOf(facts, 'schannel').status, 'not-ready');
    assert.ok(findingIds(facts).includes('schannel/update-missing'));
  });

  test('is still disabled by default once installed', () => {
    const facts = windowsMachine('2008 SP2', { updates: ['KB4019276'] });
    assert.equal(stackOf(facts, 'schannel').status, 'not-ready');
    assert.ok(findingIds(facts).includes('schannel/tls12-not-switched-on'));
  });

  test('with the values brings TLS 1.2, whose only common suites need a server with CBC', () => {
    const facts = windowsMachine('2008 SP2', {
      updates: ['KB4019276'],
      keys: { [tls12Client]: on },
    });
    const [outcome] = stackOf(facts, 'schannel').outcomes;
    assert.equal(outcome?.scenario.versions.includes(tls12), true);
  });

  test('is unknown where no packages were read, and the verdict names it', () => {
    const keys = { [schannel]: {}, [tls12Client]: on };
    const facts = factsOfReg(machineReg('2008 SP2', { keys, partial: true }));
    const row = diagnose(facts).findings.find(({ id }) => id === 'schannel/update-not-proven');
    assert.equal(row?.fields['kb'], 'KB4019276');
  });
});

test('a system that was not read makes the verdict unknown and is named', () => {
  const { status, consumers } = diagnose(factsOfReg('REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\SYSTEM]\n'));
  assert.equal(status, 'unknown');
  assert.ok(consumers[0]?.missing.some(({ kind }) => kind === 'os-build'));
});

test('values that were not read make the verdict unknown and are named', () => {
  const verdict = stackOf(windowsMachine('2012 R2', { partial: true }), 'schannel');
  assert.equal(verdict.status, 'unknown');
  assert.ok(verdict.missing.some((fact) => fact.kind === 'value' && fact.path === tls12Client));
});
