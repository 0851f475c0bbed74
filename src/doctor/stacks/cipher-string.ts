/**
 * OpenSSL's cipher strings (openssl-ciphers(1)): which suites below TLS 1.3 a string leaves, in order.
 * Covers what configurations use: lists of words, `+` inside a word, `!`, `-`, `+` before one,
 * `@STRENGTH`, `@SECLEVEL=n`, `DEFAULT` at the beginning. An unknown word selects nothing, as in OpenSSL.
 */

import { tls10, tls12 } from '../../tls/versions.ts';
import type { OpensslSuite } from './openssl-suites.ts';
import { byStrength, opensslSuites } from './openssl-suites.ts';

export interface CipherList {
  readonly suites: readonly OpensslSuite[];
  /** undefined when the string does not set one. */
  readonly securityLevel: number | undefined;
  /** Words that select nothing: misspelt, or of suites that this build lacks. */
  readonly unknown: readonly string[];
}

const defaultString = 'ALL:!COMPLEMENTOFDEFAULT:!eNULL';
/** Red Hat's word for the system policy, which stands in the configuration by then. */
const profileWord = /^PROFILE=[A-Z]+/;
const maxLength = 20_000;

type Test = (suite: OpensslSuite) => boolean;

const keyExchange =
  (...names: readonly string[]): Test =>
  (suite) =>
    names.includes(suite.keyExchange);
const authentication =
  (name: string): Test =>
  (suite) =>
    suite.authentication === name;
const encryption =
  (pattern: RegExp): Test =>
  (suite) =>
    pattern.test(suite.encryption);
const mac =
  (name: string): Test =>
  (suite) =>
    suite.mac === name;
const all =
  (...tests: readonly Test[]): Test =>
  (suite) =>
    tests.every((matches) => matches(suite));
const not =
  (matches: Test): Test =>
  (suite) =>
    !matches(suite);

const isNull = encryption(/^NULL$/);
const isAnonymous = authentication('anon');
const ephemeralDh = all(keyExchange('DHE'), not(isAnonymous));
const ephemeralEcdh = all(keyExchange('ECDHE'), not(isAnonymous));
const nothing: Test = () => false;

const words: Readonly<Record<string, Test>> = {
  ALL: not(isNull),
  COMPLEMENTOFALL: isNull,
  COMPLEMENTOFDEFAULT: all(not(isNull), (suite) => !suite.isDefault),
  kRSA: keyExchange('RSA'),
  RSA: all(keyExchange('RSA'), authentication('RSA')),
  aRSA: authentication('RSA'),
  kDHE: keyExchange('DHE'),
  kEDH: keyExchange('DHE'),
  DH: keyExchange('DHE'),
  DHE: ephemeralDh,
  EDH: ephemeralDh,
  kECDHE: keyExchange('ECDHE'),
  kEECDH: keyExchange('ECDHE'),
  ECDH: keyExchange('ECDHE'),
  ECDHE: ephemeralEcdh,
  EECDH: ephemeralEcdh,
  ADH: all(keyExchange('DHE'), isAnonymous),
  AECDH: all(keyExchange('ECDHE'), isAnonymous),
  aNULL: isAnonymous,
  aDSS: authentication('DSS'),
  DSS: authentication('DSS'),
  aECDSA: authentication('ECDSA'),
  ECDSA: authentication('ECDSA'),
  aPSK: authentication('PSK'),
  kPSK: keyExchange('PSK'),
  kRSAPSK: keyExchange('RSA_PSK'),
  kDHEPSK: keyExchange('DHE_PSK'),
  kECDHEPSK: keyExchange('ECDHE_PSK'),
  PSK: keyExchange('PSK', 'RSA_PSK', 'DHE_PSK', 'ECDHE_PSK'),
  kSRP: keyExchange('SRP'),
  SRP: keyExchange('SRP'),
  aSRP: authentication('SRP'),
  eNULL: isNull,
  NULL: isNull,
  AES: encryption(/^AES-/),
  AES128: encryption(/^AES-128/),
  AES256: encryption(/^AES-256/),
  AESGCM: encryption(/^AES-\d+-GCM$/),
  AESCCM: encryption(/^AES-\d+-CCM8?$/),
  AESCCM8: encryption(/^AES-\d+-CCM8$/),
  CHACHA20: encryption(/^CHACHA20/),
  CAMELLIA: encryption(/^CAMELLIA-/),
  CAMELLIA128: encryption(/^CAMELLIA-128/),
  CAMELLIA256: encryption(/^CAMELLIA-256/),
  ARIA: encryption(/^ARIA-/),
  ARIAGCM: encryption(/^ARIA-/),
  ARIA128: encryption(/^ARIA-128/),
  ARIA256: encryption(/^ARIA-256/),
  MD5: mac('MD5'),
  SHA1: mac('SHA'),
  SHA: mac('SHA'),
  SHA256: mac('SHA256'),
  SHA384: mac('SHA384'),
  TLSv1: ({ min }) => min === tls10,
  'TLSv1.0': ({ min }) => min === tls10,
  'TLSv1.2': ({ min }) => min === tls12,
  SSLv3: ({ min }) => min < tls10,
  HIGH: not(isNull),
  FIPS: all(encryption(/^AES-\d+-(?:GCM|CBC)$/), not(keyExchange('SRP'))),
  // Classes of suites that usual builds do not have: known words that select nothing.
  ...Object.fromEntries(
    [
      'MEDIUM',
      'LOW',
      'EXPORT',
      'EXP',
      'EXPORT40',
      'EXPORT56',
      '3DES',
      'DES',
      'RC4',
      'RC2',
      'IDEA',
      'SEED',
      'kDH',
      'kDHr',
      'kDHd',
      'kECDH',
      'kECDHr',
      'kECDHe',
      'aDH',
      'aECDH',
      'GOST',
      'kGOST',
      'aGOST',
      'KRB5',
      'kKRB5',
      'aKRB5',
      'SSLv2',
      'CBC3',
      'FZA',
      'aFZA',
      'eFZA',
    ].map((word): [string, Test] => [word, nothing]),
  ),
};

