/** Remedies for those who manage machines from one place: an Ansible playbook, a Group Policy preference. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillText } from '../base/fill-text.ts';
import { emitAnsible } from '../doctor/remedies/emit-ansible.ts';
import { emitGpp, ofUser } from '../doctor/remedies/emit-gpp.ts';
import { applyOperations, type Operation, undoOperations } from '../doctor/remedies/operations.ts';
import type { Remedy } from '../doctor/remedies/remedies.ts';
import { textsIn } from '../doctor/texts/texts.ts';
import type { Context } from './context.ts';

export type ManagedFormat = 'ansible' | 'gpp';

export interface ManagedTarget {
  readonly folder: string;
  /** Of the machine, fit for a file. */
  readonly name: string;
  readonly format: ManagedFormat;
  readonly context: Context;
}

/**
 * Writes the changes and their undo; nothing for a machine that needs no change.
 * @returns the files, each change before its undo
 */
export async function writeManaged(
  remedies: readonly Remedy[],
  { folder, name, format, context }: ManagedTarget,
): Promise<string[]> {
  const { report, remedies: titles, restart } = textsIn(context.language);
  const notes = [
    ...remedies
      .filter(({ changes }) => changes.length > 0)
      .map(({ text, fields }) => fillText(titles[text], fields)),
    restart.reboot,
  ];
  const files: string[] = [];
  const write = async (
    { apply, undo, ending }: Pair,
    encode: (operations: readonly Operation[], comments: readonly string[]) => string,
  ): Promise<void> => {
    if (apply.length === 0) return;
    const names = [`fix-${name}${ending}`, `undo-${name}${ending}`] as const;
    const hint = fillText(report.undoBelow, { file: names[1] });
    const both = [encode(apply, [...notes, hint]), encode(undo, [])] as const;
    for (const [i, file] of names.entries()) {
      await writeFile(join(folder, file), both[i] ?? '');
      files.push(join(folder, file));
    }
  };
  const apply = applyOperations(remedies);
  const undo = undoOperations(remedies);
  if (format === 'ansible') {
    await write({ apply, undo, ending: '.yml' }, (operations, comments) =>
      emitAnsible(operations, { title: `Sealift: ${name}`, host: name, comments }),
    );
    return files;
  }
  const nowMs = Date.now();
  for (const isUser of [false, true]) {
    const own = (operation: Operation): boolean => ofUser(operation) === isUser;
    const ending = isUser ? '-user-registry.xml' : '-registry.xml';
    await write(
      { apply: apply.filter(own), undo: undo.filter(own), ending },
      (operations, comments) => emitGpp(operations, { nowMs, comments }),
    );
  }
  return files;
}

interface Pair {
  readonly apply: readonly Operation[];
  readonly undo: readonly Operation[];
  readonly ending: string;
}
