/** Repository locations as users write them: the forms of CLI.md, "Repositories". */
import { SealiftError } from '../base/errors.ts';

export type Location =
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'rest'; readonly url: URL }
  | { readonly kind: 'azure'; readonly container: string; readonly prefix: string }
  | {
      readonly kind: 's3';
      readonly endpoint: URL;
      readonly bucket: string;
      readonly prefix: string;
    }
  | { readonly kind: 'sealift'; readonly name: string };

const restProtocols = ['http:', 'https:', 'http+unix:'];
/** Two characters at least, so that the `C:` of a Windows path is no scheme. */
const schemePattern = /^([a-z][a-z0-9+.-]+):/i;
const sealiftName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const forms =
  'write /path, rest:https://host:port/name/, azure:container:/prefix, s3:https://endpoint/bucket/prefix or sealift:NAME';

/** @throws 'backend/location'; the message never carries a password */
export function parseLocation(text: string): Location {
  if (text === '') throw badLocation(text, 'is empty');
  const scheme = schemePattern.exec(text)?.[1]?.toLowerCase();
  const rest = scheme === undefined ? text : text.slice(scheme.length + 1);
  switch (scheme) {
    case undefined:
      return { kind: 'local', path: text };
    case 'local':
      if (rest === '') throw badLocation(text, 'names no folder');
      return { kind: 'local', path: rest };
    case 'rest':
      return { kind: 'rest', url: parseRestUrl(text, rest) };
    case 'azure':
      return parseAzure(text, rest);
    case 's3':
      return parseS3(text, rest);
    case 'sealift':
      if (!sealiftName.test(rest)) throw badLocation(text, 'names no vault');
      return { kind: 'sealift', name: rest };
    case 'http':
    case 'https':
      throw badLocation(text, 'is a web address', `write rest:${withoutPassword(text)}`);
    default:
      throw badLocation(
        text,
        `has the unknown scheme ${scheme}:`,
        `${forms}; for a folder with a colon in its name write local:PATH`,
      );
  }
}

/** For people: the location without its password. */
export function displayLocation(location: Location): string {
  switch (location.kind) {
    case 'local':
      return location.path;
    case 'rest':
      return displayRestUrl(location.url);
    case 'azure':
      return `azure:${location.container}:/${location.prefix}`;
    case 's3':
      return `s3:${location.endpoint.origin}/${location.bucket}/${location.prefix}`;
    case 'sealift':
      return `sealift:${location.name}`;
  }
}

/** `rest:https://user@host/name/`. */
export function displayRestUrl(url: URL): string {
  const shown = new URL(url);
  shown.password = '';
  return `rest:${shown.href}`;
}

function parseRestUrl(text: string, rest: string): URL {
  const url = parseUrl(text, rest);
  if (!restProtocols.includes(url.protocol)) {
    throw badLocation(text, `has the scheme ${url.protocol} after rest:`);
  }
  if (url.search !== '' || url.hash !== '') {
    throw badLocation(text, 'has a ? or # in it', 'write them as %3F and %23');
  }
  if (url.protocol === 'http+unix:' && !splitSocketPath(url)) {
    throw badLocation(text, 'names no socket', 'write rest:http+unix:///path/of/socket:/name/');
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

/** `/run/vault.sock:/name/` as the socket and the path asked for; undefined for other addresses. */
export function splitSocketPath(
  url: URL,
): { readonly socketPath: string; readonly path: string } | undefined {
  if (url.protocol !== 'http+unix:') return undefined;
  const colon = url.pathname.indexOf(':');
  const socketPath = decodeURIComponent(
    colon === -1 ? url.pathname.replace(/\/$/, '') : url.pathname.slice(0, colon),
  );
  const path = colon === -1 ? '/' : url.pathname.slice(colon + 1);
  return socketPath === '' || !path.startsWith('/') ? undefined : { socketPath, path };
}

function parseAzure(text: string, rest: string): Location {
  const colon = rest.indexOf(':');
  const container = colon === -1 ? rest : rest.slice(0, colon);
  if (!/^[a-z0-9$][a-z0-9-]*$/.test(container)) throw badLocation(text, 'names no container');
  return {
    kind: 'azure',
    container,
    prefix: trimSlashes(colon === -1 ? '' : rest.slice(colon + 1)),
  };
}

function parseS3(text: string, rest: string): Location {
  const url = parseUrl(
    text,
    /^https?:\/\//i.test(rest) ? rest : `https://${rest.replace(/^\/\//, '')}`,
  );
  const [bucket = '', ...prefix] = trimSlashes(decodeURI(url.pathname)).split('/');
  if (bucket === '') throw badLocation(text, 'names no bucket');
  if (url.username !== '' || url.password !== '') {
    throw badLocation(text, 'carries credentials', 'give them in the environment instead');
  }
  return { kind: 's3', endpoint: new URL(url.origin), bucket, prefix: prefix.join('/') };
}

function parseUrl(text: string, url: string): URL {
  try {
    return new URL(url);
  } catch {
    // The cause is left out, because it repeats the address with its password.
    throw badLocation(text, 'is no valid address');
  }
}

function trimSlashes(text: string): string {
  return text.replace(/^\/+|\/+$/g, '');
}

function withoutPassword(text: string): string {
  return text.replace(/(\/\/[^/@:]*):.*@/, '$1@');
}

function badLocation(text: string, problem: string, hint = forms): SealiftError {
  const shown = withoutPassword(text);
  return new SealiftError('backend/location', `the repository location "${shown}" ${problem}`, {
    hint,
    fields: { location: shown },
  });
}
