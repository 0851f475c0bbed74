/** A command loads what it uses: the modules that a start brings in are counted, not timed. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mainFile, nodeFlags, run, runSealift } from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** Loaded into the command: names every module on standard error as it is read. */
const reporter = `data:text/javascript,${encodeURIComponent(
  "import { registerHooks } from 'node:module';" +
    'registerHooks({ load(url, context, next) {' +
    "process._rawDebug('loads ' + url); return next(url, context); } });",
)}`;

/** What only servers, tables of knowledge or other commands need. */
const forbidden = [
  /node_modules\/(zod|yaml|croner|kysely|fastify|pino|prom-client|nodemailer|bcryptjs|echarts|koffi)\//,
  /node_modules\/@peculiar\//,
  /src\/(vault|door|doctor|agent|tls)\//,
  /src\/engine\/(backup|restore|check|workers\/(?!start|scrypt))/,
  /node:(https?|http2|tls|sqlite)$/,
];

async function modulesOf(t: TestContext, args: readonly string[]): Promise<string[]> {
  const repository = join(tempFolder(t), 'repository');
  const env = { SEALIFT_REPOSITORY: repository, SEALIFT_PASSWORD: 'start', LC_ALL: 'C' };
  assert.equal((await runSealift(['init'], { env })).code, 0);
  const flags = ['--import', reporter, ...nodeFlags, mainFile];
  const { code, stderr } = await run(process.execPath, [...flags, ...args], { env });
  assert.equal(code, 0, stderr);
  return [...stderr.matchAll(/^loads (\S+)$/gm)].map((match) => match[1] ?? '');
}

const named = (modules: readonly string[], pattern: RegExp): string[] =>
  modules.filter((module) => pattern.test(module));

for (const args of [['snapshots'], ['version'], ['--version'], ['key', 'list'], ['unlock']]) {
  test(`${args.join(' ')} on a local repository loads nothing of the server's`, async (t) => {
    const modules = await modulesOf(t, args);
    assert.ok(named(modules, /src\/cli\/command-line\.ts$/).length > 0, 'the report works');
    assert.deepEqual(
      forbidden.flatMap((pattern) => named(modules, pattern)),
      [],
    );
  });
}

test('a command that opens no repository starts no thread', async (t) => {
  for (const args of [['version'], ['help', 'version']]) {
    assert.deepEqual(named(await modulesOf(t, args), /node:worker_threads$/), [], args.join(' '));
  }
});

test('a command loads no other command', async (t) => {
  const modules = await modulesOf(t, ['snapshots']);
  const files = named(modules, /src\/cli\/commands\//).map((url) => url.replace(/.*\//, ''));
  assert.deepEqual(files.toSorted(), ['snapshot-filter.ts', 'snapshots.ts']);
});

/** Node 22 loads its compiler for every TypeScript module, whether the compiled code is kept or not. */
const compilesAlways = process.versions.node.startsWith('22.');

test('from its second start on, a command loads no compiler of TypeScript, except on Node 22', async (t) => {
  const folder = tempFolder(t);
  const env = {
    SEALIFT_REPOSITORY: join(folder, 'repository'),
    SEALIFT_PASSWORD: 'start',
    XDG_CACHE_HOME: join(folder, 'cache'),
    LOCALAPPDATA: join(folder, 'cache'),
  };
  assert.equal((await runSealift(['init'], { env })).code, 0);
  const reporter = `data:text/javascript,${encodeURIComponent(
    "process.on('exit', () => process._rawDebug('loaded ' + process.moduleLoadList.join()))",
  )}`;
  const compilers: number[] = [];
  for (let start = 0; start < 2; start += 1) {
    const flags = ['--import', reporter, ...nodeFlags, mainFile];
    const { code, stderr } = await run(process.execPath, [...flags, 'snapshots'], { env });
    assert.equal(code, 0, stderr);
    compilers.push(stderr.match(/deps\/amaro/g)?.length ?? 0);
  }
  assert.ok((compilers[0] ?? 0) > 0, 'the first start compiles');
  assert.equal(compilers[1], compilesAlways ? compilers[0] : 0);
});

test('--version says what version does, as text and as JSON', async () => {
  for (const more of [[], ['--json']]) {
    const asCommand = await runSealift(['version', ...more]);
    assert.equal(asCommand.code, 0);
    assert.match(asCommand.stdout, /\d+\.\d+\.\d+/);
    assert.deepEqual(await runSealift(['--version', ...more]), asCommand);
    assert.deepEqual(await runSealift([...more, '--version']), asCommand);
  }
});

test('--version beside a command is an option that it does not have', async () => {
  const { code, stderr } = await runSealift(['backup', '--version']);
  assert.equal(code, 1);
  assert.match(stderr, /unknown option '--version'/);
});

test('the help without a command names them all, and a misspelt one is not taken for another', async () => {
  const { code, stdout } = await runSealift(['--help']);
  assert.equal(code, 0);
  for (const name of ['up', 'backup', 'snapshots', 'vault', 'doctor', 'version']) {
    assert.match(stdout, new RegExp(`^  ${name}\\b`, 'm'));
  }
  const misspelt = await runSealift(['bakup']);
  assert.equal(misspelt.code, 1);
  assert.match(misspelt.stderr, /unknown command 'bakup'/);
  const bare = await runSealift(['-r', 'init']);
  assert.equal(bare.code, 1);
  assert.match(bare.stderr, /no command is named/);
});
