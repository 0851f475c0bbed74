/** What a client needs, as a sentence: the setting or the release that brings it. */

import { cipherSuiteName, findCipherSuite } from '../cipher-suites.ts';
import { groupName } from '../groups.ts';
import type { Language } from '../reasons.ts';
import { signatureSchemeName } from '../signature-schemes.ts';
import { tls12, tls13, versionName } from '../versions.ts';
import type { Need, StackFamily } from './needs.ts';

/** Names beyond this many are left out: the first ones are those that the server prefers. */
const maxNames = 4;

/**
 * Without a full stop.
 * @param family where the program's TLS comes from; every family is named when it is not known
 */
export function needText(
  need: Need,
  {
    family,
    language = 'en',
  }: { readonly family?: StackFamily | undefined; readonly language?: Language } = {},
): string {
  const words = language === 'en' ? english : chinese;
  const hints = hintsOf(need, family).map((hint) => hint[language === 'en' ? 0 : 1]);
  const what = words(need);
  if (hints.length === 0) return what;
  return language === 'en' ? `${what}: ${hints.join('; ')}` : `${what}：${hints.join('；')}`;
}

function english(need: Need): string {
  switch (need.kind) {
    case 'version':
      return `${versionName(need.version)}${need.version === tls13 ? '' : ' or newer'}`;
    case 'suites':
      return `a cipher suite of ${versionName(need.version)} such as ${names(need.suites, suiteName)}`;
    case 'groups':
      return `a key exchange group such as ${names(need.groups, groupName)}`;
    case 'signatures':
      return `a signature scheme such as ${names(need.schemes, signatureSchemeName)}`;
    case 'extension':
      return `a TLS library that sends the extension ${need.extension}, as TLS 1.3 demands`;
    case 'no-fallback':
      return 'no fallback: the client, or something on the way, lowers the version of its hello';
    case 'repair':
      return 'a repaired TLS library: its hello contradicts itself';
  }
}

function chinese(need: Need): string {
  switch (need.kind) {
    case 'version':
      return `${versionName(need.version)}${need.version === tls13 ? '' : ' 或更高版本'}`;
    case 'suites':
      return `${versionName(need.version)} 的密码套件，例如 ${names(need.suites, suiteName)}`;
    case 'groups':
      return `密钥交换组，例如 ${names(need.groups, groupName)}`;
    case 'signatures':
      return `签名方案，例如 ${names(need.schemes, signatureSchemeName)}`;
    case 'extension':
      return `会发送 TLS 1.3 必需的扩展 ${need.extension} 的 TLS 库`;
    case 'no-fallback':
      return '不降级：客户端或途中的设备降低了其 hello 的版本';
    case 'repair':
      return '修复后的 TLS 库：其 hello 自相矛盾';
  }
}

function suiteName(code: number): string {
  return findCipherSuite(code)?.openssl ?? cipherSuiteName(code);
}

function names(codes: readonly number[], nameOf: (code: number) => string): string {
  return codes.slice(0, maxNames).map(nameOf).join(', ');
}

/** In English and in Chinese. */
type Hint = readonly [string, string];
type Hints = Readonly<Partial<Record<StackFamily, Hint>>>;

/**
 * Sources: Microsoft, "Protocols in TLS/SSL (Schannel SSP)", KB3140245, KB4019276, ".NET Framework TLS
 * best practices"; Oracle, "JRE and JDK Cryptographic Roadmap"; the release notes of OpenSSL 1.0.1, 1.1.1
 * and 3.5, GnuTLS 3.6.3, Go 1.12, 1.13 and 1.24, Node 12 and 24.
 */
const hintsFor12: Hints = {
  windows: [
    'Windows: switch TLS 1.2 on in SChannel and WinHTTP (7 and Server 2008 R2: KB3140245, Server 2008: KB4019276)',
    'Windows：在 SChannel 和 WinHTTP 中启用 TLS 1.2（7 和 Server 2008 R2：KB3140245，Server 2008：KB4019276）',
  ],
  dotnet: [
    '.NET: version 4.7 or newer, or SchUseStrongCrypto and SystemDefaultTlsVersions in the registry',
    '.NET：4.7 或更高版本，或在注册表中设置 SchUseStrongCrypto 和 SystemDefaultTlsVersions',
  ],
  java: [
    'Java: 8 or newer (7 has TLS 1.2, but off for clients)',
    'Java：8 或更高版本（7 带有 TLS 1.2，但客户端默认关闭）',
  ],
  openssl: ['OpenSSL: 1.0.1 or newer', 'OpenSSL：1.0.1 或更高版本'],
};

const hintsFor13: Hints = {
  windows: [
    'Windows: 11 or Server 2022 or newer; older SChannel has no TLS 1.3',
    'Windows：11 或 Server 2022 或更高版本；更早的 SChannel 不支持 TLS 1.3',
  ],
  dotnet: [
    '.NET: it takes TLS 1.3 from Windows 11 or Server 2022 or newer',
    '.NET：TLS 1.3 来自 Windows 11 或 Server 2022 或更高版本',
  ],
  java: ['Java: 11 or newer, or 8u341', 'Java：11 或更高版本，或 8u341'],
  openssl: ['OpenSSL: 1.1.1 or newer', 'OpenSSL：1.1.1 或更高版本'],
  gnutls: ['GnuTLS: 3.6.3 or newer', 'GnuTLS：3.6.3 或更高版本'],
  go: ['Go: built with 1.13 or newer', 'Go：用 1.13 或更高版本编译'],
  node: ['Node: 12 or newer', 'Node：12 或更高版本'],
};

const hintsForHybrids: Hints = {
  openssl: ['OpenSSL: 3.5 or newer', 'OpenSSL：3.5 或更高版本'],
  go: ['Go: built with 1.24 or newer', 'Go：用 1.24 或更高版本编译'],
  node: ['Node: 24.5 or newer', 'Node：24.5 或更高版本'],
};

const hintsForSuites: Hints = {
  windows: [
    'Windows 7 to 8.1 and Server 2008 R2 to 2012 R2 have AES-GCM with ECDHE for ECDSA certificates only: give the server one, or update Windows',
    'Windows 7 至 8.1 和 Server 2008 R2 至 2012 R2 仅对 ECDSA 证书提供 ECDHE 的 AES-GCM：请为服务器配置该类证书，或更新 Windows',
  ],
  java: [
    'Java: 8u161 or newer, which has AES-GCM and AES-256',
    'Java：8u161 或更高版本，带有 AES-GCM 和 AES-256',
  ],
  openssl: ['OpenSSL: 1.0.1 or newer', 'OpenSSL：1.0.1 或更高版本'],
};

function hintsOf(need: Need, family: StackFamily | undefined): Hint[] {
  const table = tableOf(need);
  const own = family === undefined ? undefined : table[family];
  if (own !== undefined) return [own];
  return family === undefined ? Object.values(table) : [];
}

function tableOf(need: Need): Hints {
  switch (need.kind) {
    case 'version':
      return need.version === tls13 ? hintsFor13 : need.version === tls12 ? hintsFor12 : {};
    case 'suites':
      return need.version === tls12 ? hintsForSuites : {};
    case 'groups':
      return need.postQuantum ? hintsForHybrids : {};
    default:
      return {};
  }
}
