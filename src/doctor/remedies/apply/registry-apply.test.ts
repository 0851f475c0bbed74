import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { tempFolder } from '../../../../test/support/temp-folder.ts';
import { regText, tls12Client, windowsMachine } from '../../../../test/support/windows-machine.ts';
import { SealiftError } from '../../../base/errors.ts';
import { diagnose } from '../../doctor.ts';
import { decodeRegFile } from '../../facts/registry/reg-text.ts';
import type { RunTool } from '../../facts/windows-live.ts';
import { encodeRegFile } from '../emit-reg.ts';
import { remediesFor } from '../remedies.ts';
import { applyToRegistry } from './registry-apply.ts';

const now = new Date('2026-11-24T20:00:00Z');

function remedies() {
  const facts = windowsMachine('2019', { keys: { [tls12Client]: { Enabled: 0 } } });
  const all = remediesFor(facts, diagnose(facts).findings);
  return all.filter(({ id }) => id === 'schannel-tls12');
}

/** A machine that only has that key, and lets nobody import. */
function lockedMachine(imports: string[]): RunTool {
  return async (_tool, [action = '', path = '', file = '']) => {
    const nothing = { code: 1, output: new Uint8Array() };
    if (action === 'import') {
      imports.push(decodeRegFile(readFileSync(path)));
      return nothing;
    }
    if (action !== 'export' || path !== tls12Client) return nothing;
    writeFileSync(file, encodeRegFile(regText({ [tls12Client]: { Enabled: 0 } })));
    return { code: 0, output: new Uint8Array() };
  };
}

describe('a fix of the registry', () => {
  test('without the right to write says so, and keeps nothing', async (context) => {
    const stateFolder = join(tempFolder(context), 'state');
    const imports: string[] = [];
    await assert.rejects(
      applyToRegistry(remedies(), lockedMachine(imports), { stateFolder, now }),
      (error) => error instanceof SealiftError && error.code === 'fix/forbidden',
    );
    assert.deepEqual(readdirSync(stateFolder), []);
    assert.equal(imports.length, 2, 'the change, then what was there');
    assert.match(imports[1] ?? '', /"Enabled"=dword:00000000/);
  });

  test('where what was there cannot be kept, imports nothing', async (context) => {
    const stateFolder = join(tempFolder(context), 'state');
    writeFileSync(stateFolder, 'a file');
    const imports: string[] = [];
    await assert.rejects(
      applyToRegistry(remedies(), lockedMachine(imports), { stateFolder, now }),
      (error) => error instanceof SealiftError && error.code === 'fix/forbidden',
    );
    assert.deepEqual(imports, []);
  });

  test('without reg.exe changes nothing, and blames neither the key nor the user', async (context) => {
    const stateFolder = join(tempFolder(context), 'state');
    const noTool: RunTool = async () => ({ code: undefined, output: new Uint8Array() });
    await assert.rejects(applyToRegistry(remedies(), noTool, { stateFolder, now }), (error) => {
      assert.ok(error instanceof SealiftError);
      assert.equal(error.code, 'facts/unreadable');
      assert.match(error.message, /reg\.exe did not start/);
      assert.doesNotMatch(error.hint ?? '', /administrator/);
      return true;
    });
    assert.equal(existsSync(stateFolder), false);
  });
});
