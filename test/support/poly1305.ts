/** Poly1305 as RFC 8439 §2.5 reads, on bigints: the oracle for the kernel. Slow, and not constant-time. */

const prime = (1n << 130n) - 5n;
const clamp = 0x0ffffffc0ffffffc0ffffffc0fffffffn;

/** @param key 32 bytes: `r` and `s` */
export function poly1305Slowly(key: Uint8Array, message: Uint8Array): Uint8Array {
  const r = littleEndian(key.subarray(0, 16)) & clamp;
  const s = littleEndian(key.subarray(16, 32));
  let h = 0n;
  for (let offset = 0; offset < message.length; offset += 16) {
    h = ((h + littleEndian([...message.subarray(offset, offset + 16), 1])) * r) % prime;
  }
  const sum = h + s;
  return Uint8Array.from({ length: 16 }, (_, i) => Number((sum >> BigInt(8 * i)) & 0xffn));
}

function littleEndian(bytes: Iterable<number>): bigint {
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte) << shift;
    shift += 8n;
  }
  return value;
}
