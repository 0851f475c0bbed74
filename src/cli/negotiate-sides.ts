/** The two sides of `sealift negotiate`, from the words on the command line or of a batch. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { messageOf } from '../base/errors.ts';
import { findBaseline } from '../tls/baselines.ts';
import type { CertificateType } from '../tls/certificate-types.ts';
import type { Offer } from '../tls/offer.ts';
import { offerFromJson } from '../tls/offer-json.ts';
import { isJa4, parseOfferText } from '../tls/offer-text.ts';
import { type Policy, parsePolicy } from '../tls/policy.ts';
import { usageError } from './global-options.ts';

export interface ClientSide {
  readonly offer: Offer;
  /** A known client's name and where its offer is known from; undefined for a hello. */
  readonly name?: string;
  readonly source?: string;
}

export interface SideOptions {
  /** The vault's data folder, whose ledger knows fingerprints. */
  readonly data: string | undefined;
  /** Takes the place of the certificates of every policy. */
  readonly certificates: readonly CertificateType[] | undefined;
}

/** Looks sides up, each once: a batch names the same policy on every line. */
export class NegotiateSides {
  readonly #options: SideOptions;
  readonly #policies = new Map<string, Promise<Policy>>();
  #ledger: Promise<ReadonlyMap<string, Offer>> | undefined;

  constructor(options: SideOptions) {
    this.#options = options;
  }

  /** @param given a hello in hexadecimal, a known client, a JA4 of the ledger, `@FILE`, or an offer's fields */
  async client(given: unknown): Promise<ClientSide> {
    if (typeof given === 'object' && given !== null) {
      return { offer: offerFromJson(JSON.stringify(given)) };
    }
    if (typeof given !== 'string') throw usageError('a client is text or the fields of an offer');
    if (given.startsWith('@')) return clientOfFile(given.slice(1));
    if (isJa4(given)) return { offer: await this.#offerOfFingerprint(given.trim()), name: given };
    const named = parseOfferText(given);
    if (named.kind === 'hello') return { offer: named.offer };
    const { name, source } = named.client;
    return { offer: named.offer, name, source };
  }

  /** @param given a baseline's name, a policy file, or the fields of a policy */
  async server(given: unknown): Promise<Policy> {
    const key = typeof given === 'string' ? given : JSON.stringify(given);
    if (key === undefined) throw usageError('a server is text or the fields of a policy');
    const known = this.#policies.get(key);
    if (known !== undefined) return known;
    const policy = this.#readPolicy(given);
    // Policies that are written out in a batch can differ on every line; names and files repeat.
    if (typeof given === 'string') this.#policies.set(key, policy);
    return policy;
  }

  async #readPolicy(given: unknown): Promise<Policy> {
    const policy = await policyOf(given);
    const { certificates } = this.#options;
    return certificates === undefined ? policy : { ...policy, certificates };
  }

  async #offerOfFingerprint(fingerprint: string): Promise<Offer> {
    const { data } = this.#options;
    if (data === undefined) {
      throw usageError(
        'a fingerprint stands for an offer only in the ledger of a vault',
        'Name the data folder of the vault with --data.',
      );
    }
    this.#ledger ??= readLedgerOffers(data);
    const offer = (await this.#ledger).get(fingerprint);
    if (offer === undefined) {
      throw usageError(
        `the ledger in ${data} has no offer with the fingerprint ${fingerprint}`,
        'sealift clients lists the fingerprints that were seen.',
      );
    }
    return offer;
  }
}

/** Offers by JA4; of several with one fingerprint that which was seen last. */
async function readLedgerOffers(data: string): Promise<ReadonlyMap<string, Offer>> {
  const { openDatabaseFile } = await import('../vault/database/database.ts');
  const { vaultPaths } = await import('../vault/data-folder.ts');
  const { replayEntries } = await import('../vault/ledger/queries.ts');
  const file = vaultPaths(data).database;
  if (!existsSync(file)) throw usageError(`${data} is not the data folder of a vault`);
  const database = await openDatabaseFile(file);
  try {
    const entries = await replayEntries(database);
    const offers = new Map<string, Offer>();
    for (const { fingerprint, offer } of entries.toSorted((a, b) => a.lastSeenMs - b.lastSeenMs)) {
      if (offer !== undefined) offers.set(fingerprint, offer);
    }
    return offers;
  } finally {
    await database.destroy();
  }
}

async function clientOfFile(path: string): Promise<ClientSide> {
  const text = await readText(path);
  if (text.trimStart().startsWith('{')) return { offer: offerFromJson(text) };
  return { offer: parseOfferText(text).offer };
}

async function policyOf(given: unknown): Promise<Policy> {
  if (typeof given === 'object' && given !== null) {
    // JSON is YAML, so that the fields are read and checked as those of a file are.
    return parsePolicy(JSON.stringify(given), { file: 'server', findBaseline });
  }
  if (typeof given !== 'string') throw usageError('a server is text or the fields of a policy');
  const baseline = findBaseline(given);
  if (baseline !== undefined) return baseline;
  return parsePolicy(await readText(given, 'sealift negotiate --list names the baselines.'), {
    file: given,
    findBaseline,
  });
}

async function readText(path: string, hint?: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw usageError(`${path}: ${messageOf(error)}`, hint);
  }
}
