/** Why a negotiation came out as it did: rules with their facts, and their texts for people. */

import { cipherSuiteName } from './cipher-suites.ts';
import { groupName } from './groups.ts';
import { signatureSchemeName } from './signature-schemes.ts';
import { versionName } from './versions.ts';

/** One step of the decision. Codes are of the registries; a list is what was compared. */
export type Reason =
  | {
      readonly rule: 'version/chosen';
      readonly version: number;
      readonly offered: readonly number[];
    }
  | {
      readonly rule: 'version/none-in-common';
      readonly offered: readonly number[];
      readonly accepted: readonly number[];
    }
  | { readonly rule: 'version/ssl-only' }
  | { readonly rule: 'version/fallback-signal'; readonly version: number; readonly best: number }
  | { readonly rule: 'suite/chosen'; readonly suite: number; readonly order: 'server' | 'client' }
  | { readonly rule: 'suite/passed-over'; readonly suite: number; readonly cause: SuiteObstacle }
  | { readonly rule: 'suite/none-in-common'; readonly offered: readonly number[] }
  | { readonly rule: 'group/chosen'; readonly group: number; readonly byShare: boolean }
  | { readonly rule: 'group/retry'; readonly group: number; readonly shares: readonly number[] }
  | { readonly rule: 'group/none-in-common'; readonly offered: readonly number[] }
  | { readonly rule: 'group/share-not-offered'; readonly group: number }
  | { readonly rule: 'extension/missing'; readonly extension: string }
  | { readonly rule: 'signature/chosen'; readonly scheme: number; readonly certificate: string }
  | { readonly rule: 'signature/none-in-common'; readonly offered: readonly number[] }
  | { readonly rule: 'alpn/none-in-common'; readonly offered: readonly string[] };

/** What kept a suite that both sides list from being used. */
export type SuiteObstacle =
  | 'not-built'
  | 'certificate'
  | 'no-shared-group'
  | 'certificate-curve'
  | 'no-dh-parameters'
  | 'key-exchange';

export type Language = 'en' | 'zh-CN';

const obstacles: Readonly<Record<Language, Readonly<Record<SuiteObstacle, string>>>> = {
  en: {
    'not-built': "the server's OpenSSL is built without it",
    certificate: 'the server has no certificate whose key fits it',
    'no-shared-group': 'there is no elliptic curve in common for it',
    'certificate-curve': "the client does not list the curve of the server's certificate",
    'no-dh-parameters': 'the server has no Diffie-Hellman parameters',
    'key-exchange': 'the server does not do its key exchange',
  },
  'zh-CN': {
    'not-built': '服务器的 OpenSSL 未编译此套件',
    certificate: '服务器没有与其密钥类型相符的证书',
    'no-shared-group': '双方没有共同的椭圆曲线',
    'certificate-curve': '客户端未列出服务器证书所用的曲线',
    'no-dh-parameters': '服务器没有 Diffie-Hellman 参数',
    'key-exchange': '服务器不支持其密钥交换',
  },
};

/** The reason as a sentence without a full stop. */
export function reasonText(reason: Reason, language: Language = 'en'): string {
  return language === 'en' ? english(reason) : chinese(reason);
}

