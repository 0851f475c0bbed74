/**
 * Builds the web console into `dist/console` (`npm run build:console`). Runs by itself after `npm ci` and
 * before `npm start`, where it does nothing if the console is already built from the same sources.
 *
 * Plain files below `/console/` and nothing inline, so that a strict Content-Security-Policy holds.
 */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src/console');
/**
 * At the head of each script, before any schema is made: Zod would try whether it may make code at run
 * time, which the Content-Security-Policy forbids and the browser reports.
 */
const withoutEval = '(globalThis.__zod_globalConfig??={}).jitless=true;';
const stampName = 'built-from.txt';
/** What else the built files depend on: this script, and the versions of what they are made with. */
const alsoInputs = ['scripts/build-console.ts', 'package-lock.json', 'src/vault/api/contract.ts'];

/**
 * Builds unless the last build was made from the same sources. Several processes may do so at once: each
 * builds beside the place and then takes it.
 * @returns false if there was nothing to do
 */
export async function buildConsole({
  outDir = join(root, 'dist/console'),
  force = false,
}: {
  readonly outDir?: string;
  readonly force?: boolean;
} = {}): Promise<boolean> {
  const stamp = sourceStamp();
  const stampFile = join(outDir, stampName);
  if (!force && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return false;
  const { build } = await import('vite');
  const { default: react } = await import('@vitejs/plugin-react');
  const building = `${outDir}.${process.pid}.tmp`;
  try {
    await build({
      configFile: false,
      root: source,
      base: '/console/',
      plugins: [react()],
      logLevel: 'warn',
      build: {
        outDir: building,
        emptyOutDir: true,
        target: 'es2022',
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        reportCompressedSize: false,
        chunkSizeWarningLimit: 1024,
        rolldownOptions: { output: { banner: withoutEval } },
      },
    });
    compressFiles(building);
    writeFileSync(join(building, stampName), stamp);
    rmSync(outDir, { recursive: true, force: true });
    renameSync(building, outDir);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return true;
}

/** Beside each file that gains by it: the vault sends those to who takes them. */
function compressFiles(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(?:js|css|html|svg)$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const bytes = readFileSync(file);
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${file}.br`, brotliCompressSync(bytes));
  }
}

/** A hash of everything that goes into the console: its own files and what they import from other rooms. */
function sourceStamp(): string {
  const hash = createHash('sha256');
  const files = ['src/console', 'src/vault/api/schemas', 'src/tls', 'src/base']
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
        .map((entry) => join(entry.parentPath, entry.name)),
    );
  for (const file of [...files.sort(), ...alsoInputs.map((name) => join(root, name))]) {
    hash.update(`${relative(root, file)}\n`);
    hash.update(createHash('sha256').update(readFileSync(file)).digest());
  }
  return `${hash.digest('hex')}\n`;
}

async function hasVite(): Promise<boolean> {
  try {
    import.meta.resolve('vite');
    return true;
  } catch {
    return false;
  }
}

// The oldest Node that is supported has no import.meta.main.
if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { force: { type: 'boolean' }, 'if-possible': { type: 'boolean' } },
  });
  if (values['if-possible'] === true && !(await hasVite())) {
    process.stderr.write(
      'The console is not built: Vite is not installed here (npm ci installs it).\n',
    );
  } else if (await buildConsole({ force: values.force === true })) {
    process.stderr.write('The console is built: dist/console\n');
  }
}
