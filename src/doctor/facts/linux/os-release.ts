/** os-release(5): what distribution it is. */

export interface OsRelease {
  /** `debian`, `rhel`, `ubuntu`. */
  readonly id: string | undefined;
  /** Relatives of the distribution, nearest first. */
  readonly like: readonly string[];
  readonly version: string | undefined;
  readonly name: string | undefined;
}

export function parseOsRelease(text: string): OsRelease {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Z_]+)=(.*?)\s*$/.exec(line);
    if (match === null) continue;
    const [, name = '', value = ''] = match;
    values.set(name, unquote(value));
  }
  return {
    id: values.get('ID'),
    like: (values.get('ID_LIKE') ?? '').split(/\s+/).filter((word) => word !== ''),
    version: values.get('VERSION_ID'),
    name: values.get('PRETTY_NAME') ?? values.get('NAME'),
  };
}

function unquote(value: string): string {
  const inner = /^"(.*)"$|^'(.*)'$/s.exec(value);
  return (inner?.[1] ?? inner?.[2] ?? value).replace(/\\(.)/g, '$1');
}
