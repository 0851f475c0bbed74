import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

/** The rooms of src, top to bottom: a room may import itself and what stands below it. */
const rooms = [
  'cli',
  'console',
  'agent',
  'vault',
  'doctor',
  'probe',
  'door',
  'engine',
  'repository',
  'storage',
  'tls',
  'base',
];
/** Rooms without sockets, files or a clock, and the node: modules that they may use as functions. */
const pureRooms = ['repository', 'tls'];
const pureModules = ['node:buffer', 'node:crypto', 'node:util', 'node:zlib'];
const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const pattern =
    /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;
  return [...text.matchAll(pattern)].map((match) => ({
    file: relative(root, file),
    specifier: match[2] ?? match[3] ?? '',
    typeOnly: match[1] !== undefined,
  }));
}

function roomOf(path: string): string {
  return relative(source, path).split('/')[0] ?? '';
}

const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((file) => !file.endsWith('.test.ts'));
const imports = files.flatMap(importsOf);

test('every file of src stands in a room of the design', () => {
  assert.deepEqual(
    files.filter((file) => !rooms.includes(roomOf(file))),
    [],
  );
});

test('imports go one way, down the list of rooms', () => {
  assert.ok(imports.length > 50, 'the walk finds the imports');
  const upward = imports.filter(({ file, specifier }) => {
    if (!specifier.startsWith('.')) return false;
    const target = resolve(dirname(join(root, file)), specifier);
    if (!target.startsWith(source)) return !specifier.endsWith('package.json');
    return rooms.indexOf(roomOf(join(root, file))) > rooms.indexOf(roomOf(target));
  });
  assert.deepEqual(upward, []);
});

test('the pure rooms touch no file, socket or process', () => {
  const impure = imports.filter(
    ({ file, specifier, typeOnly }) =>
      pureRooms.includes(roomOf(join(root, file))) &&
      specifier.startsWith('node:') &&
      !typeOnly &&
      !pureModules.includes(specifier),
  );
  assert.deepEqual(impure, []);
});

test('the repository room takes only types from storage', () => {
  const values = imports.filter(
    ({ file, specifier, typeOnly }) =>
      roomOf(join(root, file)) === 'repository' && /\/storage\//.test(specifier) && !typeOnly,
  );
  assert.deepEqual(values, []);
});

test('no thread that is terminated uses zlib, or Node would end the process now and then', () => {
  // engine/workers/end-threads.ts says why; what those threads do with packages was looked at by hand.
  const valuesOf = Map.groupBy(
    imports.filter(({ typeOnly }) => !typeOnly),
    ({ file }) => file,
  );
  const threads = files.flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    if (!text.includes('.terminate()')) return [];
    const entries = [...text.matchAll(/'(\.[^']*-worker\.ts)'/g)].map((match) => match[1] ?? '');
    assert.ok(entries.length > 0, `${file} terminates threads of no known entry`);
    const folder = text.includes("startSetup('") ? join(source, 'engine/workers') : dirname(file);
    return entries.map((entry) => relative(root, resolve(folder, entry)));
  });
  assert.ok(threads.length > 2, 'the threads are found');
  const reached = new Set(threads);
  for (const file of reached) {
    for (const { specifier } of valuesOf.get(file) ?? []) {
      assert.notEqual(specifier, 'node:zlib', `${file}, loaded by one of ${threads}`);
      if (specifier.startsWith('.'))
        reached.add(relative(root, resolve(root, dirname(file), specifier)));
    }
  }
  assert.ok(reached.size > 30, 'the walk goes on from the entries');
});
