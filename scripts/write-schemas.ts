/** Writes the published JSON Schemas; a test holds that they are current. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { factsJsonSchema, factsSchemaPath } from '../src/doctor/facts/facts.ts';

const root = resolve(import.meta.dirname, '..');
const schemas: readonly (readonly [string, unknown])[] = [[factsSchemaPath, factsJsonSchema()]];

for (const [path, schema] of schemas) {
  const file = resolve(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(schema, undefined, 2)}\n`);
  execFileSync('npx', ['biome', 'format', '--write', file], { cwd: root, stdio: 'inherit' });
}
