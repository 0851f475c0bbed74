/** Tags of clients: patterns of names in vault.yaml, and single names that the console has tagged. */

import { fitsAny } from '../accounts/name-patterns.ts';
import type { VaultConfig } from '../config.ts';
import type { VaultDatabase } from '../database/database.ts';

export type TagsOf = (client: string) => string[];

/** Those of the configuration alone. */
export function configuredTags({ tags }: Pick<VaultConfig, 'tags'>): TagsOf {
  const entries = Object.entries(tags);
  return (client) => entries.flatMap(([tag, patterns]) => (fitsAny(patterns, client) ? [tag] : []));
}

/** Both kinds together, each tag once. */
export async function readTagsOf(
  database: VaultDatabase,
  config: Pick<VaultConfig, 'tags'>,
): Promise<TagsOf> {
  return mergedTags(configuredTags(config), await readGivenTags(database));
}

/** Tags by client, as the console gave them. */
export async function readGivenTags(
  database: VaultDatabase,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await database.selectFrom('client_tags').selectAll().orderBy('tag').execute();
  const byClient = Map.groupBy(rows, ({ client }) => client);
  return new Map([...byClient].map(([client, own]) => [client, own.map(({ tag }) => tag)]));
}

export function mergedTags(
  configured: TagsOf,
  given: ReadonlyMap<string, readonly string[]>,
): TagsOf {
  return (client) => [...new Set([...configured(client), ...(given.get(client) ?? [])])];
}

/** The tags that a running vault goes by: the door asks for them at every hello. */
export class TagBook {
  readonly #database: VaultDatabase;
  #given: ReadonlyMap<string, readonly string[]> = new Map();

  private constructor(database: VaultDatabase) {
    this.#database = database;
  }

  static async open(database: VaultDatabase): Promise<TagBook> {
    const book = new TagBook(database);
    await book.refresh();
    return book;
  }

  async refresh(): Promise<void> {
    this.#given = await readGivenTags(this.#database);
  }

  tagsOf(client: string, config: Pick<VaultConfig, 'tags'>): string[] {
    return mergedTags(configuredTags(config), this.#given)(client);
  }
}
