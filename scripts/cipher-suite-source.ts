/** The text of src/tls/cipher-suite-table.ts, made from the rows of the registry copy. */

const head = `// biome-ignore-all format: one line for each suite reads as the table that it is
/**
 * Every cipher suite of the IANA registry, the historic ones outside it, and the SSLv2 kinds.
 * Written by scripts/build-cipher-suites.ts from cipher-suites.tsv: edit that and run the script.
 * Source: IANA TLS parameters (2026), Mozilla Server Side TLS, OpenSSL's ciphers(1), RFC 6101.
 */

import type { CipherSuite } from './cipher-suites.ts';

export const cipherSuiteTable = [
`;

/**
 * @param tsv the registry copy, with its header row
 * @returns TypeScript source
 * @throws Error on a row without all its columns
 */
export function renderCipherSuiteTable(tsv: string): string {
  const [header = '', ...rows] = tsv.trimEnd().split('\n');
  const columns = header.split('\t');
  return `${head}${rows.map((row) => renderRow(columns, row.split('\t'))).join('')}] as const satisfies readonly CipherSuite[];\n`;
}

function renderRow(columns: readonly string[], cells: readonly string[]): string {
  const cell = (name: string): string => {
    const value = cells[columns.indexOf(name)];
    if (value === undefined) throw new Error(`${cells[0]}: column ${name} is missing`);
    return value;
  };
  const text = (name: string): string => (cell(name) === '-' ? 'undefined' : quote(cell(name)));
  const flag = (name: string): boolean => cell(name) === '1';
  const fields = [
    `code: ${cell('code').toLowerCase()}`,
    `name: ${quote(cell('iana'))}`,
    `openssl: ${text('openssl')}`,
    `keyExchange: ${text('kx')}`,
    `authentication: ${text('auth')}`,
    `encryption: ${text('enc')}`,
    `bits: ${Number(cell('bits') === '-' ? 0 : cell('bits'))}`,
    `mac: ${text('mac')}`,
    `aead: ${flag('aead')}`,
    `forwardSecret: ${flag('fs')}`,
    `min: ${version(cell('min'))}`,
    `max: ${version(cell('max'))}`,
    `strength: ${quote(cell('class'))}`,
    `recommended: ${cell('iana_recommended') === 'Y'}`,
    `mozilla: ${text('mozilla')}`,
    `inNode: ${flag('node26')}`,
  ];
  return `  { ${fields.join(', ')} },\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`;
}

function version(text: string): string {
  const codes: Readonly<Record<string, string>> = {
    SSL2: '0x0002',
    SSL3: '0x0300',
    '1.0': '0x0301',
    '1.1': '0x0302',
    '1.2': '0x0303',
    '1.3': '0x0304',
  };
  return codes[text] ?? 'undefined';
}
