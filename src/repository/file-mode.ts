/**
 * File modes: the kernel's `st_mode` and Go's `os.FileMode`, which trees store.
 *
 * | Go bit | meaning    | st_mode |
 * |--------|------------|---------|
 * | 31     | directory  | 0o040000 |
 * | 27     | symlink    | 0o120000 |
 * | 26     | device     | 0o060000 (with bit 21: 0o020000, character device) |
 * | 25     | named pipe | 0o010000 |
 * | 24     | socket     | 0o140000 |
 * | 23, 22 | setuid, setgid | 0o4000, 0o2000 |
 * | 20     | sticky     | 0o1000 |
 * | 19     | irregular  | any other type |
 *
 * Source: Go `os/types.go`, `os/stat_linux.go`; docs/format.md#mode.
 */

export const goModeDir = 2 ** 31;
export const goModeSymlink = 2 ** 27;
export const goModeDevice = 2 ** 26;
export const goModeNamedPipe = 2 ** 25;
export const goModeSocket = 2 ** 24;
export const goModeSetuid = 2 ** 23;
export const goModeSetgid = 2 ** 22;
export const goModeCharDevice = 2 ** 21;
export const goModeSticky = 2 ** 20;
export const goModeIrregular = 2 ** 19;
export const permissionBits = 0o777;

export const statTypeMask = 0o170000;
export const statSetuid = 0o4000;
export const statSetgid = 0o2000;
export const statSticky = 0o1000;

const goTypeOfStat: ReadonlyMap<number, number> = new Map([
  [0o100000, 0],
  [0o040000, goModeDir],
  [0o120000, goModeSymlink],
  [0o060000, goModeDevice],
  [0o020000, goModeDevice + goModeCharDevice],
  [0o010000, goModeNamedPipe],
  [0o140000, goModeSocket],
]);

/** Go's mode for a kernel mode (`st_mode`, type and permissions). */
export function goModeFromStat(statMode: number): number {
  let mode =
    (goTypeOfStat.get(statMode & statTypeMask) ?? goModeIrregular) + (statMode & permissionBits);
  if ((statMode & statSetuid) !== 0) mode += goModeSetuid;
  if ((statMode & statSetgid) !== 0) mode += goModeSetgid;
  if ((statMode & statSticky) !== 0) mode += goModeSticky;
  return mode;
}

/** Permissions with setuid, setgid and sticky, ready for `chmod`; without the file type. */
export function statModeFromGo(mode: number): number {
  let statMode = mode & permissionBits;
  if ((mode & goModeSetuid) !== 0) statMode |= statSetuid;
  if ((mode & goModeSetgid) !== 0) statMode |= statSetgid;
  if ((mode & goModeSticky) !== 0) statMode |= statSticky;
  return statMode;
}
