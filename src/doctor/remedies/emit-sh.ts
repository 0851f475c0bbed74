/**
 * Edits as a POSIX shell script, and the script that takes them back. Before the first change a file is
 * copied whole; the undo puts exactly these bytes back, unless somebody changed the file in between.
 */

import type { FileEdit } from './linux-remedies.ts';

/** Both scripts must agree on it. */
const stateFolder = '/var/lib/sealift/fix';

const prelude = `set -eu
# SEALIFT_ROOT: a folder that stands for /, to try the script.
root=\${SEALIFT_ROOT:-}
state=$root${stateFolder}
fail() { printf '%s\\n' "$1" >&2; exit 1; }
`;

const helpers = `# Keeps the file as it was, once.
keep() {
  [ -w "$root$1" ] || fail "cannot write $1; nothing was changed in it"
  mkdir -p "$state"
  [ -e "$state/$2" ] || cp -p -- "$root$1" "$state/$2"
}
# Remembers what the file is now, so that the undo sees later changes.
seal() { cksum < "$root$1" > "$state/$2.sum"; }
# set_line FILE LINE COMMAND VALUE NAME: gives the command on that line a new value.
set_line() {
  old=$(sed -n "$2p" "$root$1")
  printf '%s\\n' "$old" | grep -Eiq "^[[:space:]]*([A-Za-z0-9]+[.])?$3[[:space:]]*=" ||
    fail "line $2 of $1 does not set $3 any more; run sealift doctor again"
  new="$(printf '%s\\n' "$old" | sed 's/=.*/=/') $4"
  [ "$old" != "$new" ] || return 0
  keep "$1" "$5"
  LINE=$2 TEXT=$new awk 'NR == ENVIRON["LINE"] { print ENVIRON["TEXT"]; next } { print }' \\
    "$root$1" > "$state/$5.new"
  cat "$state/$5.new" > "$root$1"
  rm -f "$state/$5.new"
  seal "$1" "$5"
}
# add_property FILE TEXT NAME: the last of equal names counts.
add_property() {
  [ "$(tail -n 1 "$root$1")" != "$2" ] || return 0
  keep "$1" "$3"
  printf '\\n# Sealift\\n%s\\n' "$2" >> "$root$1"
  seal "$1" "$3"
}
`;

export interface ShellScripts {
  readonly apply: string;
  readonly undo: string;
}

/** @param notes lines of comment at the top of the first script */
export function emitShell(edits: readonly FileEdit[], notes: readonly string[]): ShellScripts {
  const head = ['#!/bin/sh', ...notes.map((note) => `# ${note.replace(/[\r\n]+/g, ' ')}`), ''];
  return {
    apply: [...head, prelude, helpers, ...edits.map(applyLine), ''].join('\n'),
    undo: ['#!/bin/sh', '', prelude, undoHelper, ...undoLines(edits), ''].join('\n'),
  };
}

function applyLine(edit: FileEdit): string {
  switch (edit.kind) {
    case 'openssl-line': {
      const { file, line, command, value } = edit;
      return ['set_line', quote(file), line, command, quote(value), savedName(file)].join(' ');
    }
    case 'java-property': {
      const { file, name, value } = edit;
      return ['add_property', quote(file), quote(`${name}=${value}`), savedName(file)].join(' ');
    }
    case 'crypto-policy':
      return `update-crypto-policies --set ${quote(edit.to)}`;
  }
}

const undoHelper = `# restore FILE NAME
restore() {
  [ -e "$state/$2" ] || return 0
  [ "$(cksum < "$root$1")" = "$(cat "$state/$2.sum")" ] ||
    fail "$1 was changed after the fix; what was there before is $state/$2"
  cat "$state/$2" > "$root$1"
  touch -r "$state/$2" "$root$1"
  rm -f "$state/$2" "$state/$2.sum"
}
`;

function undoLines(edits: readonly FileEdit[]): string[] {
  const lines = edits.map((edit) =>
    edit.kind === 'crypto-policy'
      ? `update-crypto-policies --set ${quote(edit.from)}`
      : `restore ${quote(edit.file)} ${savedName(edit.file)}`,
  );
  return [...new Set(lines)].toReversed();
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A file name of its own for each path. */
function savedName(file: string): string {
  return Buffer.from(file, 'utf8').toString('base64url');
}
