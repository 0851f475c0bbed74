/**
 * The version of a Windows program or library, from the version resource in its file.
 * Source: Microsoft, "PE Format" and VS_VERSIONINFO. Only a few small pieces are read, each bounded;
 * a file that is damaged or no program has no version.
 *
 * | where | offset | size | field |
 * | --- | --- | --- | --- |
 * | DOS header | 0 | 2 | `MZ` |
 * | | 60 | 4 | offset of the PE header |
 * | PE header | 0 | 4 | `PE\0\0` |
 * | | 6 | 2 | number of sections |
 * | | 20 | 2 | size of the optional header |
 * | optional header | 0 | 2 | 0x10b (32 bits) or 0x20b (64 bits) |
 * | | 92 or 108 | 4 | number of directories; 8 bytes each follow, the third is that of resources |
 * | section | 8 | 16 | virtual size, address, size in the file, offset in the file |
 * | resource folder | 12 | 4 | number of named and of numbered entries; 8 bytes each follow at 16 |
 * | VS_VERSIONINFO | 40 | 52 | VS_FIXEDFILEINFO: 0xfeef04bd, structure, file version, … |
 */

/** Fewer bytes than asked for at the end of the file, none when it cannot be read. */
export type ReadAt = (offset: number, size: number) => Promise<Uint8Array>;

const dosHeaderSize = 64;
const peOffsetField = 60;
const peHeaderSize = 24;
const maxOptionalSize = 1024;
const maxSections = 96;
const sectionSize = 40;
const maxEntries = 4096;
const entrySize = 8;
const folderHeaderSize = 16;
const versionType = 16;
const resourceDirectory = 2;
const maxVersionSize = 64 * 1024;
const subfolderFlag = 0x80000000;
const fixedInfoSignature = 0xfeef04bd;
/** Three words, then the key `VS_VERSION_INFO` with its end, to a multiple of four. */
const fixedInfoOffset = 40;
const fixedInfoSize = 52;

/** `6.1.7601.24545`; undefined for a file without a version or of another kind. */
export async function readPeVersion(read: ReadAt): Promise<string | undefined> {
  const image = await readImage(read);
  if (image === undefined) return undefined;
  const resources = image.place(image.resources);
  if (resources === undefined) return undefined;
  // Three floors: the type, the name, the language; the first of each below the type will do.
  const types = await readFolder(read, resources, 0);
  const type = types?.find(({ id }) => id === versionType);
  const names = type?.isFolder === true ? await readFolder(read, resources, type.offset) : [];
  const [name] = names ?? [];
  const languages = name?.isFolder === true ? await readFolder(read, resources, name.offset) : [];
  const [leaf] = languages ?? [];
  if (leaf === undefined || leaf.isFolder) return undefined;
  const entry = viewOf(await read(resources + leaf.offset, entrySize), entrySize);
  const data = entry && image.place(entry.getUint32(0, true));
  if (entry === undefined || data === undefined) return undefined;
  return fixedVersion(await read(data, Math.min(entry.getUint32(4, true), maxVersionSize)));
}

interface Image {
  /** Address of the resources. */
  readonly resources: number;
  /** Where an address stands in the file. */
  place(address: number): number | undefined;
}

async function readImage(read: ReadAt): Promise<Image | undefined> {
  const dos = viewOf(await read(0, dosHeaderSize), dosHeaderSize);
  if (dos === undefined || dos.getUint16(0) !== 0x4d5a) return undefined;
  const start = dos.getUint32(peOffsetField, true);
  const pe = viewOf(await read(start, peHeaderSize), peHeaderSize);
  if (pe === undefined || pe.getUint32(0) !== 0x50450000) return undefined;
  const optionalSize = Math.min(pe.getUint16(20, true), maxOptionalSize);
  const optional = viewOf(await read(start + peHeaderSize, optionalSize), optionalSize);
  if (optional === undefined || optionalSize < 2) return undefined;
  const magic = optional.getUint16(0, true);
  const countAt = magic === 0x10b ? 92 : magic === 0x20b ? 108 : undefined;
  const entryAt = countAt === undefined ? 0 : countAt + 4 + resourceDirectory * 8;
  if (countAt === undefined || optionalSize < entryAt + 8) return undefined;
  if (optional.getUint32(countAt, true) <= resourceDirectory) return undefined;
  const count = Math.min(pe.getUint16(6, true), maxSections);
  const table = await read(start + peHeaderSize + pe.getUint16(20, true), count * sectionSize);
  const sections = viewOf(table, count * sectionSize);
  if (sections === undefined) return undefined;
  return {
    resources: optional.getUint32(entryAt, true),
    place: (address) => placeIn(sections, count, address),
  };
}

function placeIn(sections: DataView, count: number, address: number): number | undefined {
  for (let i = 0; i < count; i += 1) {
    const at = i * sectionSize;
    const start = sections.getUint32(at + 12, true);
    const inside = address - start;
    const size = sections.getUint32(at + 16, true);
    if (inside >= 0 && inside < size) return sections.getUint32(at + 20, true) + inside;
  }
  return undefined;
}

interface Entry {
  /** undefined for a named one. */
  readonly id: number | undefined;
  readonly isFolder: boolean;
  /** From the beginning of the resources. */
  readonly offset: number;
}

async function readFolder(
  read: ReadAt,
  resources: number,
  offset: number,
): Promise<Entry[] | undefined> {
  const header = viewOf(await read(resources + offset, folderHeaderSize), folderHeaderSize);
  if (header === undefined) return undefined;
  const count = Math.min(header.getUint16(12, true) + header.getUint16(14, true), maxEntries);
  const bytes = await read(resources + offset + folderHeaderSize, count * entrySize);
  const table = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / entrySize) }, (_, i) => {
    const name = table.getUint32(i * entrySize, true);
    const target = table.getUint32(i * entrySize + 4, true);
    const isFolder = target >= subfolderFlag;
    return {
      id: name >= subfolderFlag ? undefined : name,
      isFolder,
      offset: isFolder ? target - subfolderFlag : target,
    };
  });
}

function fixedVersion(bytes: Uint8Array): string | undefined {
  const info = viewOf(bytes.subarray(fixedInfoOffset), fixedInfoSize);
  if (info?.getUint32(0, true) !== fixedInfoSignature) return undefined;
  const [high, low] = [info.getUint32(8, true), info.getUint32(12, true)];
  return [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff].join('.');
}

/** undefined when there are fewer bytes than needed. */
function viewOf(bytes: Uint8Array, size: number): DataView | undefined {
  return bytes.length < size
    ? undefined
    : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
