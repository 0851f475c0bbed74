/**
 * What a URL path of the REST protocol names: a repository, a folder of one kind of its files, or a
 * file. Parsing is strict, so that no path leaves the repositories' folder.
 */

export const fileTypes = ['data', 'keys', 'locks', 'snapshots', 'index'] as const;
export type StoredType = (typeof fileTypes)[number];

/** Folders of a repository count from the repositories' folder; rest-server has the same limit. */
const maxDepth = 2;
const maxComponentBytes = 255;

export type Target =
  | { readonly kind: 'repository'; readonly folders: readonly string[] }
  | { readonly kind: 'config'; readonly folders: readonly string[] }
  | { readonly kind: 'list'; readonly folders: readonly string[]; readonly type: StoredType }
  | {
      readonly kind: 'file';
      readonly folders: readonly string[];
      readonly type: StoredType;
      readonly name: string;
    };

export type ParsedTarget =
  | { readonly kind: 'target'; readonly target: Target }
  | { readonly kind: 'bad'; readonly reason: string };

/** A component that ends a repository's path, or that belongs to the vault. */
export function isReservedComponent(component: string): boolean {
  return isStoredType(component) || component === 'config' || component === '_sealift';
}

/** The first folder of a path that belongs to the vault's own pages and API. */
export function isReservedRoot(component: string): boolean {
  return /^(?:api|console)$/i.test(component);
}

/** @param path of the URL, without the query, still percent-encoded */
export function parseTarget(path: string): ParsedTarget {
  const components: string[] = [];
  const parts = path.replace(/^\//, '').split('/');
  const slashAtEnd = parts.at(-1) === '';
  if (slashAtEnd) parts.pop();
  for (const part of parts) {
    const component = decodeComponent(part);
    if (component === undefined)
      return {
        kind: 'bad',
        reason: `the path has a part that cannot be a folder: ${JSON.stringify(part)}`,
      };
    components.push(component);
  }
  const end = components.findIndex(
    (component) => isStoredType(component) || component === 'config',
  );
  const folders = end === -1 ? components : components.slice(0, end);
  if (folders.length > maxDepth)
    return { kind: 'bad', reason: `a repository is at most ${maxDepth} folders deep` };
  if (folders.some(isReservedComponent))
    return { kind: 'bad', reason: '_sealift is no name for a repository' };
  if (isReservedRoot(folders[0] ?? ''))
    return { kind: 'bad', reason: "api and console are the vault's own paths" };
  const [type = '', name, ...more] = end === -1 ? [] : components.slice(end);
  return parseRest({ folders, type, name, more: more.length > 0, slashAtEnd });
}

function parseRest(rest: {
  folders: readonly string[];
  type: string;
  name: string | undefined;
  more: boolean;
  slashAtEnd: boolean;
}): ParsedTarget {
  const { folders, type, name, more, slashAtEnd } = rest;
  if (type === '') return { kind: 'target', target: { kind: 'repository', folders } };
  if (more || (name !== undefined && slashAtEnd))
    return { kind: 'bad', reason: 'the path goes on after a file name' };
  if (!isStoredType(type)) {
    if (name !== undefined || slashAtEnd)
      return { kind: 'bad', reason: 'the path goes on after config' };
    return { kind: 'target', target: { kind: 'config', folders } };
  }
  if (name === undefined) return { kind: 'target', target: { kind: 'list', folders, type } };
  if (!isFileName(name))
    return { kind: 'bad', reason: 'a file is named by 64 lower-case hexadecimal digits' };
  return { kind: 'target', target: { kind: 'file', folders, type, name } };
}

export function isFileName(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

function isStoredType(text: string): text is StoredType {
  return (fileTypes as readonly string[]).includes(text);
}

function decodeComponent(part: string): string | undefined {
  let component: string;
  try {
    component = decodeURIComponent(part);
  } catch {
    return undefined;
  }
  // A leading dot would reach .htpasswd and hidden files; \ and : mean something on Windows.
  if (component === '' || component.startsWith('.') || /[/\\:\p{Cc}]/u.test(component))
    return undefined;
  return Buffer.byteLength(component) <= maxComponentBytes ? component : undefined;
}
