/** IPv4 and IPv6 addresses and networks as text (RFC 4291 §2.2, RFC 4632), without touching a socket. */

export interface Network {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly prefixBits: number;
}

/** Texts seen before; bounded, since addresses of strangers come through here. */
const parsed = new Map<string, Network | undefined>();
const maxParsed = 4096;

/** A network (`10.0.0.0/8`, `2001:db8::/32`) or a single address; undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  if (parsed.has(text)) return parsed.get(text);
  if (parsed.size >= maxParsed) parsed.clear();
  const network = readNetwork(text);
  parsed.set(text, network);
  return network;
}

/** True if the address lies in the network; IPv4-mapped IPv6 addresses count as IPv4. */
export function inNetwork(address: string, { address: base, prefixBits }: Network): boolean {
  const bytes = parseNetwork(address)?.address;
  if (bytes === undefined || bytes.length !== base.length) return false;
  return base.every((byte, index) => {
    const bits = Math.min(Math.max(prefixBits - index * 8, 0), 8);
    const mask = (0xff << (8 - bits)) & 0xff;
    return (byte & mask) === ((bytes[index] ?? 0) & mask);
  });
}

function readNetwork(text: string): Network | undefined {
  const match = /^([0-9a-fA-F:.]+)(?:%[^/]+)?(?:\/(\d{1,3}))?$/.exec(text);
  if (!match) return undefined;
  const [, plain = '', prefix] = match;
  const address = readIpv4(plain) ?? readIpv6(plain);
  if (address === undefined) return undefined;
  const isMapped = address.length === 4 && plain.includes(':');
  const maxBits = address.length * 8;
  const prefixBits =
    (prefix === undefined ? maxBits : Number(prefix)) - (isMapped && prefix !== undefined ? 96 : 0);
  return prefixBits < 0 || prefixBits > maxBits ? undefined : { address, prefixBits };
}

function readIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  const isPlain = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part));
  const bytes = parts.map(Number);
  return isPlain && bytes.every((byte) => byte <= 0xff) ? Uint8Array.from(bytes) : undefined;
}

function readIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (!text.includes(':') || halves.length > 2) return undefined;
  const [head, tail] = halves.map(readGroups);
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<number>(Math.max(missing, 0)).fill(0), ...(tail ?? [])];
  const bytes = Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return isMapped ? bytes.slice(12) : bytes;
}

/** The 16-bit groups of one side of `::`, whose last may be an IPv4 address. */
function readGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const ipv4 = index === parts.length - 1 ? readIpv4(part) : undefined;
    if (ipv4 !== undefined) {
      const [a = 0, b = 0, c = 0, d = 0] = ipv4;
      groups.push((a << 8) | b, (c << 8) | d);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}
