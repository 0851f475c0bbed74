/**
 * Facts of a macOS from its files alone: the running one, a disk of it, one inside a snapshot. What TLS the
 * system itself brings follows from its release (`stacks/macos.ts`); here are what was installed beside
 * it, by Homebrew or by packages, and the settings of the network.
 */

import { type Facts, type FactsDocument, makeFacts } from '../facts.ts';
import { findJava } from '../java/find-java.ts';
import { findCurl } from '../linux/find-curl.ts';
import { findGo } from '../linux/find-go.ts';
import { type MachineFiles, machineFiles } from '../linux/machine-files.ts';
import { proxiesOf } from '../linux/proxies.ts';
import { findNode } from '../node/find-node.ts';
import { findOpenssl } from '../openssl/find-openssl.ts';
import { findMacosPython } from './find-python.ts';
import { dictOf, type PlistDict, readPlist, textAt, valueAt } from './plist.ts';

export interface MacosOptions {
  /** The folder that is the machine's root; the machine itself when left out. */
  readonly root?: string;
  /** Where to read instead of the folder: a root that is no folder of this machine. */
  readonly files?: MachineFiles;
  /** Of the machine itself. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export const systemVersionFile = '/System/Library/CoreServices/SystemVersion.plist';
const networkFile = '/Library/Preferences/SystemConfiguration/preferences.plist';

/** undefined when the root holds no macOS. */
export function readMacosFacts({
  root = '/',
  environment = {},
  files = machineFiles(root),
}: MacosOptions = {}): Facts | undefined {
  const system = readPlist(files, systemVersionFile);
  const version = textAt(system, 'ProductVersion');
  if (system === undefined || version === undefined) return undefined;
  const network = readPlist(files, networkFile);
  const host =
    textAt(network, 'System', 'Network', 'HostNames', 'LocalHostName') ??
    textAt(network, 'System', 'System', 'ComputerName');
  const openssl = findOpenssl(files, environment);
  const go = findGo(files);
  const zone = timeZone(files);
  return makeFacts({
    ...(host === undefined ? {} : { host }),
    os: operatingSystem(files, system, version),
    stacks: [
      ...openssl.stacks,
      ...findJava(files, environment),
      ...findNode(files, environment, openssl.stacks),
      ...go.stacks,
      ...findMacosPython(files, openssl.stacks),
      ...findCurl(files, openssl.stacks),
    ],
    agents: [...go.agents],
    proxies: [...networkProxies(network), ...proxiesOf(environment)],
    ...(zone === undefined ? {} : { clock: { timeZone: zone } }),
    sources: [{ file: root, kind: root === '/' ? 'live' : 'disk' }],
    problems: openssl.problems.map(({ detail, file, line }) => ({
      ...{ what: 'bad-line' as const, detail, file },
      ...(line === undefined ? {} : { line }),
    })),
  });
}

function operatingSystem(
  files: MachineFiles,
  system: PlistDict,
  version: string,
): NonNullable<FactsDocument['os']> {
  const name = textAt(system, 'ProductName') ?? 'macOS';
  const build = textAt(system, 'ProductBuildVersion');
  const architecture = architectureOf(files);
  return {
    family: 'macos',
    product: [name, version, ...(build === undefined ? [] : [`(${build})`])].join(' '),
    version,
    ...(architecture === undefined ? {} : { architecture }),
  };
}

/** Mach-O files of one architecture; a universal one does not tell that of the machine. */
const thinMagic = 0xfeedfacf;
const cpuTypes: Readonly<Record<number, 'x64' | 'arm64'>> = { 16777223: 'x64', 16777228: 'arm64' };

function architectureOf(files: MachineFiles): 'x64' | 'arm64' | undefined {
  // Homebrew has a folder of its own on Apple's processors.
  for (const path of ['/opt/homebrew/bin/brew', '/usr/local/bin/node', '/bin/sh']) {
    if (path.includes('homebrew') && files.resolve(path) !== undefined) return 'arm64';
    const bytes = files.bytes(path, 0, 8);
    if (bytes.length < 8) continue;
    const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const known = cpuTypes[header.getUint32(4, true)];
    if (header.getUint32(0, true) === thinMagic && known !== undefined) return known;
  }
  return undefined;
}

/** A link into the database of zones. */
function timeZone(files: MachineFiles): string | undefined {
  return /\/zoneinfo(?:\.default)?\/(.+)$/.exec(files.resolve('/etc/localtime') ?? '')?.[1];
}

type Proxies = NonNullable<FactsDocument['proxies']>;

/** Of every network service that is in use; an address is never with its password there. */
function networkProxies(network: PlistDict | undefined): Proxies {
  const services = dictOf(valueAt(network, 'NetworkServices')) ?? {};
  const found = Object.values(services).flatMap((value): Proxies => {
    const service = dictOf(value);
    if (valueAt(service, '__INACTIVE__') === 1) return [];
    const proxies = dictOf(valueAt(service, 'Proxies'));
    return [...manualProxies(proxies), ...automaticProxy(proxies)];
  });
  const seen = new Map(found.map((proxy) => [`${proxy.server} ${proxy.enabled}`, proxy]));
  return [...seen.values()].slice(0, 50);
}

function manualProxies(proxies: PlistDict | undefined): Proxies {
  return ['HTTPS', 'HTTP', 'SOCKS'].flatMap((kind): Proxies => {
    const server = textAt(proxies, `${kind}Proxy`);
    if (server === undefined) return [];
    const port = valueAt(proxies, `${kind}Port`);
    return [
      {
        scope: 'system',
        server: typeof port === 'number' ? `${server}:${port}` : server,
        enabled: valueAt(proxies, `${kind}Enable`) === 1,
        source: { file: networkFile },
      },
    ];
  });
}

function automaticProxy(proxies: PlistDict | undefined): Proxies {
  const server = textAt(proxies, 'ProxyAutoConfigURLString');
  if (server === undefined) return [];
  const enabled = valueAt(proxies, 'ProxyAutoConfigEnable') === 1;
  return [{ scope: 'system', server, enabled, source: { file: networkFile } }];
}
