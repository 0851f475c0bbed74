/** The command line as scripts meet it: a real process, its exit code, and what it prints where. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  cleanEnvironment,
  mainFile,
  mustRunSealift,
  nodeFlags,
  type Outcome,
  runSealift,
} from '../support/run.ts';
import { tempFolder } from '../support/temp-folder.ts';

interface Place {
  readonly folder: string;
  readonly source: string;
  readonly repository: string;
  readonly env: Readonly<Record<string, string>>;
}

function makePlace(context: TestContext): Place {
  const folder = tempFolder(context);
  const source = join(folder, 'source');
  mkdirSync(join(source, 'inner'), { recursive: true });
  writeFileSync(join(source, 'inner', 'file'), 'content of the file\n');
  writeFileSync(join(source, 'second'), 'x'.repeat(100_000));
  const repository = join(folder, 'repository');
  const env = { SEALIFT_REPOSITORY: repository, SEALIFT_PASSWORD: 'secret words', LANG: 'C' };
  return { folder, source, repository, env };
}

async function makeRepository(context: TestContext): Promise<Place> {
  const place = makePlace(context);
  await mustRunSealift(['init'], { env: place.env });
  return place;
}

/** A failure is `error:` and `hint:` on standard error, without a stack and without a result. */
function assertFails(outcome: Outcome, code: number, message: RegExp): void {
  assert.equal(outcome.code, code, outcome.stderr + outcome.stdout);
  assert.match(outcome.stderr, /^error: /m);
  assert.match(outcome.stderr, message);
  assert.doesNotMatch(outcome.stderr, /^\s+at .*:\d+/m);
}

function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function lastLine(text: string): Record<string, unknown> {
  return jsonLines(text).at(-1) ?? {};
}

describe('exit codes', () => {
  test('0 and the new repository is named after init', async (t) => {
    const { env, repository } = makePlace(t);
    const { code, stdout } = await runSealift(['init'], { env });
    assert.equal(code, 0);
    assert.match(stdout, /created repository [0-9a-f]{10} at /);
    assert.ok(stdout.includes(repository));
    assertFails(await runSealift(['init'], { env }), 1, /there is a repository/);
  });

  test('10 where there is no repository', async (t) => {
    const { env } = makePlace(t);
    assertFails(await runSealift(['snapshots'], { env }), 10, /no repository/);
  });

  test('12 for a wrong password', async (t) => {
    const { env } = await makeRepository(t);
    const wrong = { ...env, SEALIFT_PASSWORD: 'other words' };
    assertFails(await runSealift(['snapshots'], { env: wrong }), 12, /wrong password/);
  });

  test('11 while another process holds a lock, and --retry-lock waits for its end', async (t) => {
    const { env } = await makeRepository(t);
    const holder = spawnSealift(t, ['backup', '--stdin'], env);
    await untilFileIn(join(env['SEALIFT_REPOSITORY'] ?? '', 'locks'));
    assertFails(await runSealift(['check'], { env }), 11, /lock/);
    const waiting = runSealift(['check', '--retry-lock', '1m'], { env });
    holder.child.stdin?.end('what was piped');
    assert.equal((await holder.outcome).code, 0);
    assert.equal((await waiting).code, 0);
  });

  test('130 after Ctrl-C and SIGTERM, and no lock is left behind', async (t) => {
    const { env, repository } = await makeRepository(t);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const running = spawnSealift(t, ['backup', '--stdin'], env);
      running.child.stdin?.write('the beginning');
      await untilFileIn(join(repository, 'locks'));
      running.child.kill(signal);
      assertFails(await running.outcome, 130, /interrupted/);
      assert.deepEqual(readdirSync(join(repository, 'locks')), []);
    }
    assert.match(await mustRunSealift(['check'], { env }), /no errors/);
  });

  test('3 when a file could not be read, which is named, and the snapshot is there', async (t) => {
    const { env, source } = await makeRepository(t);
    const missing = join(source, 'not there');
    const outcome = await runSealift(['backup', source, missing], { env });
    assertFails(outcome, 3, /not there/);
    assert.match(outcome.stdout, /snapshot [0-9a-f]{8} saved/);
  });

  test('1 and the options for an unknown option or command', async () => {
    assertFails(await runSealift(['backup', '--no-such-thing']), 1, /no-such-thing.*\nhint: /);
    assertFails(await runSealift(['no-such-command']), 1, /no-such-command/);
    assertFails(await runSealift(['restore']), 1, /missing required argument/);
  });

  test('1 when no repository is named, with what to do', async (t) => {
    const { env } = makePlace(t);
    const { SEALIFT_REPOSITORY: _, ...without } = env;
    assertFails(await runSealift(['snapshots'], { env: without }), 1, /hint: .*SEALIFT_REPOSITORY/);
  });

  test('1 for damage that check finds, which is named', async (t) => {
    const { env, source, repository } = await makeRepository(t);
    await mustRunSealift(['backup', source], { env });
    const data = join(repository, 'data');
    const pack = readdirSync(data, { recursive: true, encoding: 'utf8' }).find((name) =>
      /[0-9a-f]{64}$/.test(name),
    );
    assert.ok(pack !== undefined);
    const bytes = readFileSync(join(data, pack));
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    chmodSync(join(data, pack), 0o600);
    writeFileSync(join(data, pack), bytes);
    const outcome = await runSealift(['check', '--read-data'], { env });
    assertFails(outcome, 1, new RegExp(pack.slice(-64, -56)));
  });
});

