/**
 * Node's options that change its TLS, from NODE_OPTIONS and the command line.
 * Source: Node's CLI page; lib/tls.js and src/node_options.cc.
 */

export interface NodeTlsOptions {
  /** `--tls-min-v1.x`: the lowest that is given wins. */
  readonly minVersion: '1.0' | '1.1' | '1.2' | '1.3' | undefined;
  readonly maxVersion: '1.2' | '1.3' | undefined;
  readonly cipherList: string | undefined;
  /** `--openssl-config`: read in place of OPENSSL_CONF. */
  readonly opensslConfig: string | undefined;
  /** `--openssl-shared-config`: the section `openssl_conf` in place of `nodejs_conf`. */
  readonly sharedConfig: boolean;
  readonly systemCa: boolean;
  readonly opensslCa: boolean;
}

/** The options of NODE_OPTIONS: blanks part them, double quotes keep blanks, `\` escapes in quotes. */
export function splitNodeOptions(text: string): string[] {
  const options: string[] = [];
  for (const [, quoted] of text.matchAll(/((?:"(?:\\.|[^"\\])*"?|[^\s"])+)/g)) {
    if (quoted === undefined) continue;
    options.push(
      quoted.replace(/"((?:\\.|[^"\\])*)"?/g, (_, inner: string) => inner.replace(/\\(.)/g, '$1')),
    );
  }
  return options;
}

/** @param options in the order in which Node reads them: NODE_OPTIONS first, then the command line */
export function parseNodeOptions(options: readonly string[]): NodeTlsOptions {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  for (const [index, option] of options.entries()) {
    const equals = option.indexOf('=');
    // Node takes underscores for dashes.
    const name = (equals < 0 ? option : option.slice(0, equals)).replace(/(?<=\w)_/g, '-');
    flags.add(name);
    const value = equals < 0 ? options[index + 1] : option.slice(equals + 1);
    if (value !== undefined) values.set(name, value);
  }
  const minVersion = (['1.0', '1.1', '1.2', '1.3'] as const).find((version) =>
    flags.has(`--tls-min-v${version}`),
  );
  const maxVersion = (['1.3', '1.2'] as const).find((version) =>
    flags.has(`--tls-max-v${version}`),
  );
  return {
    minVersion,
    maxVersion,
    cipherList: values.get('--tls-cipher-list'),
    opensslConfig: values.get('--openssl-config'),
    sharedConfig: flags.has('--openssl-shared-config'),
    systemCa: flags.has('--use-system-ca'),
    opensslCa: flags.has('--use-openssl-ca'),
  };
}
