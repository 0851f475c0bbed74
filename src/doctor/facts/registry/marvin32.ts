/** Marvin32 with the seed of the registry's transaction logs, 0x82EF4D887A4E55C5. */

const seedLow = 0x7a4e55c5;
const seedHigh = 0x82ef4d88;

/** @returns the 64-bit hash of the bytes */
export function marvin32(bytes: Uint8Array): bigint {
  let low = seedLow;
  let high = seedHigh;
  const mix = (value: number): void => {
    low = (low + value) >>> 0;
    high = (high ^ low) >>> 0;
    low = (rotateLeft(low, 20) + high) >>> 0;
    high = (rotateLeft(high, 9) ^ low) >>> 0;
    low = (rotateLeft(low, 27) + high) >>> 0;
    high = rotateLeft(high, 19);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.byteLength & ~3;
  for (let offset = 0; offset < whole; offset += 4) mix(view.getUint32(offset, true));
  let last = 0x80;
  for (let offset = bytes.byteLength - 1; offset >= whole; offset -= 1) {
    last = last * 256 + view.getUint8(offset);
  }
  mix(last);
  mix(0);
  return (BigInt(high) << 32n) | BigInt(low);
}

function rotateLeft(value: number, bits: number): number {
  return ((value << bits) | (value >>> (32 - bits))) >>> 0;
}
