import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type MachineOptions,
  net4,
  net4in32,
  type SystemName,
  schannel,
  tls12Client,
  windowsMachine,
  winHttp,
  winHttpIn32,
} from '../../test/support/windows-machine.ts';
import { getBaseline } from '../tls/baselines.ts';
import { tls12 } from '../tls/versions.ts';
import { diagnose } from './doctor.ts';
import type { Facts } from './facts/facts.ts';
import { remediesFor } from './remedies/remedies.ts';
import { updateEvidence, updateRows } from './rules/updates.ts';
import type { ConsumerId } from './verdicts/verdict.ts';

const on = { Enabled: 1, DisabledByDefault: 0 };
const strong = { SchUseStrongCrypto: 1, SystemDefaultTlsVersions: 1 };
const policies = 'HKLM\\SOFTWARE\\Policies\\Microsoft';
const uninstall = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';
const certificates = 'HKLM\\SOFTWARE\\Microsoft\\SystemCertificates';

function statusOf(facts: Facts, stack: string): string | undefined {
  return diagnose(facts).stacks.find((entry) => entry.stack === stack)?.status;
}

function consumer(facts: Facts, id: ConsumerId) {
  const [verdict] = diagnose(facts, { consumer: id }).consumers;
  assert.ok(verdict);
  return verdict;
}

function findingsOf(facts: Facts): string[] {
  return diagnose(facts).findings.map(({ id }) => id);
}

