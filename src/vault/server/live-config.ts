/** The configuration that a running vault goes by: vault.yaml, read again when it changes. */

import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { VaultConfig } from '../config.ts';

/** What is decided once, when the vault starts. */
const fixed: readonly (readonly [string, (config: VaultConfig) => unknown])[] = [
  ['listen', ({ listen }) => listen],
  ['preview', ({ preview }) => preview],
  ['metrics', ({ metrics }) => metrics],
  ['tls.minVersion', ({ tls }) => tls.minVersion],
  ['repositories.path', ({ repositories }) => repositories.path],
  ['repositories.htpasswd', ({ repositories }) => repositories.htpasswd],
  ['limits.handshakeTimeout', ({ limits }) => limits.handshakeTimeout],
  ['limits.helloTimeout', ({ limits }) => limits.helloTimeout],
  ['limits.helloSize', ({ limits }) => limits.helloSize],
];

export class LiveConfig {
  readonly #started: VaultConfig;
  readonly #read: (() => Promise<VaultConfig>) | undefined;
  readonly #logger: Logger;
  #current: VaultConfig;
  #problem: string | undefined;

  /** @param parts.read reads the file again; undefined for a configuration that came from no file */
  constructor(
    config: VaultConfig,
    parts: { read: (() => Promise<VaultConfig>) | undefined; logger: Logger },
  ) {
    this.#started = config;
    this.#current = config;
    this.#read = parts.read;
    this.#logger = parts.logger;
  }

  get current(): VaultConfig {
    return this.#current;
  }

  /**
   * Reads the file again; a wrong one is logged (once) and changes nothing.
   * @returns true if something is other than before
   */
  async refresh(): Promise<boolean> {
    if (this.#read === undefined) return false;
    let config: VaultConfig;
    try {
      config = await this.#read();
      this.#problem = undefined;
    } catch (error) {
      const problem = String(error);
      if (problem !== this.#problem)
        this.#logger.error({ err: error }, 'the configuration before stays in use');
      this.#problem = problem;
      return false;
    }
    if (isDeepStrictEqual(config, this.#current)) return false;
    this.#current = config;
    const waiting = fixed
      .filter(([, part]) => !isDeepStrictEqual(part(config), part(this.#started)))
      .map(([name]) => name);
    this.#logger.info('configuration loaded');
    if (waiting.length > 0)
      this.#logger.warn({ settings: waiting }, 'these settings count from the next start on');
    return true;
  }
}
