/** A server as options name it: `vault.example:8443`, `[2001:db8::1]:443`, or a name alone. */

import { usageError } from './global-options.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** @throws SealiftError `usage/invalid` for anything that is not a host with a port */
export function parseHostPort(
  text: string,
  { option, defaultPort }: { readonly option: string; readonly defaultPort: number },
): HostPort {
  const bare = text.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  const match =
    /^\[(?<six>[0-9a-f:.%]+)\](?::(?<sixPort>\d+))?$/i.exec(bare) ??
    /^(?<name>[^:[\]\s]+)(?::(?<namePort>\d+))?$/.exec(bare);
  const { six, sixPort, name, namePort } = match?.groups ?? {};
  const host = six ?? name;
  const port = Number(sixPort ?? namePort ?? defaultPort);
  if (host === undefined || port < 1 || port > 65_535) {
    throw usageError(`${option} takes HOST:PORT, not '${text}'`);
  }
  return { host, port };
}