function english(reason: Reason): string {
  switch (reason.rule) {
    case 'version/chosen':
      return `${versionName(reason.version)} is the highest version of both sides (the client offers ${names(reason.offered, versionName)})`;
    case 'version/none-in-common':
      return `no version in common: the client offers ${names(reason.offered, versionName)}, the server accepts ${names(reason.accepted, versionName)}`;
    case 'version/ssl-only':
      return 'the client speaks SSL only, which has no alert for protocol versions';
    case 'version/fallback-signal':
      return `the client says that it lowered its version (TLS_FALLBACK_SCSV), but the server supports ${versionName(reason.best)}, more than ${versionName(reason.version)}`;
    case 'suite/chosen':
      return `${cipherSuiteName(reason.suite)} is the first usable suite in the order of the ${reason.order}`;
    case 'suite/passed-over':
      return `${cipherSuiteName(reason.suite)} is passed over: ${obstacles.en[reason.cause]}`;
    case 'suite/none-in-common':
      return `no usable cipher suite in common: the client offers ${names(reason.offered, cipherSuiteName)}`;
    case 'group/chosen':
      return `${groupName(reason.group)} is the preferred group${reason.byShare ? ' for which the client sent a key share' : ' of both sides'}`;
    case 'group/retry':
      return `the server asks for ${groupName(reason.group)} by HelloRetryRequest: the client sent key shares for ${names(reason.shares, groupName)}`;
    case 'group/none-in-common':
      return `no group in common: the client offers ${names(reason.offered, groupName)}`;
    case 'group/share-not-offered':
      return `the client sent a key share for ${groupName(reason.group)}, which it does not list`;
    case 'extension/missing':
      return `the client did not send the extension ${reason.extension}, which TLS 1.3 demands`;
    case 'signature/chosen':
      return `${signatureSchemeName(reason.scheme)} signs with the ${reason.certificate} certificate`;
    case 'signature/none-in-common':
      return `no usable signature scheme in common: the client offers ${names(reason.offered, signatureSchemeName)}`;
    case 'alpn/none-in-common':
      return `no application protocol in common: the client offers ${reason.offered.join(', ')}`;
  }
}

function chinese(reason: Reason): string {
  switch (reason.rule) {
    case 'version/chosen':
      return `${versionName(reason.version)} 是双方都支持的最高版本（客户端提供 ${names(reason.offered, versionName)}）`;
    case 'version/none-in-common':
      return `没有共同的版本：客户端提供 ${names(reason.offered, versionName)}，服务器接受 ${names(reason.accepted, versionName)}`;
    case 'version/ssl-only':
      return '客户端只支持 SSL，而 SSL 没有表示协议版本的警报';
    case 'version/fallback-signal':
      return `客户端表示已降低版本（TLS_FALLBACK_SCSV），但服务器支持的 ${versionName(reason.best)} 高于 ${versionName(reason.version)}`;
    case 'suite/chosen':
      return `按${reason.order === 'server' ? '服务器' : '客户端'}的顺序，${cipherSuiteName(reason.suite)} 是第一个可用的密码套件`;
    case 'suite/passed-over':
      return `跳过 ${cipherSuiteName(reason.suite)}：${obstacles['zh-CN'][reason.cause]}`;
    case 'suite/none-in-common':
      return `没有可用的共同密码套件：客户端提供 ${names(reason.offered, cipherSuiteName)}`;
    case 'group/chosen':
      return `${groupName(reason.group)} 是首选的组${reason.byShare ? '（客户端已发送其密钥份额）' : ''}`;
    case 'group/retry':
      return `服务器用 HelloRetryRequest 要求 ${groupName(reason.group)}：客户端发送的密钥份额为 ${names(reason.shares, groupName)}`;
    case 'group/none-in-common':
      return `没有共同的组：客户端提供 ${names(reason.offered, groupName)}`;
    case 'group/share-not-offered':
      return `客户端发送了 ${groupName(reason.group)} 的密钥份额，却没有列出该组`;
    case 'extension/missing':
      return `客户端没有发送 TLS 1.3 必需的扩展 ${reason.extension}`;
    case 'signature/chosen':
      return `用 ${reason.certificate} 证书以 ${signatureSchemeName(reason.scheme)} 签名`;
    case 'signature/none-in-common':
      return `没有可用的共同签名方案：客户端提供 ${names(reason.offered, signatureSchemeName)}`;
    case 'alpn/none-in-common':
      return `没有共同的应用协议：客户端提供 ${reason.offered.join('、')}`;
  }
}

function names(codes: readonly number[], nameOf: (code: number) => string): string {
  return codes.length === 0 ? '–' : codes.map(nameOf).join(', ');
}
