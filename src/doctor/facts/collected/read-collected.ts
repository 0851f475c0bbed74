/** The folder that a collector's script wrote, as facts. */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FactProblem, Facts } from '../facts.ts';
import { decodeRegFile } from '../registry/reg-text.ts';
import { lists } from '../windows-live.ts';
import { type Answer, factsOfAnswers, fileVersionsIn } from './answers.ts';
import { filesThatMatter, keysAbove } from './requests.ts';
import { indexName, indexVersion } from './script-cmd.ts';

/** A single answer larger than this is none. */
const maxBytes = 256 * 1024 * 1024;

/** @returns undefined for a folder that no collector wrote */
export async function readCollected(folder: string): Promise<Facts | undefined> {
  const names = await readdir(folder).catch(() => []);
  const index = names.find((name) => name.toLowerCase() === indexName);
  if (index === undefined) return undefined;
  const read = (name: string) => readPart(folder, names, name);
  const text = decodeRegFile((await read(index)) ?? new Uint8Array());
  const lines = text.split(/\r?\n/).map((line) => line.trimEnd());
  const field = (name: string) => {
    return lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
  };
  const registry: Answer[] = [];
  for (const line of lines) {
    const [, kind = '', number = '', rest = ''] = /^(\w+)=(\d{3});(.+)$/.exec(line) ?? [];
    const [path = '', above = ''] = rest.split(';');
    if (number !== '') registry.push(await answerOf({ kind, number, path, above }, read));
  }
  const details = decodeRegFile((await read('details.txt')) ?? new Uint8Array());
  const updates = [{ command: 'details.txt', text: details }];
  for (const command of ['updates.txt', 'systeminfo.txt']) {
    updates.push({ command, text: decodeRegFile((await read(command)) ?? new Uint8Array()) });
  }
  const fileVersions: Record<string, string> = {};
  for (const file of filesThatMatter) {
    const version = decodeRegFile((await read(`${file}.txt`)) ?? new Uint8Array());
    const found = /\b\d+(?:\.\d+){3}\b/.exec(version)?.[0];
    if (found !== undefined) fileVersions[file] = found;
  }
  const file = join(folder, index);
  return factsOfAnswers({
    ...{ registry, updates, problems: problemsOf(field, file), host: field('host') || undefined },
    fileVersions: { ...fileVersions, ...fileVersionsIn(details) },
    source: { file, kind: 'collector', notes: [] },
  });
}

function problemsOf(field: (name: string) => string | undefined, file: string): FactProblem[] {
  const version = field('sealift-collected');
  if (version !== String(indexVersion)) {
    return [
      { what: 'other', detail: `the collector's version ${version ?? '?'} is unknown`, file },
    ];
  }
  if (field('done') === '1') return [];
  return [{ what: 'cut-short', detail: 'the collector did not come to its end', file }];
}

interface IndexLine {
  readonly kind: string;
  readonly number: string;
  readonly path: string;
  readonly above: string;
}

async function answerOf(
  { kind, number, path, above }: IndexLine,
  read: (name: string) => Promise<Uint8Array | undefined>,
): Promise<Answer> {
  const failed = (detail: string): Answer => ({ path, kind: 'failed', detail });
  if (kind === 'export' || kind === 'query') {
    const bytes = await read(`${number}.${kind === 'export' ? 'reg' : 'txt'}`);
    return bytes === undefined ? failed('its file is missing') : { path, kind, bytes };
  }
  const listing = kind === 'above' ? await read(`${number}.above.txt`) : undefined;
  const chain = [path, ...keysAbove(path)];
  const top = chain[chain.findIndex((key) => key.toUpperCase() === above.toUpperCase()) - 1];
  if (listing === undefined || top === undefined || lists(listing, top)) {
    return failed('reg.exe could not read it');
  }
  return { path, kind: 'absent', top };
}

async function readPart(
  folder: string,
  names: readonly string[],
  wanted: string,
): Promise<Uint8Array | undefined> {
  const name = names.find((entry) => entry.toLowerCase() === wanted.toLowerCase());
  if (name === undefined) return undefined;
  const file = join(folder, name);
  const info = await stat(file).catch(() => undefined);
  if (info?.isFile() !== true || info.size > maxBytes) return undefined;
  return readFile(file).catch(() => undefined);
}
