/** A Windows library with nothing in it but its version, laid out as "PE Format" of Microsoft says. */

export interface PeOptions {
  readonly bits?: 32 | 64;
  /** Sections before the one with the resources. */
  readonly padding?: number;
}

export function makePe(version: string, { bits = 64, padding = 0 }: PeOptions = {}): Buffer {
  const [a = 0, b = 0, c = 0, d = 0] = version.split('.').map(Number);
  const optionalSize = bits === 64 ? 240 : 224;
  const peAt = 0x80;
  const sectionsAt = peAt + 24 + optionalSize;
  const dataAt = 0x400 + padding;
  const address = 0x3000;
  const resources = resourceSection(address, [a, b, c, d]);
  const file = Buffer.alloc(dataAt + resources.length);
  file.write('MZ', 0, 'latin1');
  file.writeUInt32LE(peAt, 0x3c);
  file.write('PE\0\0', peAt, 'latin1');
  file.writeUInt16LE(bits === 64 ? 0x8664 : 0x14c, peAt + 4);
  file.writeUInt16LE(2, peAt + 6);
  file.writeUInt16LE(optionalSize, peAt + 20);
  const optional = peAt + 24;
  file.writeUInt16LE(bits === 64 ? 0x20b : 0x10b, optional);
  const count = optional + (bits === 64 ? 108 : 92);
  file.writeUInt32LE(16, count);
  file.writeUInt32LE(address, count + 4 + 16);
  file.writeUInt32LE(resources.length, count + 4 + 20);
  const sections = [
    { name: '.text', address: 0x1000, size: 0x100, at: 0x300 },
    { name: '.rsrc', address, size: resources.length, at: dataAt },
  ];
  for (const [i, section] of sections.entries()) {
    const at = sectionsAt + i * 40;
    file.write(section.name, at, 'latin1');
    file.writeUInt32LE(section.size, at + 8);
    file.writeUInt32LE(section.address, at + 12);
    file.writeUInt32LE(section.size, at + 16);
    file.writeUInt32LE(section.at, at + 20);
  }
  resources.copy(file, dataAt);
  return file;
}

/** Three folders of one entry each, the description of the data, the data. */
function resourceSection(address: number, numbers: readonly number[]): Buffer {
  const [a = 0, b = 0, c = 0, d = 0] = numbers;
  const section = Buffer.alloc(0x200);
  for (const [at, id, target] of [
    [0, 16, 0x8000_0018],
    [0x18, 1, 0x8000_0030],
    [0x30, 1033, 0x48],
  ] as const) {
    section.writeUInt16LE(1, at + 14);
    section.writeUInt32LE(id, at + 16);
    section.writeUInt32LE(target, at + 20);
  }
  section.writeUInt32LE(address + 0x60, 0x48);
  section.writeUInt32LE(92, 0x4c);
  section.writeUInt16LE(92, 0x60);
  section.writeUInt16LE(52, 0x62);
  section.write('VS_VERSION_INFO', 0x66, 'utf16le');
  section.writeUInt32LE(0xfeef04bd, 0x88);
  section.writeUInt32LE(((a << 16) | b) >>> 0, 0x90);
  section.writeUInt32LE(((c << 16) | d) >>> 0, 0x94);
  return section;
}
