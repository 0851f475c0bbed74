/** Remedies as files, each change with its undo, in every format that somebody may want. */

import { fillText } from '../../base/fill-text.ts';
import { type Language, textsIn } from '../texts/texts.ts';
import { emitAnsible } from './emit-ansible.ts';
import { emitCmd } from './emit-cmd.ts';
import { emitGpp, ofUser } from './emit-gpp.ts';
import { emitPowerShell } from './emit-powershell.ts';
import { emitReg, encodeRegFile } from './emit-reg.ts';
import { emitShell } from './emit-sh.ts';
import { applyOperations, type Operation, undoOperations } from './operations.ts';
import type { Remedy } from './remedies.ts';

export const fixFormats = ['reg', 'ps1', 'cmd', 'sh', 'ansible', 'gpp'] as const;
export type FixFormat = (typeof fixFormats)[number];

export interface FixFile {
  readonly format: FixFormat;
  /** `fix-web01.reg`, `undo-web01.reg` */
  readonly name: string;
  readonly undo: boolean;
  readonly bytes: Uint8Array;
  /** A script that is run as it is. */
  readonly executable: boolean;
}

export interface FixTarget {
  readonly format: FixFormat;
  /** Of the machine, fit for a file. */
  readonly name: string;
  readonly language: Language;
  /** For formats that carry their date. */
  readonly nowMs: number;
}

/** Each change before its undo; none for a machine that needs no change of this format. */
export function fixFiles(remedies: readonly Remedy[], target: FixTarget): FixFile[] {
  const { format, name, nowMs } = target;
  if (format === 'sh') return shellFiles(remedies, target);
  const apply = applyOperations(remedies);
  const undo = undoOperations(remedies);
  switch (format) {
    case 'ansible':
      return pair(target, { apply, undo, ending: '.yml' }, (operations, comments) =>
        utf8(
          emitAnsible(operations, {
            ...{ title: `Sealift: ${name}`, host: name, comments },
          }),
        ),
      )(notesOf(remedies, target));
    case 'gpp':
      return [false, true].flatMap((isUser) => {
        const own = (operation: Operation): boolean => ofUser(operation) === isUser;
        const ending = isUser ? '-user-registry.xml' : '-registry.xml';
        const parts = { apply: apply.filter(own), undo: undo.filter(own), ending };
        return pair(target, parts, (operations, comments) =>
          utf8(emitGpp(operations, { nowMs, comments })),
        )(notesOf(remedies, target));
      });
    default:
      return pair(
        target,
        { apply, undo, ending: `.${format}` },
        encoders[format],
      )(notesOf(remedies, target));
  }
}

/** A machine's name as that of a file. */
export function fileNameOf(machine: string): string {
  return machine.replace(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^\.+/, '') || 'machine';
}

type Encoder = (operations: readonly Operation[], notes: readonly string[]) => Uint8Array;

const encoders: Readonly<Record<'reg' | 'ps1' | 'cmd', Encoder>> = {
  reg: (operations, notes) => encodeRegFile(emitReg(operations, notes)),
  // With a mark PowerShell of every version reads it as UTF-8.
  ps1: (operations, notes) => utf8(`\ufeff${emitPowerShell(operations, notes.map(ascii))}`),
  cmd: (operations, notes) => utf8(emitCmd(operations, notes.map(ascii))),
};

interface Parts {
  readonly apply: readonly Operation[];
  readonly undo: readonly Operation[];
  readonly ending: string;
}

function pair(
  { format, name }: FixTarget,
  { apply, undo, ending }: Parts,
  encode: Encoder,
): (notesFor: (undoName: string) => readonly string[]) => FixFile[] {
  return (notesFor) => {
    if (apply.length === 0) return [];
    const [fixName, undoName] = [`fix-${name}${ending}`, `undo-${name}${ending}`];
    const more = { format, executable: false };
    return [
      { ...more, name: fixName, undo: false, bytes: encode(apply, notesFor(undoName)) },
      { ...more, name: undoName, undo: true, bytes: encode(undo, []) },
    ];
  };
}

function titlesOf(
  remedies: readonly Remedy[],
  { language }: FixTarget,
  isIn: (remedy: Remedy) => boolean,
): string[] {
  const texts = textsIn(language).remedies;
  return remedies.filter(isIn).map(({ text, fields }) => fillText(texts[text], fields));
}

/** Batch files are read in a code page and PowerShell 2.0 scripts too: English is the same in all. */
function notesOf(remedies: readonly Remedy[], given: FixTarget) {
  const isScript = given.format === 'ps1' || given.format === 'cmd';
  const target: FixTarget = isScript ? { ...given, language: 'en' } : given;
  const { report, restart } = textsIn(target.language);
  return (undoName: string): readonly string[] => [
    ...titlesOf(remedies, target, ({ changes }) => changes.length > 0),
    restart.reboot,
    fillText(report.undoBelow, { file: undoName }),
  ];
}

/** Scripts for Linux; nothing for a machine without a file to change. */
function shellFiles(remedies: readonly Remedy[], target: FixTarget): FixFile[] {
  const edits = remedies.flatMap(({ edits: own = [] }) => own);
  if (edits.length === 0) return [];
  const [fixName, undoName] = [`fix-${target.name}.sh`, `undo-${target.name}.sh`];
  const { apply, undo } = emitShell(edits, [
    ...titlesOf(remedies, target, ({ byHand }) => !byHand),
    textsIn(target.language).restart.programs,
    fillText(textsIn(target.language).report.undoBelow, { file: undoName }),
  ]);
  const more = { format: 'sh', executable: true } as const;
  return [
    { ...more, name: fixName, undo: false, bytes: utf8(apply) },
    { ...more, name: undoName, undo: true, bytes: utf8(undo) },
  ];
}

function utf8(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