describe('the password', () => {
  test('is taken from a file without the white space around it, from UTF-16 as well', async (t) => {
    const { env, folder } = await makeRepository(t);
    const { SEALIFT_PASSWORD: _, ...without } = env;
    const file = join(folder, 'password');
    writeFileSync(file, 'secret words \r\n');
    await mustRunSealift(['snapshots', '-p', file], { env: without });
    writeFileSync(file, Buffer.from('\ufeffsecret words\n', 'utf16le'));
    await mustRunSealift(['snapshots', '--password-file', file], { env: without });
    await mustRunSealift(['snapshots'], { env: { ...without, RESTIC_PASSWORD_FILE: file } });
  });

  test('is taken from the output of a command', async (t) => {
    const { env } = await makeRepository(t);
    const { SEALIFT_PASSWORD: _, ...without } = env;
    await mustRunSealift(['snapshots', '--password-command', `echo 'secret words'`], {
      env: without,
    });
    const failed = await runSealift(['snapshots', '--password-command', 'false'], { env: without });
    assertFails(failed, 1, /exit code 1/);
    const killed = ['snapshots', '--password-command', `sh -c 'kill $$'`];
    assertFails(await runSealift(killed, { env: without }), 1, /stopped by a signal/);
    // Of the starts that fail, Node reports the first by an event and throws at the second.
    for (const [program, code] of [
      ['/missing/program', 'ENOENT'],
      [`${process.execPath}/program`, 'ENOTDIR'],
    ] as const) {
      const args = ['snapshots', '--password-command', program];
      assertFails(await runSealift(args, { env: without }), 1, new RegExp(`${program}.*${code}`));
    }
  });

  test('is not trimmed in a variable', async (t) => {
    const { env } = await makeRepository(t);
    const padded = { ...env, SEALIFT_PASSWORD: 'secret words ' };
    assertFails(await runSealift(['snapshots'], { env: padded }), 12, /wrong password/);
  });

  test('is read from a pipe, and may be missing there', async (t) => {
    const { env } = await makeRepository(t);
    const { SEALIFT_PASSWORD: _, ...without } = env;
    await mustRunSealift(['snapshots'], { env: without, input: 'secret words\n' });
    assertFails(await runSealift(['snapshots'], { env: without }), 1, /no password/);
  });

  test('may be empty only when that is asked for', async (t) => {
    const { env, folder } = makePlace(t);
    const { SEALIFT_PASSWORD: _, ...without } = env;
    const file = join(folder, 'empty');
    writeFileSync(file, '\n');
    assertFails(await runSealift(['init', '-p', file], { env: without }), 1, /empty password/);
    await mustRunSealift(['init', '--insecure-no-password'], { env: without });
    await mustRunSealift(['snapshots', '--insecure-no-password'], { env: without });
    assertFails(await runSealift(['snapshots'], { env: { ...env } }), 12, /wrong password/);
  });
});

