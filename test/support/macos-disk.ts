/**
 * A macOS as its disk shows it, laid out as Apple, Homebrew, python.org and the JDKs do. Libraries hold only
 * the marks by which their versions are found.
 */

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, buildBinary } from 'plist';

export interface MacosDisk {
  readonly version: string;
  readonly build?: string;
  /** The network's settings as a binary property list, as macOS writes them. */
  readonly binary?: boolean;
  readonly homebrew?: boolean;
}

const marks = (...texts: readonly string[]): Buffer =>
  Buffer.from(`\xcf\xfa\xed\xfe\x0c\0\0\x01${texts.join('\0')}\0`, 'latin1');

export function makeMacosDisk(root: string, disk: MacosDisk): void {
  const { version, binary = true } = disk;
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const link = (path: string, target: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  };
  const system = {
    ProductName: version.startsWith('10.') ? 'Mac OS X' : 'macOS',
    ProductVersion: version,
    ProductBuildVersion: disk.build ?? '23F79',
  };
  write('System/Library/CoreServices/SystemVersion.plist', build(system));
  const network = {
    System: { Network: { HostNames: { LocalHostName: 'studio-4' } } },
    NetworkServices: {
      'A-1': {
        Proxies: {
          ...{ HTTPSEnable: 1, HTTPSProxy: 'proxy.corp.example', HTTPSPort: 3128 },
          ...{ ProxyAutoConfigEnable: 0, ProxyAutoConfigURLString: 'http://wpad/wpad.dat' },
        },
      },
      'B-2': { __INACTIVE__: 1, Proxies: { HTTPProxy: 'old.example', HTTPEnable: 1 } },
    },
  };
  write(
    'Library/Preferences/SystemConfiguration/preferences.plist',
    binary ? new Uint8Array(buildBinary(network)) : build(network),
  );
  link('etc', 'private/etc');
  link('private/etc/localtime', '/private/var/db/timezone/zoneinfo/Europe/Berlin');
  write('private/var/db/timezone/zoneinfo/Europe/Berlin', 'TZif2');
  const java = 'Library/Java/JavaVirtualMachines/temurin-17.jdk/Contents/Home';
  write(`${java}/release`, 'JAVA_VERSION="17.0.11"\nIMPLEMENTOR="Eclipse Adoptium"\n');
  write(
    `${java}/conf/security/java.security`,
    'jdk.tls.disabledAlgorithms=SSLv3, TLSv1, TLSv1.1\n',
  );
  const python = 'Library/Frameworks/Python.framework/Versions/3.12';
  write(`${python}/bin/python3.12`, marks('python'));
  write(`${python}/lib/libcrypto.3.dylib`, opensslLibrary('3.0.13 30 Jan 2024', `/${python}/etc`));
  if (disk.homebrew === true) makeHomebrew({ write, link });
}

function opensslLibrary(version: string, folder: string): Buffer {
  return marks(`OpenSSL ${version}`, `OPENSSLDIR: "${folder}"`, 'compiler: clang -O3');
}

function makeHomebrew({
  write,
  link,
}: {
  readonly write: (path: string, content: string | Uint8Array) => void;
  readonly link: (path: string, target: string) => void;
}): void {
  const cellar = 'opt/homebrew/Cellar';
  write('opt/homebrew/bin/brew', '#!/bin/bash\n');
  write(
    `${cellar}/openssl@3/3.3.1/lib/libcrypto.3.dylib`,
    opensslLibrary('3.3.1 4 Jun 2024', '/opt/homebrew/etc/openssl@3'),
  );
  link('opt/homebrew/opt/openssl@3', '../Cellar/openssl@3/3.3.1');
  // Homebrew's formula is a second name of the same folder.
  link('opt/homebrew/opt/openssl', '../Cellar/openssl@3/3.3.1');
  write(
    'opt/homebrew/etc/openssl@3/openssl.cnf',
    'openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = tls\n[tls]\nMaxProtocol = TLSv1.1\n',
  );
  write(
    `${cellar}/node/22.3.0/bin/node`,
    marks('https://nodejs.org/download/release/v22.3.0/node-v22.3.0.tar.gz'),
  );
  link('opt/homebrew/bin/node', '../Cellar/node/22.3.0/bin/node');
  write(`${cellar}/python@3.11/3.11.9/bin/python3.11`, marks('python'));
  link('opt/homebrew/opt/python@3.11', '../Cellar/python@3.11/3.11.9');
  const jdk = `${cellar}/openjdk@21/21.0.3/libexec/openjdk.jdk/Contents/Home`;
  write(`${jdk}/release`, 'JAVA_VERSION="21.0.3"\n');
  write(`${jdk}/conf/security/java.security`, 'jdk.tls.disabledAlgorithms=SSLv3, TLSv1, TLSv1.1\n');
  link('opt/homebrew/opt/openjdk@21', '../Cellar/openjdk@21/21.0.3');
}