const byName: ReadonlyMap<string, OpensslSuite> = new Map(
  opensslSuites.map((suite): [string, OpensslSuite] => [suite.name, suite]),
);

/** @param weakCcm8 from 3.2 on CCM8 is not part of `HIGH` and `DEFAULT` */
export function parseCipherString(
  text: string,
  { weakCcm8 = false }: { readonly weakCcm8?: boolean } = {},
): CipherList {
  const chooser = new Chooser({ weakCcm8 });
  let rest = text.slice(0, maxLength).replace(profileWord, '');
  const startsWithDefault = rest.startsWith('DEFAULT') || rest !== text;
  if (startsWithDefault) {
    chooser.apply(defaultString);
    rest = rest.replace(/^DEFAULT/, '');
  }
  chooser.apply(rest);
  return chooser.result();
}

interface Entry {
  readonly suite: OpensslSuite;
  readonly active: boolean;
}

/** The list while a string works on it: suites that are in, suites that may yet come, none that is killed. */
class Chooser {
  #entries: Entry[] = opensslSuites.map((suite) => ({ suite, active: false }));
  #securityLevel: number | undefined;
  readonly #unknown: string[] = [];
  readonly #weakCcm8: boolean;

  constructor({ weakCcm8 }: { readonly weakCcm8: boolean }) {
    this.#weakCcm8 = weakCcm8;
  }

  result(): CipherList {
    const suites = this.#entries.flatMap(({ suite, active }) => (active ? [suite] : []));
    return { suites, securityLevel: this.#securityLevel, unknown: this.#unknown };
  }

  apply(text: string): void {
    for (const [, sign = '', word = ''] of text.matchAll(/([-+!@]?)([A-Za-z0-9._=+-]+)/g)) {
      if (sign === '@') this.#special(word);
      else this.#select(sign, word);
    }
  }

  #special(word: string): void {
    const level = /^SECLEVEL=([0-5])$/.exec(word)?.[1];
    if (level !== undefined) this.#securityLevel = Number(level);
    if (word !== 'STRENGTH') return;
    const active = this.#entries.filter((entry) => entry.active);
    const sorted = byStrength(active.map(({ suite }) => suite));
    this.#entries = [
      ...this.#entries.filter((entry) => !entry.active),
      ...sorted.map((suite) => ({ suite, active: true })),
    ];
  }

  #select(sign: string, word: string): void {
    const tests = word.split('+').map((part) => this.#testOf(part));
    const known = tests.filter((test) => test !== undefined);
    if (known.length < tests.length) {
      this.#unknown.push(word);
      return;
    }
    const matches = all(...known);
    const chosen = this.#entries.filter(({ suite }) => matches(suite));
    const others = this.#entries.filter(({ suite }) => !matches(suite));
    switch (sign) {
      case '!':
        this.#entries = others;
        break;
      case '-':
        // What is taken out last comes first if it is added again.
        this.#entries = this.#move(
          ({ suite, active }) => active && matches(suite),
          (moved, kept) => [...moved.map(({ suite }) => ({ suite, active: false })), ...kept],
        );
        break;
      case '+':
        this.#entries = this.#move(
          ({ suite, active }) => active && matches(suite),
          (moved, kept) => [...kept, ...moved],
        );
        break;
      default:
        if (chosen.length === 0) return;
        this.#entries = this.#move(
          ({ suite, active }) => !active && matches(suite),
          (moved, kept) => [...kept, ...moved.map(({ suite }) => ({ suite, active: true }))],
        );
    }
  }

  #move(
    isMoved: (entry: Entry) => boolean,
    join: (moved: Entry[], kept: Entry[]) => Entry[],
  ): Entry[] {
    return join(
      this.#entries.filter(isMoved),
      this.#entries.filter((entry) => !isMoved(entry)),
    );
  }

  #testOf(word: string): Test | undefined {
    const suite = byName.get(word);
    if (suite !== undefined) return ({ code }) => code === suite.code;
    const test = Object.hasOwn(words, word) ? words[word] : undefined;
    if (test === undefined || !this.#weakCcm8) return test;
    if (word === 'HIGH') return all(test, not(encryption(/CCM8$/)));
    return test;
  }
}