describe('WinHTTP', () => {
  const ready7 = { [tls12Client]: on, [winHttp]: { DefaultSecureProtocols: 0xa00 } };
  const rows: readonly (readonly [string, SystemName, MachineOptions, string, string?])[] = [
    ['7 SP1 by default', '7 SP1', {}, 'not-ready', 'winhttp/not-configured'],
    ['2012 by default', '2012', {}, 'not-ready', 'winhttp/not-configured'],
    ['2012 R2 by default', '2012 R2', {}, 'ready'],
    ['2022 by default', '2022', {}, 'ready'],
    [
      '7 SP1 with the values but not KB3140245',
      '7 SP1',
      { keys: ready7 },
      'not-ready',
      'winhttp/update-missing',
    ],
    [
      '7 SP1 with KB3140245 alone',
      '7 SP1',
      { updates: ['KB3140245'] },
      'not-ready',
      'winhttp/not-configured',
    ],
    [
      '7 SP1 with KB3140245 and the values',
      '7 SP1',
      { updates: ['KB3140245'], keys: ready7 },
      'ready',
    ],
    [
      '7 SP1 with KB3140245 and 0xA00 but TLS 1.2 off in Schannel',
      '7 SP1',
      { updates: ['KB3140245'], keys: { [winHttp]: { DefaultSecureProtocols: 0xa00 } } },
      'not-ready',
      'schannel/tls12-not-switched-on',
    ],
    [
      '2012 with KB3140245 and 0x800',
      '2012',
      { updates: ['KB3140245'], keys: { [winHttp]: { DefaultSecureProtocols: 0x800 } } },
      'ready',
    ],
    [
      '2019 with 0xA0, which leaves TLS 1.2 out',
      '2019',
      { keys: { [winHttp]: { DefaultSecureProtocols: 0xa0 } } },
      'not-ready',
      'winhttp/without-tls12',
    ],
    [
      '2019 with 0x2A80',
      '2019',
      { keys: { [winHttp]: { DefaultSecureProtocols: 0x2a80 } } },
      'ready',
    ],
    [
      '2019 with 0xA00 while TLS 1.2 is disabled in Schannel',
      '2019',
      { keys: { [winHttp]: { DefaultSecureProtocols: 0xa00 }, [tls12Client]: { Enabled: 0 } } },
      'not-ready',
      'schannel/tls12-disabled',
    ],
  ];
  for (const [claim, system, options, status, finding] of rows) {
    test(`${claim} is ${status}`, () => {
      const facts = windowsMachine(system, options);
      assert.equal(statusOf(facts, 'winhttp-64'), status);
      if (finding !== undefined) assert.ok(findingsOf(facts).includes(finding), finding);
    });
  }

  test('32-bit programs go by the value of their own branch', () => {
    const facts = windowsMachine('2012', {
      updates: ['KB3140245'],
      keys: { [winHttpIn32]: { DefaultSecureProtocols: 0x800 } },
    });
    assert.equal(statusOf(facts, 'winhttp-64'), 'not-ready');
    assert.equal(statusOf(facts, 'winhttp-32'), 'ready');
  });

  const packages =
    'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages';
  const rollupOf = (revision: string) =>
    `${packages}\\Package_for_RollupFix~31bf3856ad364e35~amd64~~${revision}.1.4`;
  const installed = { CurrentState: 0x70 };

  test('a later rollup makes KB3140245 likely, and proves nothing that no text says', () => {
    const rollup = rollupOf('7601.24545');
    const facts = windowsMachine('7 SP1', { keys: { ...ready7, [rollup]: installed } });
    assert.equal(statusOf(facts, 'winhttp-64'), 'unknown');
    const finding = diagnose(facts).findings.find(({ id }) => id === 'winhttp/update-not-proven');
    assert.ok(
      finding?.evidence.some(({ line }) => line !== undefined),
      'it names the rollup',
    );
  });

  test('an earlier rollup than that of October 2016 says nothing', () => {
    const keys = { ...ready7, [rollupOf('7601.23563')]: installed };
    assert.equal(statusOf(windowsMachine('7 SP1', { keys }), 'winhttp-64'), 'not-ready');
  });

  test('every rollup of 2012 R2 proves KB2919355, which all of them need', () => {
    const row = updateRows.find(({ kb }) => kb === 'KB2919355');
    assert.ok(row);
    const keys = { [rollupOf('9600.18505')]: installed };
    const evidence = updateEvidence(windowsMachine('2012 R2', { keys }), row);
    assert.equal(evidence.kind, 'proven');
  });

  test('no inferred boundary of a rollup ever proves an update', () => {
    for (const row of updateRows) {
      if (row.rollup?.basis !== 'inferred') continue;
      const { build, revision } = row.rollup;
      const keys = { [rollupOf(`${build}.${revision}`)]: installed };
      const facts = windowsMachine('7 SP1', { keys });
      assert.equal(updateEvidence(facts, row).kind, 'likely', row.kb);
    }
  });

  test('schannel.dll of build 6003 proves KB4019276', () => {
    const row = updateRows.find(({ kb }) => kb === 'KB4019276');
    assert.ok(row);
    const facts = windowsMachine('2008 SP2');
    const kindOf = (version: string) =>
      updateEvidence({ ...facts, fileVersions: { 'schannel.dll': version } }, row).kind;
    assert.equal(kindOf('6.0.6003.20555'), 'proven');
    assert.equal(kindOf('6.0.6002.24129'), 'proven');
    assert.equal(kindOf('6.0.6002.18005'), 'missing');
  });

  test('a hotfix list without it leaves it unknown', () => {
    const facts = { ...windowsMachine('7 SP1', { keys: ready7 }) };
    const withoutPackages = {
      ...facts,
      read: facts.read.filter((path) => !path.includes('Component Based Servicing')),
    };
    assert.equal(statusOf(withoutPackages, 'winhttp-64'), 'unknown');
  });

  test('files that are new enough prove it, too old ones disprove it', () => {
    const facts = windowsMachine('7 SP1', { keys: ready7 });
    const files = (revision: number) => ({
      'winhttp.dll': `6.1.7601.${revision}`,
      'webio.dll': `6.1.7601.${revision}`,
    });
    assert.equal(statusOf({ ...facts, fileVersions: files(23_375) }, 'winhttp-64'), 'ready');
    assert.equal(statusOf({ ...facts, fileVersions: files(17_514) }, 'winhttp-64'), 'not-ready');
  });
});

