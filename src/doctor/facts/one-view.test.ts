import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  factsOfReg,
  machineReg,
  net4,
  net4in32,
  winHttp,
} from '../../../test/support/windows-machine.ts';
import { diagnose } from '../doctor.ts';
import { undoOperations } from '../remedies/operations.ts';
import { remediesFor } from '../remedies/remedies.ts';
import { viewOf } from './registry-view.ts';

const environment = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment';

/** What a 32-bit reg.exe exports: no WOW6432Node, and its values in the place of the others. */
function export32(architecture?: string) {
  const keys = {
    [net4]: { SchUseStrongCrypto: 1, SystemDefaultTlsVersions: 1 },
    [winHttp]: { DefaultSecureProtocols: 0x800 },
    ...(architecture === undefined
      ? {}
      : { [environment]: { PROCESSOR_ARCHITECTURE: architecture } }),
  };
  const text = machineReg('2012', { updates: ['KB3140245'], keys });
  return factsOfReg(text.replace(/\[HKLM\\SOFTWARE\\WOW6432Node\\Microsoft\]\r\n/, ''));
}

describe('an export of SOFTWARE without WOW6432Node', () => {
  test('of a 64-bit Windows is the view of 32-bit programs; the other one is unknown', () => {
    const facts = export32('AMD64');
    assert.equal(facts.os?.build, 9200);
    const view = viewOf(facts);
    assert.equal(view.dword(net4in32, 'SchUseStrongCrypto').kind, 'set');
    assert.equal(view.dword(net4, 'SchUseStrongCrypto').kind, 'unread');
    const { stacks, findings } = diagnose(facts);
    const statusOf = (id: string) => stacks.find(({ stack }) => stack === id)?.status;
    assert.equal(statusOf('dotnet4-32'), 'ready');
    assert.equal(statusOf('dotnet4-64'), 'unknown');
    assert.notEqual(statusOf('winhttp-64'), 'not-ready');
    const told = findings.find(({ id }) => id === 'facts/one-view');
    assert.equal(told?.evidence[0]?.file, 'machine.reg');
  });

  test('of an unknown Windows leaves the view of 32-bit programs unknown, and no undo takes it away', () => {
    const facts = export32();
    const view = viewOf(facts);
    assert.equal(view.dword(net4, 'SchUseStrongCrypto').kind, 'set');
    assert.equal(view.dword(net4in32, 'SchUseStrongCrypto').kind, 'unread');
    const { findings } = diagnose(facts);
    assert.ok(findings.some(({ id }) => id === 'facts/one-view'));
    const undo = undoOperations(remediesFor(facts, findings));
    assert.deepEqual(
      undo.filter(({ kind, path }) => kind === 'delete-key' && /WOW6432Node/i.test(path)),
      [],
    );
  });

  test('of a 32-bit Windows is all that there is', () => {
    const facts = export32('x86');
    const { stacks, findings } = diagnose(facts);
    assert.equal(stacks.find(({ stack }) => stack === 'dotnet4-32')?.status, 'ready');
    assert.ok(!findings.some(({ id }) => id === 'facts/one-view'));
  });
});