describe('a backup', () => {
  test('ends with the lines that users of restic know', async (t) => {
    const { env, source } = await makeRepository(t);
    const { stdout } = await runSealift(['backup', source], { env });
    assert.match(stdout, /^Files: +2 new, +0 changed, +0 unmodified$/m);
    assert.match(stdout, /^Dirs: +\d+ new, +0 changed, +0 unmodified$/m);
    assert.match(stdout, /^Added to the repository: .* \(.* stored\)$/m);
    assert.match(stdout, /^processed 2 files, 97\.676 KiB in 0:\d\d$/m);
    assert.match(stdout, /^snapshot [0-9a-f]{8} saved$/m);
    assert.doesNotMatch(stdout, /TLS/);
  });

  test('prints JSON lines with the field names of restic', async (t) => {
    const { env, source } = await makeRepository(t);
    const { stdout, stderr, code } = await runSealift(['backup', '--json', source], { env });
    assert.equal(code, 0);
    assert.equal(stderr, '');
    const lines = jsonLines(stdout);
    const status = lines.find((line) => line['message_type'] === 'status');
    assert.equal(typeof status?.['percent_done'], 'number');
    const summary = lines.at(-1) ?? {};
    assert.deepEqual(Object.keys(summary).sort(), [
      'backup_end',
      'backup_start',
      'data_added',
      'data_added_packed',
      'data_blobs',
      'dirs_changed',
      'dirs_new',
      'dirs_unmodified',
      'files_changed',
      'files_new',
      'files_unmodified',
      'message_type',
      'snapshot_id',
      'total_bytes_processed',
      'total_duration',
      'total_files_processed',
      'tree_blobs',
    ]);
    assert.equal(summary['files_new'], 2);
    assert.match(String(summary['snapshot_id']), /^[0-9a-f]{64}$/);
  });

  test('reports a failure as JSON on standard error, and leaves standard output to results', async (t) => {
    const { env, source } = await makeRepository(t);
    const args = ['backup', '--json', source, join(source, 'gone')];
    const { stdout, stderr, code } = await runSealift(args, { env });
    assert.equal(code, 3);
    assert.equal(lastLine(stdout)['message_type'], 'summary');
    const [error, exit] = jsonLines(stderr);
    assert.equal(error?.['message_type'], 'error');
    assert.equal(error?.['item'], join(source, 'gone'));
    assert.equal(exit?.['message_type'], 'exit_error');
    assert.equal(exit?.['code'], 3);
  });

  test('takes its list from files and leaves out what is excluded', async (t) => {
    const { env, source, folder } = await makeRepository(t);
    const list = join(folder, 'list');
    writeFileSync(list, `# what to keep\n${folder}/sou*\n`);
    const excludes = join(folder, 'excludes');
    writeFileSync(excludes, 'sec*\n');
    const args = ['backup', '--json', '--files-from', list, '--exclude-file', excludes];
    const summary = lastLine(await mustRunSealift(args, { env }));
    assert.equal(summary['total_files_processed'], 1);
    const names = (await mustRunSealift(['ls', 'latest'], { env })).split('\n');
    assert.ok(names.includes(join(source, 'inner', 'file')));
    assert.ok(!names.includes(join(source, 'second')));
  });

  test('of a stream is one file of the name given', async (t) => {
    const { env } = await makeRepository(t);
    const input = 'from a pipe';
    await mustRunSealift(['backup', '--stdin', '--stdin-filename', 'dump.sql'], { env, input });
    assert.match(await mustRunSealift(['ls', 'latest'], { env }), /^\/dump\.sql$/m);
  });

  test('that is dry stores nothing', async (t) => {
    const { env, source } = await makeRepository(t);
    const text = await mustRunSealift(['backup', '--dry-run', source], { env });
    assert.match(text, /^Would add to the repository/m);
    assert.equal(await mustRunSealift(['snapshots', '--json'], { env }), '[]\n');
  });
});

