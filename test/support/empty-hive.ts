/** The smallest hive that other tools accept: a base block, one bin, a root key and its security cell. */

const baseBlockBytes = 4096;
const binBytes = 4096;
const rootOffset = 0x20;
const securityOffset = 0x20 + 0x60;

export function makeEmptyHive(): Uint8Array {
  const bytes = new Uint8Array(baseBlockBytes + binBytes);
  const view = new DataView(bytes.buffer);
  const ascii = (offset: number, text: string): void => {
    bytes.set(Buffer.from(text, 'latin1'), offset);
  };
  ascii(0, 'regf');
  view.setUint32(4, 1, true);
  view.setUint32(8, 1, true);
  view.setUint32(20, 1, true);
  view.setUint32(24, 3, true);
  view.setUint32(32, 1, true);
  view.setUint32(36, rootOffset, true);
  view.setUint32(40, binBytes, true);
  view.setUint32(44, 1, true);
  let sum = 0;
  for (let offset = 0; offset < 508; offset += 4) sum ^= view.getUint32(offset, true);
  view.setUint32(508, sum >>> 0, true);

  const bin = baseBlockBytes;
  ascii(bin, 'hbin');
  view.setUint32(bin + 8, binBytes, true);
  const root = bin + rootOffset;
  view.setInt32(root, -0x60, true);
  ascii(root + 4, 'nk');
  view.setUint16(root + 6, 0x2c, true); // root, not deletable, 8-bit name
  view.setUint32(root + 4 + 16, 0xffffffff, true);
  view.setUint32(root + 4 + 28, 0xffffffff, true);
  view.setUint32(root + 4 + 32, 0xffffffff, true);
  view.setUint32(root + 4 + 40, 0xffffffff, true);
  view.setUint32(root + 4 + 44, securityOffset, true);
  view.setUint32(root + 4 + 48, 0xffffffff, true);
  view.setUint16(root + 4 + 72, 4, true);
  ascii(root + 4 + 76, 'ROOT');
  const security = bin + securityOffset;
  view.setInt32(security, -0x30, true);
  ascii(security + 4, 'sk');
  view.setUint32(security + 8, securityOffset, true);
  view.setUint32(security + 12, securityOffset, true);
  view.setUint32(security + 16, 1, true);
  view.setUint32(security + 20, 0x14, true);
  view.setUint8(security + 24, 1);
  view.setUint8(security + 27, 0x80); // self-relative, nothing granted
  const free = security + 0x30;
  view.setInt32(free, bin + binBytes - free, true);
  return bytes;
}
