/**
 * Operations as an Ansible playbook of `ansible.windows.win_regedit` tasks.
 * Source: the module's documentation, ansible.windows collection 2 and later.
 */

import { Document, visit } from 'yaml';
import { toRegistryValue } from './emit-reg.ts';
import type { Operation, ValueData } from './operations.ts';

const kinds: Readonly<Record<string, string>> = {
  REG_NONE: 'none',
  REG_SZ: 'string',
  REG_EXPAND_SZ: 'expandstring',
  REG_BINARY: 'binary',
  REG_DWORD: 'dword',
  REG_MULTI_SZ: 'multistring',
  REG_QWORD: 'qword',
};

export interface PlaybookOptions {
  readonly title: string;
  /** The machine's name in the inventory. */
  readonly host: string;
  /** Lines for the head of the file. */
  readonly comments?: readonly string[];
}

/** What the module cannot write (a rare type of value) stands as a comment. */
export function emitAnsible(operations: readonly Operation[], options: PlaybookOptions): string {
  const { title, host, comments = [] } = options;
  const tasks = operations.flatMap((operation) => taskOf(operation) ?? []);
  const left = operations.filter((operation) => taskOf(operation) === undefined);
  const play = { name: title, hosts: host, gather_facts: false, tasks };
  const head = [...comments, ...left.map(leftText)].map(
    (line) => `# ${line.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')}\n`,
  );
  const document = new Document([play]);
  visit(document, {
    Scalar: (_, node) => {
      // What looks like a template of Jinja is text of the machine: Ansible must not run it.
      if (typeof node.value === 'string' && /\{[{%#]/.test(node.value)) node.tag = '!unsafe';
    },
  });
  return `${head.join('')}---\n${document.toString({ lineWidth: 0 })}`;
}

function taskOf(operation: Operation): Record<string, unknown> | undefined {
  const path = operation.path.replace('\\', ':\\');
  switch (operation.kind) {
    case 'set': {
      const type = kinds[operation.value.type];
      const data = dataOf(operation.value);
      if (type === undefined || data === undefined) return undefined;
      return {
        name: plain(`${operation.path} ${operation.name}`),
        'ansible.windows.win_regedit': {
          ...{ path, name: operation.name },
          ...{ data, type, state: 'present' },
        },
      };
    }
    case 'delete-value':
      return {
        name: plain(`${operation.path} ${operation.name}: absent`),
        'ansible.windows.win_regedit': { path, name: operation.name, state: 'absent' },
      };
    case 'delete-key':
      return {
        name: plain(`${operation.path}: absent`),
        'ansible.windows.win_regedit': { path, state: 'absent', delete_key: true },
      };
    case 'unknown':
      return undefined;
  }
}

function dataOf(value: ValueData): unknown {
  const { type, data } = value;
  if (type === 'REG_BINARY' || type === 'REG_NONE' || type === 'REG_QWORD') {
    const hex = Buffer.from(toRegistryValue('', value).data).toString('hex');
    // The module reads `hex:` texts as regedit writes them; a qword in its hexadecimal digits.
    if (type !== 'REG_QWORD') return `hex:${(hex.match(/../g) ?? []).join(',')}`;
    return `0x${(hex.match(/../g) ?? []).toReversed().join('')}`;
  }
  // Bytes that are not what the type says.
  return typeof data === 'object' && 'hex' in data ? undefined : data;
}

/** A task's name is a template in Ansible, and a key's name comes from the machine. */
function plain(text: string): string {
  return text.replace(/[{}]/g, '_').replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}

function leftText(operation: Operation): string {
  const name = 'name' in operation ? operation.name : '';
  return operation.kind === 'unknown'
    ? `${operation.path}\\${name} was not read: what stood there is unknown`
    : `${operation.path}\\${name}: this type of value is set by hand`;
}
