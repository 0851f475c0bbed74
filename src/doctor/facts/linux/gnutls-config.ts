/**
 * GnuTLS's system configuration: `[global]`, `[overrides]` and `[priorities]` of /etc/gnutls/config
 * (GnuTLS manual, "Disabling algorithms and protocols" and "Overriding the default priority string").
 */

export interface GnutlsConfig {
  /** `allowlist`: only what is enabled by name counts. */
  readonly mode: 'blocklist' | 'allowlist';
  readonly overrides: readonly GnutlsOverride[];
  /** Priority strings by name; `SYSTEM` is what `@SYSTEM` stands for. */
  readonly priorities: ReadonlyMap<string, string>;
}

export interface GnutlsOverride {
  /** `disabled-version`, `tls-disabled-cipher`, `min-verification-profile`, … */
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

export function parseGnutlsConfig(text: string): GnutlsConfig {
  let section = '';
  let mode: GnutlsConfig['mode'] = 'blocklist';
  const overrides: GnutlsOverride[] = [];
  const priorities = new Map<string, string>();
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/^\s*[#;].*$/, '').trim();
    const heading = /^\[([^\]]*)\]$/.exec(line)?.[1];
    if (heading !== undefined) {
      section = heading.trim().toLowerCase();
      continue;
    }
    const equals = line.indexOf('=');
    if (equals < 0) continue;
    const name = line.slice(0, equals).trim();
    const value = line.slice(equals + 1).trim();
    if (section === 'global' && name.toLowerCase() === 'override-mode') {
      mode = value.toLowerCase() === 'allowlist' ? 'allowlist' : 'blocklist';
    } else if (section === 'overrides') {
      overrides.push({ name: name.toLowerCase(), value, line: index + 1 });
    } else if (section === 'priorities') {
      priorities.set(name, value);
    }
  }
  return { mode, overrides, priorities };
}