describe('what was backed up', () => {
  test('is listed, shown and restored', async (t) => {
    const { env, source, folder } = await makeRepository(t);
    await mustRunSealift(['backup', '--tag', 'a,b', '--host', 'box', source], { env });
    const [snapshot] = JSON.parse(await mustRunSealift(['snapshots', '--json'], { env }));
    assert.deepEqual(snapshot.tags, ['a', 'b']);
    assert.equal(snapshot.hostname, 'box');
    assert.equal(snapshot.short_id, snapshot.id.slice(0, 8));
    const table = await mustRunSealift(['snapshots'], { env });
    assert.match(table, new RegExp(`^${snapshot.short_id} .* box +a +${source}`, 'm'));

    const target = join(folder, 'target');
    const { stdout } = await runSealift(['restore', 'latest', '--target', target], { env });
    assert.match(stdout, /^Summary: Restored \d+ files\/dirs \(.*\) in 0:\d\d/m);
    assert.equal(
      readFileSync(join(target, source, 'inner', 'file'), 'utf8'),
      'content of the file\n',
    );
  });

  test('is restored in part when patterns or a folder say so', async (t) => {
    const { env, source, folder } = await makeRepository(t);
    await mustRunSealift(['backup', source], { env });
    const some = join(folder, 'some');
    await mustRunSealift(['restore', 'latest', '-t', some, '--include', 'second'], { env });
    assert.deepEqual(readdirSync(join(some, source)), ['second']);
    const part = join(folder, 'part');
    await mustRunSealift(['restore', `latest:${source}/inner`, '-t', part], { env });
    assert.deepEqual(readdirSync(part), ['file']);
  });

  test('is reported as JSON when restored', async (t) => {
    const { env, source, folder } = await makeRepository(t);
    await mustRunSealift(['backup', source], { env });
    const target = join(folder, 'target');
    const text = await mustRunSealift(['restore', 'latest', '-t', target, '--json'], { env });
    const summary = lastLine(text);
    assert.equal(summary['message_type'], 'summary');
    assert.equal(summary['total_files'], summary['files_restored']);
    assert.equal(summary['bytes_restored'], 100_020);
  });

  test('is listed with the details of restic', async (t) => {
    const { env, source } = await makeRepository(t);
    await mustRunSealift(['backup', source], { env });
    const [header, ...nodes] = jsonLines(await mustRunSealift(['ls', '--json', 'latest'], { env }));
    assert.equal(header?.['struct_type'], 'snapshot');
    const file = nodes.find((node) => node['name'] === 'second');
    assert.equal(file?.['struct_type'], 'node');
    assert.equal(file?.['type'], 'file');
    assert.equal(file?.['path'], join(source, 'second'));
    assert.equal(file?.['size'], 100_000);
    assert.match(String(file?.['permissions']), /^-rw/);
    assert.match(await mustRunSealift(['ls', '-l', 'latest'], { env }), /^-rw.* 100000 .*second$/m);
  });

  test('that does not exist is said so', async (t) => {
    const { env, folder } = await makeRepository(t);
    const target = join(folder, 'target');
    const outcome = await runSealift(['restore', 'latest', '-t', target], { env });
    assertFails(outcome, 1, /snapshot/);
  });
});

