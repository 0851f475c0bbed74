/** Keeps the server's TLS context good: loads it, renews it, takes up changed files. */

import type { Server } from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Logger } from 'pino';
import { messageOf } from '../../base/errors.ts';
import type { Clock } from '../../base/time.ts';
import {
  loadServerMaterial,
  materialVersion,
  type ServerMaterial,
} from '../certificates/server-certificate.ts';
import type { VaultConfig } from '../config.ts';
import type { VaultPaths } from '../data-folder.ts';
import { serverTlsOptions } from './tls-options.ts';

const hourMs = 60 * 60_000;

export class TlsKeeper {
  readonly #paths: VaultPaths;
  readonly #config: VaultConfig;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #names: readonly string[];
  #material: ServerMaterial | undefined;
  #problem: string | undefined;
  #version = '';
  #loadedMs = 0;
  #server: Server | undefined;

  /** @param parts.names in the certificate besides the configured: the address listened on */
  constructor(parts: {
    paths: VaultPaths;
    config: VaultConfig;
    clock: Clock;
    logger: Logger;
    names: readonly string[];
  }) {
    this.#paths = parts.paths;
    this.#config = parts.config;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#names = parts.names.filter((name) => !['0.0.0.0', '::', ''].includes(name));
  }

  /** Why there is no good context, undefined if there is one. */
  get problem(): string | undefined {
    return this.#problem;
  }

  options(): SecureContextOptions {
    return serverTlsOptions(this.#config, this.#material);
  }

  attach(server: Server): void {
    this.#server = server;
  }

  /** Reads (and for the vault's own certificate: renews) the files. A failure is a logged state. */
  async load(): Promise<void> {
    this.#loadedMs = this.#clock.now();
    try {
      const material = await loadServerMaterial({
        paths: this.#paths,
        tls: this.#config.tls,
        clock: this.#clock,
        extraNames: this.#names,
      });
      // Throws if certificate and key are broken or do not belong together.
      createSecureContext(serverTlsOptions(this.#config, material));
      this.#material = material;
      this.#problem = undefined;
    } catch (error) {
      this.#problem = messageOf(error);
      const consequence =
        this.#material === undefined
          ? 'no TLS connection can be made until this is mended'
          : 'the certificate before stays in use';
      this.#logger.error({ err: error }, `the TLS certificate cannot be used; ${consequence}`);
    }
    this.#version = await this.#currentVersion();
  }

  /** Loads again if files have changed or an hour has passed (the certificate may be due). */
  async refresh(): Promise<void> {
    const due = this.#clock.now() - this.#loadedMs >= hourMs;
    if (due || (await this.#currentVersion()) !== this.#version) await this.reload();
  }

  async reload(): Promise<void> {
    const before = this.#material;
    await this.load();
    if (this.#material === undefined || isSame(before, this.#material)) return;
    this.#server?.setSecureContext(this.options());
    this.#logger.info('TLS certificate loaded');
  }

  #currentVersion(): Promise<string> {
    return materialVersion(this.#paths, this.#config.tls);
  }
}

function isSame(a: ServerMaterial | undefined, b: ServerMaterial): boolean {
  return a?.chain === b.chain && a.key === b.key && a.clientCa === b.clientCa;
}
