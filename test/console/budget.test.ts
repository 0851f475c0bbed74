/** What a browser has to load before it shows anything, and for all pages together. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildConsole } from '../../scripts/build-console.ts';

const assets = resolve(import.meta.dirname, '../../dist/console/assets');
const limitBytes = 350 * 1024;

test('the scripts of all pages together stay below 350 KiB compressed', async () => {
  await buildConsole();
  const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'));
  assert.ok(scripts.length > 0);
  const sizes = scripts.map((name) => gzipSync(readFileSync(join(assets, name))).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(total < limitBytes, `${total} bytes in ${scripts.length} scripts`);
});
