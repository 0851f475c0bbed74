import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { factsOfReg, machineReg, tls12Client } from '../../../test/support/windows-machine.ts';
import { diagnose } from '../doctor.ts';
import { emitAnsible } from './emit-ansible.ts';
import { emitGpp, ofUser } from './emit-gpp.ts';
import { applyOperations, type Operation, undoOperations } from './operations.ts';
import { remediesFor } from './remedies.ts';

const facts = factsOfReg(
  machineReg('2008 R2 SP1', {
    updates: ['KB3140245', 'KB3042058'],
    keys: { [tls12Client]: { Enabled: 0, DisabledByDefault: 1 } },
  }),
);
const remedies = remediesFor(facts, diagnose(facts).findings);
const client =
  'SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.2\\Client';

interface Task {
  readonly name: string;
  readonly 'ansible.windows.win_regedit': Readonly<Record<string, unknown>>;
}

function tasksOf(text: string): Task[] {
  const plays = parse(text, { logLevel: 'silent' }) as { readonly tasks: Task[] }[];
  assert.equal(plays.length, 1);
  return plays[0]?.tasks ?? [];
}

describe('the Ansible playbook', () => {
  const options = { title: 'Sealift: FILE01', host: 'FILE01' };

  test('sets each value that the remedies change, by the module for the registry', () => {
    const operations = applyOperations(remedies);
    const tasks = tasksOf(emitAnsible(operations, options));
    assert.equal(tasks.length, operations.length);
    assert.deepEqual(
      tasks
        .map((task) => task['ansible.windows.win_regedit'])
        .filter(({ path }) => path === `HKLM:\\${client}`),
      [
        { path: `HKLM:\\${client}`, name: 'Enabled', data: 1, type: 'dword', state: 'present' },
        {
          ...{ path: `HKLM:\\${client}`, name: 'DisabledByDefault', data: 0 },
          ...{ type: 'dword', state: 'present' },
        },
      ],
    );
  });

  test('its undo puts back what was there and takes away what was not', () => {
    const undo = tasksOf(emitAnsible(undoOperations(remedies), options)).map(
      (task) => task['ansible.windows.win_regedit'],
    );
    const enabled = undo.find(
      ({ path, name }) => path === `HKLM:\\${client}` && name === 'Enabled',
    );
    assert.equal(enabled?.['data'], 0);
    assert.ok(undo.some(({ state }) => state === 'absent'));
  });

  test('a name from the machine that looks like a template or like YAML stays text', () => {
    const hostile = "x: {{ lookup('pipe', 'id') }}\n- # &a *b !c";
    const operations: Operation[] = [
      {
        ...{ kind: 'set', path: 'HKLM\\SOFTWARE\\{{ evil }}', name: hostile },
        value: { type: 'REG_SZ', data: hostile },
      },
    ];
    const text = emitAnsible(operations, { ...options, comments: ['two\nlines: {{ a }}'] });
    const [task] = tasksOf(text);
    assert.equal(task?.['ansible.windows.win_regedit']['data'], hostile);
    assert.equal(task?.['ansible.windows.win_regedit']['name'], hostile);
    assert.doesNotMatch(task?.name ?? '', /[{}]/);
    for (const line of text
      .split('\n')
      .filter((part) => /\{\{/.test(part) && !part.startsWith('#')))
      assert.match(text, /!unsafe/, line);
  });
});

/** Elements with their attributes, by Python's parser: it refuses what is not well-formed. */
function parseXml(
  text: string,
): { tag: string; attributes: Record<string, string>; text: string | null }[] {
  const program =
    'import sys,json,xml.etree.ElementTree as e;' +
    'r=e.fromstring(sys.stdin.buffer.read());' +
    'print(json.dumps([dict(tag=x.tag,attributes=x.attrib,text=x.text) for x in r.iter()]))';
  return JSON.parse(execFileSync('python3', ['-c', program], { input: text, encoding: 'utf8' }));
}

function hasPython(): boolean {
  try {
    execFileSync('python3', ['-c', 'import xml.etree.ElementTree'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('the Group Policy preference', () => {
  const skip = hasPython() ? false : 'python3 is not installed';
  const options = { nowMs: Date.UTC(2026, 10, 24) };

  test('updates each value that the remedies change, its undo restores or deletes', {
    skip,
  }, () => {
    const operations = applyOperations(remedies).filter((operation) => !ofUser(operation));
    const properties = (list: readonly Operation[]) =>
      parseXml(emitGpp(list, options))
        .filter(({ tag }) => tag === 'Properties')
        .map(({ attributes }) => attributes);
    const applied = properties(operations);
    assert.equal(applied.length, operations.length);
    assert.deepEqual(
      applied.find(({ key, name }) => key === client && name === 'Enabled'),
      {
        ...{ action: 'U', displayDecimal: '0', default: '0', hive: 'HKEY_LOCAL_MACHINE' },
        ...{ key: client, name: 'Enabled', type: 'REG_DWORD', value: '00000001' },
      },
    );
    const undo = properties(undoOperations(remedies));
    const before = undo.find(({ key, name }) => key === client && name === 'Enabled');
    assert.equal(before?.['value'], '00000000');
    assert.ok(undo.some(({ action }) => action === 'D'));
  });

  test('hostile names and values are well-formed XML and stay as they were', { skip }, () => {
    const hostile = `"><Evil a='1'/> & ]]> -- \t\r\n 中文 😀`;
    const elements = parseXml(
      emitGpp(
        [
          {
            ...{ kind: 'set', path: `HKLM\\SOFTWARE\\${hostile}`, name: hostile },
            value: { type: 'REG_MULTI_SZ', data: [hostile, '2'] },
          },
          { kind: 'set', path: 'HKLM\\S', name: '\u0001', value: { type: 'REG_DWORD', data: 1 } },
          { kind: 'unknown', path: 'HKLM\\S', name: 'a--b-' },
        ],
        { ...options, comments: ['-->', '- -- ---'] },
      ),
    );
    assert.deepEqual(
      elements.map(({ tag }) => tag),
      ['RegistrySettings', 'Registry', 'Properties', 'Values', 'Value', 'Value'],
    );
    assert.equal(elements[2]?.attributes['name'], hostile);
    assert.equal(elements[4]?.text, hostile);
  });
});
