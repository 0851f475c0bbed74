/** Remedies on Linux: lines of configuration files and the system's policy, as data. */

import type { Facts, StackFact } from '../facts/facts.ts';

/** A change of one file or of the policy; what stood there is kept by the script that makes it. */
export type FileEdit =
  /** A line that sets `command`, as the facts place it, gets a new value. */
  | {
      readonly kind: 'openssl-line';
      readonly file: string;
      readonly line: number;
      readonly command: string;
      readonly value: string;
    }
  /** A property at the end of the file, where the last of equal names counts. */
  | {
      readonly kind: 'java-property';
      readonly file: string;
      readonly name: string;
      readonly value: string;
    }
  | { readonly kind: 'crypto-policy'; readonly from: string; readonly to: string };

/** Where and what, in the file's own language. */
export function editText(edit: FileEdit): string {
  switch (edit.kind) {
    case 'openssl-line':
      return `${edit.file}:${edit.line}  ${edit.command} = ${edit.value}`;
    case 'java-property':
      return `${edit.file}  ${edit.name}=${edit.value}`;
    case 'crypto-policy':
      return `update-crypto-policies --set ${edit.to}  (${edit.from})`;
  }
}

const commands = {
  'openssl-max-protocol': ['MaxProtocol', 'TLSv1.3'],
  'openssl-min-protocol': ['MinProtocol', 'TLSv1.2'],
  'openssl-cipher-string': ['CipherString', 'DEFAULT:@SECLEVEL=2'],
} as const;

export const linuxRemedyIds = [
  ...(['openssl-max-protocol', 'openssl-min-protocol', 'openssl-cipher-string'] as const),
  ...(['crypto-policy-default', 'java-disabled-algorithms'] as const),
] as const;
export type LinuxRemedyId = (typeof linuxRemedyIds)[number];

/** Written anew by update-crypto-policies: an edit would not last. */
const generatedFolder = '/etc/crypto-policies/';

const disabledAlgorithms = 'jdk.tls.disabledAlgorithms';
const modernVersions = /^TLSv1\.[23]$/i;

export function linuxEdits(facts: Facts, id: LinuxRemedyId): FileEdit[] {
  switch (id) {
    case 'crypto-policy-default': {
      const from = facts.stacks
        .map(({ settings }) => settings?.['cryptoPolicy'])
        .find((policy) => typeof policy === 'string');
      return from === undefined ? [] : [{ kind: 'crypto-policy', from, to: 'DEFAULT' }];
    }
    case 'java-disabled-algorithms':
      return facts.stacks.flatMap(javaEdits);
    default:
      return distinctEdits(facts.stacks.flatMap((fact) => commandEdits(fact, commands[id])));
  }
}

/** Two libraries may read one configuration. */
function distinctEdits(edits: readonly FileEdit[]): FileEdit[] {
  return [
    ...new Map(edits.map((edit): [string, FileEdit] => [JSON.stringify(edit), edit])).values(),
  ];
}

function commandEdits(
  { kind, settings, origins }: StackFact,
  [command, value]: readonly [command: string, value: string],
): FileEdit[] {
  const origin = origins?.[command];
  if (kind !== 'openssl' || settings?.[command] === undefined) return [];
  if (origin?.line === undefined || origin.file.startsWith(generatedFolder)) return [];
  return [{ kind: 'openssl-line', file: origin.file, line: origin.line, command, value }];
}

/** The list without the versions that a modern server needs. */
function javaEdits({ kind, settings, origins }: StackFact): FileEdit[] {
  const value = settings?.[disabledAlgorithms];
  const origin = origins?.[disabledAlgorithms];
  if (kind !== 'java' || typeof value !== 'string') return [];
  if (origin === undefined || origin.file.startsWith(generatedFolder)) return [];
  const kept = value.split(',').map((entry) => entry.trim());
  const wanted = kept.filter((entry) => !modernVersions.test(entry));
  if (wanted.length === kept.length) return [];
  const { file } = origin;
  return [{ kind: 'java-property', file, name: disabledAlgorithms, value: wanted.join(', ') }];
}
