/**
 * Facts of a Linux machine from its files alone: nothing is run. Versions are read out of libraries and
 * programs, so that a mounted disk tells as much as the machine itself.
 */

import { type Facts, type FactsDocument, makeFacts, type StackFact } from '../facts.ts';
import { findJava } from '../java/find-java.ts';
import { findNode } from '../node/find-node.ts';
import { findOpenssl } from '../openssl/find-openssl.ts';
import { findCurl } from './find-curl.ts';
import { findGnutls } from './find-gnutls.ts';
import { findGo } from './find-go.ts';
import { findPython } from './find-python.ts';
import { type MachineFiles, machineFiles } from './machine-files.ts';
import { parseOsRelease } from './os-release.ts';
import { proxiesOf } from './proxies.ts';

export interface LinuxOptions {
  /** The folder that is the machine's root; the machine itself when left out. */
  readonly root?: string;
  /** Where to read instead of the folder: a root that is no folder of this machine. */
  readonly files?: MachineFiles;
  /** Of the machine itself; a folder's is read from its /etc/environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const osReleaseFiles = ['/etc/os-release', '/usr/lib/os-release'];
const policyFile = '/etc/crypto-policies/state/current';
/** Architecture by e_machine of an ELF file. */
const machines: Readonly<Record<number, 'x86' | 'x64' | 'arm64'>> = {
  3: 'x86',
  62: 'x64',
  183: 'arm64',
};
const machineOffset = 18;

/** undefined when the root holds no Linux. */
export function readLinuxFacts({
  root = '/',
  environment,
  files = machineFiles(root),
}: LinuxOptions = {}): Facts | undefined {
  const osText = osReleaseFiles.map((path) => files.text(path)).find((text) => text !== undefined);
  if (osText === undefined) return undefined;
  const known = environment ?? environmentFile(files);
  const openssl = findOpenssl(files, known);
  const go = findGo(files, known);
  const host = files.text('/etc/hostname')?.trim();
  const zone = files.text('/etc/timezone')?.trim();
  return makeFacts({
    ...(host === undefined || host === '' ? {} : { host }),
    os: operatingSystem(files, osText),
    stacks: [
      ...openssl.stacks.map((stack) => withPolicy(files, stack)),
      ...findGnutls(files).map((stack) => withPolicy(files, stack)),
      ...findJava(files, known),
      ...findNode(files, known),
      ...go.stacks,
      ...findPython(files, openssl.stacks),
      ...findCurl(files, openssl.stacks),
    ],
    agents: [...go.agents],
    proxies: proxiesOf(known),
    ...(zone === undefined || zone === '' ? {} : { clock: { timeZone: zone } }),
    sources: [{ file: root, kind: root === '/' ? 'live' : 'disk' }],
    problems: openssl.problems.map(({ detail, file, line }) => ({
      ...{ what: 'bad-line' as const, detail, file },
      ...(line === undefined ? {} : { line }),
    })),
  });
}

function operatingSystem(files: MachineFiles, text: string): NonNullable<FactsDocument['os']> {
  const { id, like, name, version } = parseOsRelease(text);
  const distribution = [...(id === undefined ? [] : [id]), ...like];
  const architecture = architectureOf(files);
  return {
    family: 'linux',
    ...(name === undefined ? {} : { product: name }),
    ...(version === undefined ? {} : { version }),
    ...(architecture === undefined ? {} : { architecture }),
    distribution,
  };
}

function architectureOf(files: MachineFiles): 'x86' | 'x64' | 'arm64' | undefined {
  for (const program of ['/bin/sh', '/usr/bin/env', '/sbin/init']) {
    const bytes = files.bytes(program, machineOffset, 2);
    const code = (bytes[0] ?? 0) + (bytes[1] ?? 0) * 256;
    if (machines[code] !== undefined) return machines[code];
  }
  return undefined;
}

/** Red Hat's policy decides what the libraries' configuration says. */
function withPolicy(files: MachineFiles, stack: StackFact): StackFact {
  const policy = files.text(policyFile)?.trim();
  if (policy === undefined) return stack;
  return {
    ...stack,
    settings: { ...stack.settings, cryptoPolicy: policy },
    origins: { ...stack.origins, cryptoPolicy: { file: policyFile } },
  };
}

function environmentFile(files: MachineFiles): Record<string, string> {
  const lines = (files.text('/etc/environment') ?? '').split('\n');
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = /^(?:export\s+)?(\w+)=["']?(.*?)["']?\s*$/.exec(line.trim()) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}
