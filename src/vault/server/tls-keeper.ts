/** Keeps what the TLS contexts are made of: loads it, renews it, takes up changed files. */

import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions, type TlsOptions } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { messageOf } from '../../base/errors.ts';
import type { Clock } from '../../base/time.ts';
import type { CertificateType } from '../../tls/certificate-types.ts';
import {
  loadServerMaterial,
  materialVersion,
  type ServerMaterial,
} from '../certificates/server-certificate.ts';
import type { VaultConfig } from '../config.ts';
import type { VaultPaths } from '../data-folder.ts';
import { TicketKeys } from './ticket-keys.ts';

const hourMs = 60 * 60_000;
/** Sessions may be resumed this long, in seconds. */
const sessionTimeout = 3600;

export interface TlsKeeperParts {
  readonly paths: VaultPaths;
  readonly config: VaultConfig['tls'];
  readonly clock: Clock;
  readonly logger: Logger;
  /** In the certificate besides the configured: the address listened on. */
  readonly names: readonly string[];
}

export class TlsKeeper {
  readonly #parts: TlsKeeperParts;
  readonly #tickets: TicketKeys;
  #config: VaultConfig['tls'];
  #material: ServerMaterial | undefined;
  #certificates: readonly CertificateType[] | undefined;
  #problem: string | undefined;
  #version = '';
  #loadedMs = 0;
  #onChange: () => void = () => undefined;

  private constructor(parts: TlsKeeperParts, tickets: TicketKeys) {
    this.#parts = parts;
    this.#tickets = tickets;
    this.#config = parts.config;
  }

  /** A certificate that cannot be used is a state, not an error: see {@link problem}. */
  static async open(parts: TlsKeeperParts): Promise<TlsKeeper> {
    const keeper = new TlsKeeper(parts, await TicketKeys.open(parts.paths.ticketKeys, parts.clock));
    await keeper.#load();
    return keeper;
  }

  /** Why there is no good certificate, undefined if there is one. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Types of the certificates in use, for what is predicted of a handshake. */
  get certificates(): readonly CertificateType[] | undefined {
    return this.#certificates;
  }

  /** What does not come from the policy; without a certificate every handshake fails. */
  contextOptions(): SecureContextOptions & Pick<TlsOptions, 'ticketKeys'> {
    return {
      sessionIdContext: 'sealift-vault',
      sessionTimeout,
      ticketKeys: this.#tickets.current,
      ...(this.#material === undefined ? {} : contextParts(this.#material)),
    };
  }

  /** @param onChange called when the context options are others than before */
  watch(onChange: () => void): void {
    this.#onChange = onChange;
  }

  /** Counts from the next load on. */
  configure(config: VaultConfig['tls']): void {
    this.#config = config;
  }

  /** Loads again if files have changed or an hour has passed (the certificate may be due). */
  async refresh(): Promise<void> {
    const due = this.#parts.clock.now() - this.#loadedMs >= hourMs;
    if (due || (await this.#currentVersion()) !== this.#version) await this.reload();
    if (await this.#tickets.refresh()) this.#onChange();
  }

  async reload(): Promise<void> {
    const before = this.#material;
    await this.#load();
    if (this.#material === undefined || isSame(before, this.#material)) return;
    this.#onChange();
    this.#parts.logger.info('TLS certificate loaded');
  }

  /** Reads (and for the vault's own certificate: renews) the files. A failure is a logged state. */
  async #load(): Promise<void> {
    const { paths, clock, logger, names } = this.#parts;
    this.#loadedMs = clock.now();
    try {
      const material = await loadServerMaterial({
        paths,
        tls: this.#config,
        clock,
        extraNames: names.filter((name) => !['0.0.0.0', '::', ''].includes(name)),
      });
      // Throws if certificate and key are broken or do not belong together.
      createSecureContext(contextParts(material));
      this.#material = material;
      this.#certificates = certificateTypesOf(material.identities.map(({ chain }) => chain));
      this.#problem = undefined;
    } catch (error) {
      this.#problem = messageOf(error);
      const consequence =
        this.#material === undefined
          ? 'no TLS connection can be made until this is mended'
          : 'the certificate before stays in use';
      logger.error({ err: error }, `the TLS certificate cannot be used; ${consequence}`);
    }
    this.#version = await this.#currentVersion();
  }

  #currentVersion(): Promise<string> {
    return materialVersion(this.#parts.paths, this.#config);
  }
}

const curveTypes: Readonly<Record<string, CertificateType>> = {
  prime256v1: 'ecdsa-p256',
  secp384r1: 'ecdsa-p384',
  secp521r1: 'ecdsa-p521',
};

function contextParts({ identities, clientCa }: ServerMaterial): SecureContextOptions {
  return {
    cert: identities.map(({ chain }) => chain),
    key: identities.map(({ key }) => key),
    ca: clientCa,
  };
}

/** Of each chain's leaf; undefined if one has a key that no policy knows. */
export function certificateTypesOf(chains: readonly string[]): CertificateType[] | undefined {
  const types = chains.map(certificateType);
  return types.every((type) => type !== undefined) ? types : undefined;
}

/** Of the first certificate of a chain; undefined for a key that no policy knows. */
function certificateType(chain: string): CertificateType | undefined {
  const { publicKey } = new X509Certificate(chain);
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  if (type === 'ec') return curveTypes[details?.namedCurve ?? ''];
  return (['ed25519', 'ed448', 'rsa', 'rsa-pss'] as const).find((name) => name === type);
}

function isSame(a: ServerMaterial | undefined, b: ServerMaterial): boolean {
  return isDeepStrictEqual(a, b);
}