describe('other commands', () => {
  test('check, list, cat and unlock say what they found', async (t) => {
    const { env, source } = await makeRepository(t);
    await mustRunSealift(['backup', source], { env });
    assert.match(await mustRunSealift(['check'], { env }), /no errors were found/);
    const report = lastLine(await mustRunSealift(['check', '--json'], { env }));
    assert.equal(report['message_type'], 'summary');
    assert.equal(report['num_errors'], 0);
    const config = JSON.parse(await mustRunSealift(['cat', 'config'], { env }));
    assert.equal(config.version, 2);
    const [id = ''] = (await mustRunSealift(['list', 'snapshots'], { env })).split('\n');
    assert.match(id, /^[0-9a-f]{64}$/);
    const snapshot = JSON.parse(await mustRunSealift(['cat', 'snapshot', id], { env }));
    assert.deepEqual(snapshot.paths, [source]);
    const tree = JSON.parse(await mustRunSealift(['cat', 'tree', `latest:${source}`], { env }));
    assert.deepEqual(
      tree.nodes.map((node: { name: string }) => node.name),
      ['inner', 'second'],
    );
    assert.match(await mustRunSealift(['list', 'blobs'], { env }), /^data [0-9a-f]{64}$/m);
    assert.match(await mustRunSealift(['unlock'], { env }), /removed 0 locks/);
  });

  test('keys are added, listed, changed and removed', async (t) => {
    const { env, folder } = await makeRepository(t);
    const second = join(folder, 'second');
    writeFileSync(second, 'second words\n');
    await mustRunSealift(['key', 'add', '--new-password-file', second, '--user', 'other'], { env });
    const keys = JSON.parse(await mustRunSealift(['key', 'list', '--json'], { env }));
    assert.equal(keys.length, 2);
    const current = keys.find((key: { current: boolean }) => key.current);
    const other = keys.find((key: { current: boolean }) => !key.current);
    assert.equal(other.userName, 'other');
    assertFails(await runSealift(['key', 'remove', current.id], { env }), 1, /key/);
    await mustRunSealift(['key', 'remove', other.id], { env });
    const gone = { ...env, SEALIFT_PASSWORD: 'second words' };
    assert.equal((await runSealift(['snapshots'], { env: gone })).code, 12);
    await mustRunSealift(['key', 'passwd', '--new-password-file', second], { env });
    assert.equal((await runSealift(['snapshots'], { env })).code, 12);
    await mustRunSealift(['snapshots'], { env: gone });
  });

  test('version and help need no repository', async () => {
    assert.match(await mustRunSealift(['version']), /^sealift 0\.1\.0 /);
    assert.equal(JSON.parse(await mustRunSealift(['version', '--json'])).version, '0.1.0');
    assert.match(await mustRunSealift([]), /Usage: sealift/);
    const help = await mustRunSealift(['help', 'backup']);
    assert.match(help, /--exclude-caches/);
    assert.match(help, /--password-file/);
    assert.match(await mustRunSealift(['vault', 'serve', '--help']), /--listen/);
  });
});

test('in a Chinese locale summaries and errors are Chinese', async (t) => {
  const { env, source, folder } = await makeRepository(t);
  const chinese = { ...env, LC_ALL: 'zh_CN.UTF-8' };
  assert.match(
    await mustRunSealift(['backup', source], { env: chinese }),
    /^快照 [0-9a-f]{8} 已保存$/m,
  );
  const outcome = await runSealift(['snapshots', '-r', join(folder, 'nothing')], { env: chinese });
  assert.equal(outcome.code, 10);
  assert.match(outcome.stderr, /^错误: 没有找到存储库/);
  const english = await runSealift(['snapshots', '-r', folder, '--lang', 'en'], { env: chinese });
  assert.match(english.stderr, /^error: /);
});

test('a reader that goes away early is no failure', async (t) => {
  const { env, source } = await makeRepository(t);
  for (let i = 0; i < 300; i++) writeFileSync(join(source, `file ${i}`), String(i));
  await mustRunSealift(['backup', source], { env });
  const running = spawnSealift(t, ['ls', 'latest', '--json'], env);
  running.child.stdout?.destroy();
  const { code, stderr } = await running.outcome;
  assert.equal(stderr, '');
  assert.equal(code, 0);
});

/** A process that is still running, so that signals and pipes can be tried on it. */
function spawnSealift(
  context: TestContext,
  args: readonly string[],
  env: Place['env'],
): { child: ChildProcess; outcome: Promise<Outcome> } {
  const child = spawn(process.execPath, [...nodeFlags, mainFile, ...args], {
    env: cleanEnvironment(env),
    stdio: 'pipe',
  });
  context.after(() => child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => undefined);
  const outcome = once(child, 'close').then(([code]) => ({ code, stdout, stderr }));
  return { child, outcome };
}

async function untilFileIn(folder: string): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (readdirSync(folder).some((name) => /^[0-9a-f]{64}$/.test(name))) return;
    await delay(25);
  }
  throw new Error(`no file came into ${folder}`);
}