describe('.NET Framework 4', () => {
  const rows: readonly (readonly [string, SystemName, Record<string, number>, string])[] = [
    ['absent values on 2016', '2016', {}, 'unknown'],
    ['SchUseStrongCrypto on 2008 R2', '2008 R2 SP1', { SchUseStrongCrypto: 1 }, 'unknown'],
    [
      'SchUseStrongCrypto without the system default on 2008 R2',
      '2008 R2 SP1',
      { SchUseStrongCrypto: 1, SystemDefaultTlsVersions: 0 },
      'ready',
    ],
    [
      'SystemDefaultTlsVersions on 2008 R2 with TLS 1.2 off by default',
      '2008 R2 SP1',
      strong,
      'not-ready',
    ],
    ['both values on 2012', '2012', strong, 'ready'],
    ['both values on 2019', '2019', strong, 'ready'],
    [
      'SystemDefaultTlsVersions alone on 2012 R2',
      '2012 R2',
      { SystemDefaultTlsVersions: 1 },
      'ready',
    ],
    [
      'both switched off',
      '2019',
      { SchUseStrongCrypto: 0, SystemDefaultTlsVersions: 0 },
      'not-ready',
    ],
  ];
  for (const [claim, system, values, status] of rows) {
    test(`${claim}: ${status}`, () => {
      const facts = windowsMachine(system, { keys: { [net4]: values } });
      assert.equal(statusOf(facts, 'dotnet4-64'), status);
    });
  }

  test('both values on 2008 R2 are enough once Schannel has TLS 1.2 on', () => {
    const facts = windowsMachine('2008 R2 SP1', { keys: { [net4]: strong, [tls12Client]: on } });
    assert.equal(statusOf(facts, 'dotnet4-64'), 'ready');
    assert.ok(!findingsOf(facts).includes('dotnet/needs-schannel'));
  });

  test('with .NET 4.5.2 every program asks for TLS 1.0, which is no question of its target', () => {
    const facts = windowsMachine('2012 R2', { release: 379_893 });
    assert.equal(statusOf(facts, 'dotnet4-64'), 'not-ready');
  });

  test('the view of 32-bit programs is judged by its own key', () => {
    const facts = windowsMachine('2019', { keys: { [net4]: strong } });
    assert.equal(statusOf(facts, 'dotnet4-64'), 'ready');
    assert.equal(statusOf(facts, 'dotnet4-32'), 'unknown');
    const both = windowsMachine('2019', { keys: { [net4]: strong, [net4in32]: strong } });
    assert.equal(statusOf(both, 'dotnet4-32'), 'ready');
  });

  test('unread values make it unknown and are named', () => {
    const verdict = diagnose(
      windowsMachine('2019', { partial: true, keys: { [schannel]: {} } }),
    ).stacks.find(({ stack }) => stack === 'dotnet4-64');
    assert.equal(verdict?.status, 'unknown');
    assert.ok(
      verdict.missing.some((fact) => fact.kind === 'value' && fact.name === 'SchUseStrongCrypto'),
    );
  });

  test('.NET 3.5 stays at TLS 1.0 until its update and the system default are there', () => {
    const key = 'HKLM\\SOFTWARE\\Microsoft\\.NETFramework\\v2.0.50727';
    const keys = { [key]: strong, [tls12Client]: on };
    const without = windowsMachine('2008 R2 SP1', { net35: true, keys });
    assert.equal(statusOf(without, 'dotnet2-64'), 'not-ready');
    assert.ok(findingsOf(without).includes('dotnet/net35-update-missing'));
    const updates = ['KB3154518'];
    const updated = windowsMachine('2008 R2 SP1', { net35: true, keys, updates });
    assert.equal(statusOf(updated, 'dotnet2-64'), 'ready');
  });
});

