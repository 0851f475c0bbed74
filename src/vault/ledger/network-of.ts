/** The network that stands for an address when there are too many addresses to keep apart. */

import { isIPv6 } from 'node:net';

/** Everybody beyond the last limit, by family. */
export const allOfIpv4 = '0.0.0.0/0';
export const allOfIpv6 = '::/0';

/** `203.0.113.7` -> `203.0.113.0/24`; `2001:db8:1:2::7` -> `2001:db8:1:2::/64`, what one site is given. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address.replace(/\.\d+$/, '.0/24');
  const [plain = ''] = address.split('%');
  const [head = '', tail] = plain.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  // A dotted end takes the place of two groups; only the first four groups matter here.
  const backSize = back.length + (back.at(-1)?.includes('.') === true ? 1 : 0);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - backSize);
  const groups = [...front, ...Array.from({ length: zeros }, () => '0'), ...back].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

export function allOf(address: string): string {
  return isIPv6(address) ? allOfIpv6 : allOfIpv4;
}
