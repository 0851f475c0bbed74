import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { tempFolder } from '../../../../test/support/temp-folder.ts';
import { SealiftError } from '../../../base/errors.ts';
import type { FileEdit } from '../linux-remedies.ts';
import type { Remedy } from '../remedies.ts';
import { applyToFiles, edited, undoInFiles } from './files-apply.ts';
import { readJournal } from './journal.ts';

const nobody = 65534;
const now = new Date('2026-11-24T20:00:00Z');
const cnf = '[ssl]\r\nMinProtocol = TLSv1.0\nname = caf\xe9\nMaxProtocol = TLSv1.1';
const edits: readonly FileEdit[] = [
  { kind: 'openssl-line', file: '/etc/ssl.cnf', line: 4, command: 'MaxProtocol', value: 'TLSv1.3' },
  { kind: 'java-property', file: '/etc/java.security', name: 'jdk.a', value: 'RC4' },
];

function remedies(list: readonly FileEdit[] = edits): Remedy[] {
  return [
    { id: 'x', text: 'openssl-max-protocol', fields: {}, changes: [], byHand: false, edits: list },
  ];
}

function setUp(context: Parameters<typeof tempFolder>[0]) {
  const folder = tempFolder(context);
  const root = join(folder, 'disk');
  const stateFolder = join(folder, 'state');
  const files = { 'etc/ssl.cnf': cnf, 'etc/java.security': 'a=b\n' };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, 'latin1');
  }
  const policies: string[] = [];
  const setPolicy = async (name: string) => policies.push(name) > 0;
  const apply = (list = remedies()) =>
    applyToFiles(list, { root, setPolicy }, { stateFolder, now });
  const undo = async (id: string) => {
    const { folder: own, journal } = await readJournal(stateFolder, id);
    return undoInFiles(journal, own, { setPolicy, now });
  };
  const read = (path: string) => readFileSync(join(root, path), 'latin1');
  return { ...{ root, stateFolder, apply, undo, read, policies, files } };
}

function isCode(code: string) {
  return (error: unknown) => error instanceof SealiftError && error.code === code;
}

describe('a fix of files', () => {
  test('changes the lines that are named, keeps the mode, and is undone byte for byte', async (context) => {
    const { apply, undo, read, root, files } = setUp(context);
    chmodSync(join(root, 'etc/ssl.cnf'), 0o640);
    const before = statSync(join(root, 'etc/ssl.cnf'));
    const journal = await apply();
    assert.ok(journal);
    assert.equal(read('etc/ssl.cnf'), cnf.replace('TLSv1.1', 'TLSv1.3'));
    assert.match(read('etc/java.security'), /\njdk\.a=RC4\n$/);
    assert.equal(statSync(join(root, 'etc/ssl.cnf')).mode, before.mode);
    assert.deepEqual(await undo('latest'), { changed: true });
    for (const [path, text] of Object.entries(files)) assert.equal(read(path), text);
    assert.equal(
      Math.round(statSync(join(root, 'etc/ssl.cnf')).mtimeMs),
      Math.round(before.mtimeMs),
    );
    assert.deepEqual(await undo(journal.id), { changed: false });
  });

  test('a second time changes nothing and keeps nothing', async (context) => {
    const { apply, stateFolder } = setUp(context);
    await apply();
    assert.equal(await apply(), undefined);
    assert.equal(readdirSync(stateFolder).length, 1);
  });

  test('is not undone over what somebody changed since', async (context) => {
    const { apply, undo, root, read } = setUp(context);
    await apply();
    writeFileSync(join(root, 'etc/ssl.cnf'), 'mine');
    await assert.rejects(undo('latest'), isCode('fix/changed'));
    assert.equal(read('etc/ssl.cnf'), 'mine');
    assert.match(read('etc/java.security'), /jdk\.a=RC4/);
  });

  test('changes nothing when a line says something else by now', async (context) => {
    const { apply, root, read, stateFolder, files } = setUp(context);
    writeFileSync(join(root, 'etc/ssl.cnf'), 'other\n');
    await assert.rejects(apply(), isCode('fix/changed'));
    assert.equal(read('etc/java.security'), files['etc/java.security']);
    assert.equal(existsSync(stateFolder), false);
  });

  test('changes nothing where what was there cannot be kept', async (context) => {
    const { apply, read, stateFolder, files } = setUp(context);
    writeFileSync(stateFolder, 'a file, not a folder');
    await assert.rejects(apply(), isCode('fix/forbidden'));
    for (const [path, text] of Object.entries(files)) assert.equal(read(path), text);
  });

  test('changes nothing where one of the files may not be written', async (context) => {
    const { apply, read, root, files } = setUp(context);
    chmodSync(join(root, 'etc/java.security'), 0o444);
    if (process.getuid?.() === 0) {
      // root may write anything, so the test acts as an account that may not.
      const folder = dirname(root);
      for (const path of [folder, ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
        chownSync(resolve(folder, path), nobody, nobody);
      }
      process.seteuid?.(nobody);
    }
    try {
      await assert.rejects(apply(), isCode('fix/forbidden'));
    } finally {
      if (process.getuid?.() === 0) process.seteuid?.(0);
    }
    assert.equal(read('etc/ssl.cnf'), files['etc/ssl.cnf']);
  });

  test('sets the policy of the system and sets it back', async (context) => {
    const { apply, undo, policies } = setUp(context);
    await apply(remedies([{ kind: 'crypto-policy', from: 'LEGACY', to: 'DEFAULT' }]));
    await undo('latest');
    assert.deepEqual(policies, ['DEFAULT', 'LEGACY']);
  });

  test('an ID that was never made is refused', async (context) => {
    await assert.rejects(setUp(context).undo('../../etc'), isCode('fix/unknown-id'));
  });
});

test('an edit keeps all of its line up to the equals sign', () => {
  const edit: FileEdit = {
    ...{ kind: 'openssl-line', file: '/f', line: 1 },
    ...{ command: 'MinProtocol', value: 'TLSv1.2' },
  };
  assert.equal(
    edited('  system.MinProtocol= TLSv1\r\nx', edit),
    '  system.MinProtocol= TLSv1.2\r\nx',
  );
});
