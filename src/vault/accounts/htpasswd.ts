/** Logins of an Apache password file, as rest-server keeps them; read again when the file changes. */

import { readFile, stat } from 'node:fs/promises';

export class HtpasswdFile {
  readonly #path: string;
  #version = '';
  #hashes: ReadonlyMap<string, string> = new Map();

  /** The file need not exist, now or later. */
  constructor(path: string) {
    this.#path = path;
  }

  /** The hash of a login, or undefined if the file (as it is now) has none. */
  async find(name: string): Promise<string | undefined> {
    await this.#refresh();
    return this.#hashes.get(name);
  }

  async #refresh(): Promise<void> {
    try {
      const { mtimeMs, size, ino } = await stat(this.#path);
      const version = `${mtimeMs}/${size}/${ino}`;
      if (version === this.#version) return;
      this.#hashes = parseHtpasswd(await readFile(this.#path, 'utf8'));
      this.#version = version;
    } catch {
      // Gone or unreadable: nobody may log in by it, which is the careful reading.
      this.#hashes = new Map();
      this.#version = '';
    }
  }
}

/** Name and hash of each line `NAME:HASH`; comments and empty lines are skipped. */
export function parseHtpasswd(text: string): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#'))
      hashes.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return hashes;
}