describe('suites', () => {
  test('an RSA server that takes only AEAD with ECDHE has nothing in common with 2012 R2', () => {
    const policy = { ...getBaseline('intermediate'), certificates: ['rsa'] as const };
    const facts = windowsMachine('2012 R2', { updates: ['KB2919355'] });
    const { stacks, findings } = diagnose(facts, { policy });
    assert.equal(stacks.find(({ stack }) => stack === 'schannel')?.status, 'not-ready');
    assert.ok(findings.some(({ id }) => id === 'suites/none-in-common'));
    const modern = diagnose(windowsMachine('2016'), { policy });
    assert.equal(modern.stacks.find(({ stack }) => stack === 'schannel')?.status, 'ready');
  });

  test('the policy of suites replaces those of Windows', () => {
    const key = `${policies}\\Cryptography\\Configuration\\SSL\\00010002`;
    const facts = windowsMachine('2016', {
      keys: { [key]: { Functions: 'TLS_RSA_WITH_AES_128_CBC_SHA,TLS_RSA_WITH_RC4_128_SHA' } },
    });
    assert.equal(statusOf(facts, 'schannel'), 'not-ready');
    assert.ok(findingsOf(facts).includes('suites/policy'));
  });

  test('names without a curve are no suites before Windows 10', () => {
    const key = `${policies}\\Cryptography\\Configuration\\SSL\\00010002`;
    const list = (names: string) =>
      windowsMachine('2012 R2', { keys: { [key]: { Functions: names } } });
    const plain = list('TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256');
    assert.equal(statusOf(plain, 'schannel'), 'not-ready');
    assert.ok(findingsOf(plain).includes('suites/unknown-names'));
    assert.equal(statusOf(list('TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256_P256'), 'schannel'), 'ready');
  });

  test('switched-off key exchange is named as the cause', () => {
    const off = { Enabled: 0 };
    const facts = windowsMachine('2012 R2', {
      keys: {
        [`${schannel}\\KeyExchangeAlgorithms\\ECDH`]: off,
        [`${schannel}\\KeyExchangeAlgorithms\\Diffie-Hellman`]: off,
      },
    });
    assert.equal(statusOf(facts, 'schannel'), 'not-ready');
    const causes = diagnose(facts).findings.filter(({ id }) => id === 'suites/switched-off');
    assert.ok(causes.every(({ severity, remedy }) => severity === 'error' && remedy !== undefined));
    assert.ok(causes.length >= 1);
  });

  test('a switched-off cipher that does no harm is a note', () => {
    const facts = windowsMachine('2012 R2', {
      keys: { [`${schannel}\\Ciphers\\RC4 128/128`]: { Enabled: 0 } },
    });
    const found = diagnose(facts).findings.find(({ id }) => id === 'suites/switched-off');
    assert.equal(found?.severity, 'note');
    assert.equal(found.remedy, undefined);
  });

  test("the machine's own list of suites counts more than the table", () => {
    const key =
      'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Cryptography\\Configuration\\Local\\SSL\\00010002';
    const facts = windowsMachine('2016', {
      keys: {
        [key]: { Functions: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_RSA_WITH_NULL_SHA'] },
      },
    });
    const verdict = diagnose(facts).stacks.find(({ stack }) => stack === 'schannel');
    assert.deepEqual(verdict?.outcomes[0]?.scenario.offer.cipherSuites, [0xc02f]);
  });

  test('FIPS takes curve25519 away', () => {
    const key = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\FipsAlgorithmPolicy';
    const facts = windowsMachine('2019', { keys: { [key]: { Enabled: 1 } } });
    const verdict = diagnose(facts).stacks.find(({ stack }) => stack === 'schannel');
    assert.deepEqual(verdict?.outcomes[0]?.scenario.offer.groups, [0x17, 0x18]);
    assert.ok(findingsOf(facts).includes('fips/on'));
  });

  test('a minimum of Diffie-Hellman above 2048 bits is told', () => {
    const key = `${schannel}\\KeyExchangeAlgorithms\\Diffie-Hellman`;
    const facts = windowsMachine('2019', { keys: { [key]: { ClientMinKeyBitLength: 4096 } } });
    assert.ok(findingsOf(facts).includes('dh/client-minimum'));
  });
});

describe('Azure Backup', () => {
  const mars = (version: string) => ({
    [`${uninstall}\\Windows Azure Backup`]: {
      DisplayName: 'Microsoft Azure Recovery Services Agent',
      DisplayVersion: version,
    },
  });

  test('is ready on 2012 R2 with absent Schannel keys and the .NET values', () => {
    const facts = windowsMachine('2012 R2', { keys: { ...mars('2.0.9262.0'), [net4]: strong } });
    const verdict = consumer(facts, 'azure-backup');
    assert.equal(verdict.status, 'ready');
    assert.equal(verdict.installed, true);
    assert.equal(diagnose(facts).status, 'ready');
  });

  test('an agent of before 2018 without the .NET values is not ready', () => {
    const facts = windowsMachine('2012 R2', { keys: mars('2.0.9085.0') });
    assert.equal(consumer(facts, 'azure-backup').status, 'not-ready');
  });

  test('a newer agent without the .NET values is unknown, and the target is what is missing', () => {
    const verdict = consumer(windowsMachine('2019', { keys: mars('2.0.9262.0') }), 'azure-backup');
    assert.equal(verdict.status, 'unknown');
    assert.deepEqual(verdict.missing, [{ kind: 'program-target' }]);
  });

  test('2008 R2 needs KB3140245, Schannel, WinHTTP and .NET', () => {
    const keys = {
      ...mars('2.0.9262.0'),
      [net4]: strong,
      [tls12Client]: on,
      [winHttp]: { DefaultSecureProtocols: 0xa80 },
    };
    const updates = ['KB3140245', 'KB3042058'];
    const ready = windowsMachine('2008 R2 SP1', { keys, updates });
    assert.equal(consumer(ready, 'azure-backup').status, 'ready');
    assert.equal(
      consumer(windowsMachine('2008 R2 SP1', { keys }), 'azure-backup').status,
      'not-ready',
    );
  });

  test('its own conditions are told', () => {
    const keys = {
      ...mars('2.0.9000.0'),
      'HKLM\\SYSTEM\\CurrentControlSet\\Services\\obengine': { Start: 4 },
      'HKLM\\SOFTWARE\\Microsoft\\PowerShell\\1\\PowerShellEngine': { PowerShellVersion: '2.0' },
    };
    const ids = findingsOf(windowsMachine('2008 R2 SP1', { keys, release: 378_389 }));
    for (const id of ['mars-dotnet', 'mars-old', 'mars-powershell', 'service-disabled']) {
      assert.ok(ids.includes(`agent/${id}`), id);
    }
  });

  test('a distrusted root is an error, absent roots matter only without automatic update', () => {
    const g2 = 'DF3C24F9BFD666761B268073FE06D1CC8D4F82A4';
    const distrusted = windowsMachine('2019', {
      keys: { [`${certificates}\\Disallowed\\Certificates\\${g2}`]: { Blob: 1 } },
    });
    const { findings } = diagnose(distrusted);
    const finding = findings.find(({ id }) => id === 'roots/distrusted');
    assert.equal(finding?.evidence[0]?.value, 'DigiCert Global Root G2');
    assert.ok(remediesFor(distrusted, findings).some(({ text }) => text === 'root-trust'));
    assert.ok(!findingsOf(windowsMachine('2019')).includes('roots/no-update'));
    const cut = windowsMachine('2019', {
      keys: { [`${policies}\\SystemCertificates\\AuthRoot`]: { DisableRootAutoUpdate: 1 } },
    });
    assert.ok(findingsOf(cut).includes('roots/no-update'));
  });
});

describe('other consumers', () => {
  test('Sealift and restic bring their own TLS, whatever Windows does', () => {
    const facts = windowsMachine('7 SP1');
    assert.equal(consumer(facts, 'sealift').status, 'ready');
    assert.equal(consumer(facts, 'restic').status, 'ready');
  });

  test('DPM is unknown as long as the version of its SQL Server is', () => {
    const keys = {
      [net4]: strong,
      [`${uninstall}\\DPM`]: {
        DisplayName: 'Microsoft System Center 2012 R2 Data Protection Manager',
      },
    };
    const verdict = consumer(windowsMachine('2012 R2', { keys }), 'dpm');
    assert.equal(verdict.status, 'unknown');
    assert.deepEqual(verdict.missing, [{ kind: 'version', what: 'SQL Server' }]);
  });

  const sqlServer = 'HKLM\\SOFTWARE\\Microsoft\\Microsoft SQL Server';
  const dpmOn = (version: string, database: Record<string, string> = {}) => ({
    [`${uninstall}\\DPM`]: {
      DisplayName: 'Microsoft System Center 2012 R2 Data Protection Manager',
      DisplayVersion: '4.2.1205.0',
    },
    [net4]: strong,
    [net4in32]: strong,
    [`${sqlServer}\\Instance Names\\SQL`]: { MSDPM2012: 'MSSQL11.MSDPM2012' },
    [`${sqlServer}\\MSSQL11.MSDPM2012\\Setup`]: { PatchLevel: version },
    'HKLM\\SOFTWARE\\Microsoft\\Microsoft Data Protection Manager\\DB': database,
  });

  test('DPM on a SQL Server with TLS 1.2 is judged by its stacks', () => {
    const facts = windowsMachine('2012 R2', { keys: dpmOn('11.4.7001.0') });
    assert.equal(consumer(facts, 'dpm').status, 'ready');
    assert.equal(findingsOf(facts).includes('agent/dpm-sql'), false);
  });

  test('a SQL Server without TLS 1.2 is a finding with the build to install', () => {
    const facts = windowsMachine('2012 R2', { keys: dpmOn('11.0.2100.60') });
    const finding = diagnose(facts).findings.find(({ id }) => id === 'agent/dpm-sql');
    assert.deepEqual(finding?.fields, {
      ...{ instance: 'MSDPM2012', found: '11.0.2100.60', needed: '11.0.7001' },
    });
    assert.equal(finding.evidence[0]?.value, '11.0.2100.60');
  });

  test('without TLS 1.2 in SQL Server DPM is ready only as long as TLS 1.0 is on', () => {
    const keys = dpmOn('11.0.2100.60');
    assert.equal(consumer(windowsMachine('2012 R2', { keys }), 'dpm').status, 'ready');
    for (const role of ['Client', 'Server']) {
      const off = { ...keys, [`${schannel}\\Protocols\\TLS 1.0\\${role}`]: { Enabled: 0 } };
      const facts = windowsMachine('2012 R2', { keys: off });
      assert.equal(consumer(facts, 'dpm').status, 'not-ready');
      const finding = diagnose(facts).findings.find(({ id }) => id === 'agent/dpm-sql-lost');
      assert.equal(finding?.severity, 'error');
      assert.match(finding.evidence[1]?.path ?? '', new RegExp(`TLS 1\\.0\\\\${role}$`));
      const updated = { ...off, ...dpmOn('11.4.7001.0') };
      assert.equal(consumer(windowsMachine('2012 R2', { keys: updated }), 'dpm').status, 'ready');
    }
  });

  test("the system's own TLS is a consumer: Schannel's default list on Windows", () => {
    const facts = windowsMachine('7 SP1');
    assert.equal(consumer(facts, 'system').status, 'not-ready');
    assert.deepEqual(
      consumer(facts, 'system').stacks.map(({ stack }) => stack),
      ['schannel'],
    );
    assert.equal(consumer(windowsMachine('2022'), 'system').status, 'ready');
  });

  test('a catalogue on another server is not judged by the SQL Server of this one', () => {
    const computer = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName';
    const keys = {
      ...dpmOn('11.0.2100.60', { SqlServer: 'SQL01.corp.example', InstanceName: 'MSDPM2012' }),
      [computer]: { ComputerName: 'DPM01' },
    };
    const facts = windowsMachine('2012 R2', { keys });
    assert.equal(findingsOf(facts).includes('agent/dpm-sql'), false);
    assert.deepEqual(consumer(facts, 'dpm').missing, [{ kind: 'version', what: 'SQL Server' }]);
  });

  test('service packs that the updates need are asked for', () => {
    assert.ok(findingsOf(windowsMachine('7')).includes('os/service-pack'));
    assert.ok(findingsOf(windowsMachine('2008')).includes('os/service-pack'));
  });

  test('every prediction offers only versions that its own hello can carry', () => {
    for (const system of ['7 SP1', '2012', '2019', '2025'] as const) {
      for (const { outcomes } of diagnose(windowsMachine(system)).stacks) {
        for (const { scenario } of outcomes) {
          const best = Math.max(0, ...scenario.versions);
          assert.ok(scenario.offer.legacyVersion <= tls12);
          assert.equal(scenario.offer.versions !== undefined, best > tls12);
        }
      }
    }
  });
});
