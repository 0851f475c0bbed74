/** How a login reaches the vault that this checkout runs. */

import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';

/** The folder that holds the launcher and the sources. */
export const checkoutRoot = resolve(import.meta.dirname, '../..');

/** `rest:https://name:password@host:port/name/`: each login has the repositories below its name. */
export function repositoryUrl(vaultUrl: string, name: string, password: string): string {
  const url = new URL(`${encodeURIComponent(name)}/`, vaultUrl);
  url.username = name;
  url.password = password;
  return `rest:${url.href}`;
}

/** 24 letters, digits, - and _ with 144 bits of chance; needs no escaping in an address. */
export function generatePassword(): string {
  return randomBytes(18).toString('base64url');
}
