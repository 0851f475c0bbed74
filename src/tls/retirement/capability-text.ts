/** Capabilities and what replaces them, as people read them. */

import type { Language } from '../reasons.ts';
import type { Capability } from './plan.ts';

interface CapabilityText {
  /** As the subject of a sentence, in the singular. */
  readonly name: string;
  /** What to use instead. */
  readonly instead: string;
}

const texts: Readonly<Record<Language, Readonly<Record<Capability, CapabilityText>>>> = {
  en: {
    'tls1.0': { name: 'TLS 1.0', instead: 'TLS 1.2 or newer' },
    'tls1.1': { name: 'TLS 1.1', instead: 'TLS 1.2 or newer' },
    'tls1.2': { name: 'TLS 1.2', instead: 'TLS 1.3' },
    '3des': { name: '3DES encryption', instead: 'cipher suites with AES-GCM or ChaCha20' },
    rc4: { name: 'RC4 encryption', instead: 'cipher suites with AES-GCM or ChaCha20' },
    cbc: { name: 'CBC encryption', instead: 'cipher suites with AES-GCM or ChaCha20' },
    'static-rsa': { name: 'RSA key exchange', instead: 'cipher suites with ECDHE' },
    sha1: { name: 'signing with SHA-1', instead: 'TLS 1.2 or newer with SHA-256 signatures' },
    'no-pq': {
      name: 'key exchange without post-quantum protection',
      instead: 'TLS 1.3 with X25519MLKEM768',
    },
  },
  'zh-CN': {
    'tls1.0': { name: 'TLS 1.0', instead: 'TLS 1.2 或更高版本' },
    'tls1.1': { name: 'TLS 1.1', instead: 'TLS 1.2 或更高版本' },
    'tls1.2': { name: 'TLS 1.2', instead: 'TLS 1.3' },
    '3des': { name: '3DES 加密', instead: '使用 AES-GCM 或 ChaCha20 的密码套件' },
    rc4: { name: 'RC4 加密', instead: '使用 AES-GCM 或 ChaCha20 的密码套件' },
    cbc: { name: 'CBC 加密', instead: '使用 AES-GCM 或 ChaCha20 的密码套件' },
    'static-rsa': { name: 'RSA 密钥交换', instead: '使用 ECDHE 的密码套件' },
    sha1: { name: 'SHA-1 签名', instead: '使用 SHA-256 签名的 TLS 1.2 或更高版本' },
    'no-pq': { name: '不带后量子保护的密钥交换', instead: '使用 X25519MLKEM768 的 TLS 1.3' },
  },
};

export function capabilityName(capability: Capability, language: Language = 'en'): string {
  return texts[language][capability].name;
}

/** What a client uses once the capability has ended. */
export function replacementOf(capability: Capability, language: Language = 'en'): string {
  return texts[language][capability].instead;
}
