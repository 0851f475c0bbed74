/**
 * Registry keys and values as every reader gives them, whatever they were read from (a hive file, a
 * `.reg` export, `reg.exe`).
 */

/** Value types by number, as winnt.h names them. */
export const registryTypes = {
  REG_NONE: 0,
  REG_SZ: 1,
  REG_EXPAND_SZ: 2,
  REG_BINARY: 3,
  REG_DWORD: 4,
  REG_DWORD_BIG_ENDIAN: 5,
  REG_LINK: 6,
  REG_MULTI_SZ: 7,
  REG_RESOURCE_LIST: 8,
  REG_FULL_RESOURCE_DESCRIPTOR: 9,
  REG_RESOURCE_REQUIREMENTS_LIST: 10,
  REG_QWORD: 11,
} as const;

export interface RegistryValue {
  /** Empty for the default value. */
  readonly name: string;
  /** Any 32-bit number is legal; the known ones are in {@link registryTypes}. */
  readonly type: number;
  /** Bytes as stored (strings in UTF-16LE); the type is not checked against them. */
  readonly data: Uint8Array;
}

/** The text of a string value, without its terminator; undefined for any other type. */
export function stringOf(value: RegistryValue): string | undefined {
  const { REG_SZ, REG_EXPAND_SZ, REG_LINK } = registryTypes;
  if (value.type !== REG_SZ && value.type !== REG_EXPAND_SZ && value.type !== REG_LINK) {
    return undefined;
  }
  return utf16(value.data).split('\0', 1)[0];
}

/** The texts of a REG_MULTI_SZ; empty ones in the middle are kept, the terminators are not. */
export function stringsOf(value: RegistryValue): string[] | undefined {
  if (value.type !== registryTypes.REG_MULTI_SZ) return undefined;
  return utf16(value.data)
    .replace(/\0{1,2}$/, '')
    .split('\0')
    .filter((text, i, all) => text !== '' || i < all.length - 1);
}

/** The number of a REG_DWORD of exactly four bytes; undefined for anything else. */
export function dwordOf(value: RegistryValue): number | undefined {
  if (value.type !== registryTypes.REG_DWORD || value.data.length !== 4) return undefined;
  return new DataView(value.data.buffer, value.data.byteOffset, 4).getUint32(0, true);
}

/** Order and equality of key and value names: upper-cased UTF-16 units. */
export function foldName(name: string): string {
  return name.toUpperCase();
}

function utf16(data: Uint8Array): string {
  const even = data.byteLength & ~1;
  return Buffer.from(data.buffer, data.byteOffset, even).toString('utf16le');
}
